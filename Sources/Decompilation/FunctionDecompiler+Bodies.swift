import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import Structuring

// Bodies as far as they are understood.
extension FunctionDecompiler {
  /// A function as it is reported.
  struct Subject {
    let name: String
    /// What its results are kept under: the address of its definition, or of its code.
    let key: UInt64
    /// Where its wrapper starts.
    let address: UInt64
    let code: CodeObject?
    /// What is not known of it besides its body.
    let unknown: NotUnderstood?
  }

  /// The body of a function as far as it is understood, and a report of how far that is.
  ///
  /// - Parameters:
  ///   - subject: the function.
  ///   - start: where its own code starts.
  ///   - otherwise: what can be written of one that is not understood at all.
  /// - Returns: its statements; those of an outline raise an error.
  func recoveredBody(
    of subject: Subject, from start: (CodeObject) throws(NotUnderstood) -> EntryState,
    otherwise: () -> [Statement]
  ) -> [Statement] {
    func report(_ rung: Rung, _ problem: NotUnderstood?) {
      reports.append(
        FunctionReport(
          name: subject.name, line: subject.code?.firstLine.nonZero, address: subject.address,
          rung: rung, reason: problem?.reason, reasonAddress: problem?.address))
    }
    if let reason = supervision.reasonToSkip(subject.address) {
      let problem = NotUnderstood(reason, at: subject.address)
      report(.outline, problem)
      return Self.missingBody(problem)
    }
    var problem: NotUnderstood
    do {
      guard let code = subject.code else {
        throw NotUnderstood("a function without a code object", at: subject.address)
      }
      let start = try start(code)
      do {
        let body = try strictBody(from: start, code)
        cLines[subject.key] = lastCLines
        if let unknown = subject.unknown {
          report(.partial, unknown)
          let comment = Statement(.comment, comments: ["decython: partial: \(unknown.reason)"])
          return [comment] + body.withoutFinalReturn
        }
        report(.structured, nil)
        return body.withoutFinalReturn
      } catch {
        problem = error
      }
      if let body = try? body(from: start, scope: .function(code), isLenient: true) {
        report(.partial, problem)
        return Self.partialBody(body.withoutFinalReturn, problem)
      }
    } catch {
      problem = error as? NotUnderstood ?? NotUnderstood("an internal error: \(error)")
    }
    report(.outline, problem)
    return otherwise() + Self.missingBody(problem)
  }

  /// A body whose every step was understood.
  private func strictBody(
    from start: EntryState, _ code: CodeObject
  ) throws(NotUnderstood) -> [Statement] {
    let body = try body(from: start, scope: .function(code), isLenient: false)
    guard !body.readUnassigned(ownVariables(start, code)) else {
      throw NotUnderstood("a value that no variable holds", at: start.snapshot.address)
    }
    guard !body.copyOpenTemporaries else {
      throw NotUnderstood("a variable that may hold nothing", at: start.snapshot.address)
    }
    // Generators and asynchronous generators: Include/cpython/code.h.
    guard code.flags & 0x220 == 0 || body.yield else {
      throw NotUnderstood("a generator without a yield", at: start.snapshot.address)
    }
    return body
  }

  /// A body with what keeps it from being understood; it must not run as if nothing did.
  private static func partialBody(
    _ body: [Statement], _ problem: NotUnderstood
  ) -> [Statement] {
    let comment = Statement(.comment, comments: ["decython: partial: \(problem.reason)"])
    guard !body.mentionNotUnderstood else { return [comment] + body }
    return [comment, Statement(.expression(.notUnderstood(problem.reason)))] + body
  }

  /// What stands in the place of a body that is not understood: it must not run by mistake.
  static func missingBody(_ problem: NotUnderstood) -> [Statement] {
    let message = "decython: outline: \(problem.reason)"
    let error = Expression.call(.name("NotImplementedError"), [.string(message)], [])
    return [Statement(.raise(error, cause: nil), comments: [message])]
  }
}

extension Int {
  /// Nil in the place of 0, which stands for a line that is not known.
  fileprivate var nonZero: Int? { self == 0 ? nil : self }
}

extension [Statement] {
  /// A function's end returns by itself.
  var withoutFinalReturn: [Statement] {
    if let last, last.kind == .return(nil) { return Array(dropLast()) }
    return self
  }
}
