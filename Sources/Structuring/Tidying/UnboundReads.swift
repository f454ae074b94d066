import Basics
import PythonSyntax

// Ways on which a variable is read that is not bound there.
extension Statement.Kind {
  /// Raises what Python raises for such a variable, of the function itself or of one around it (`isFree`):
  /// `__Pyx_RaiseUnboundLocalError` and `__Pyx_RaiseClosureNameError` in `Cython/Utility/ObjectHandling.c`.
  static func readUnbound(_ name: String, isFree: Bool) -> Statement.Kind {
    let (error, kind, place) =
      isFree ? ("NameError", "free", " in enclosing scope") : ("UnboundLocalError", "local", "")
    let message = "\(kind) variable '\(name)' referenced before assignment\(place)"
    return .raise(.call(.name(error), [.constant(.string(Text(message)))], []), cause: nil)
  }

  /// The name of the function's own variable that this reads.
  fileprivate var unboundName: String? {
    guard case .raise(.call(.name("UnboundLocalError"), let arguments, [])?, nil) = self,
      case .constant(.string(let message))? = arguments.first,
      let name = message.string?.split(separator: "'").dropFirst().first.map(String.init),
      self == .readUnbound(name, isFree: false)
    else { return nil }
    return name
  }
}

extension [Statement] {
  /// The statements without the errors that a statement behind them raises by itself.
  ///
  /// ```
  /// try: x = f()                             try: x = f()
  /// except E:                                except E: g()
  ///     g()                           →      return x
  ///     raise UnboundLocalError(…x…)
  /// return x
  /// ```
  /// Compilers know where a variable is not bound, and lead from there to the error at once. Where the value
  /// was returned instead of being kept in the variable, it is kept.
  ///
  /// - Parameter bound: the names of parameters, which are read without a step.
  /// - Returns: the statements, in every body.
  func joiningUnboundReads(bound: Set<String>) -> [Statement] {
    var result = map { statement in
      statement.mappingBodies { $0.joiningUnboundReads(bound: bound) }
    }
    var index = result.endIndex
    while index > result.startIndex {
      index -= 1
      let rest = result[(index + 1)...]
      if let (kept, name) = result[index].keepingReturned(before: rest) {
        result.replaceSubrange(index..., with: [kept, Statement(.return(.name(name)))])
      } else if let name = rest.first?.kind.nameReadFirst(bound) {
        result[index] = result[index].withoutUnboundRead(of: name)
      }
    }
    return result
  }

  /// The statements without an error about an unbound variable at their end.
  fileprivate func withoutUnboundRead(of name: String) -> [Statement] {
    guard let last else { return self }
    if last.kind.unboundName == name {
      return count > 1 ? Array(dropLast()) : [Statement(.pass)]
    }
    return dropLast() + [last.withoutUnboundRead(of: name)]
  }

  /// The statements with a variable for what they return at their end; nil if they end otherwise.
  fileprivate func keepingReturned(in name: String) -> [Statement]? {
    guard let last else { return nil }
    switch last.kind {
    case .return(let value?):
      return dropLast() + [Statement(.assign([.name(name)], value), line: last.line)]
    case .if(_, _, let rest) where !rest.isEmpty:
      return last.keepingReturned(in: name).map { dropLast() + [$0] }
    case .raise where last.kind.unboundName == nil: return self
    default: return last.kind.unboundName == name ? withoutUnboundRead(of: name) : nil
    }
  }

  /// The variable that some error at the end is about.
  fileprivate var unboundName: String? {
    guard let last else { return nil }
    if let name = last.kind.unboundName { return name }
    if case .if(_, let body, let rest) = last.kind { return body.unboundName ?? rest.unboundName }
    return nil
  }
}

extension Statement {
  /// The statement without errors at the ends of its arms: control goes on behind it.
  fileprivate func withoutUnboundRead(of name: String) -> Statement {
    var result = self
    switch kind {
    case .if(let test, let body, let rest):
      let rest = rest.withoutUnboundRead(of: name)
      result.kind = .if(
        test, body.withoutUnboundRead(of: name), rest.map(\.kind) == [.pass] ? [] : rest)
    case .try(let body, let handlers, let others, []):
      // An error in a body with handlers is another matter.
      result.kind = .try(
        body, handlers.map { .init($0.type, $0.name, $0.body.withoutUnboundRead(of: name)) },
        others.withoutUnboundRead(of: name), [])
    default: break
    }
    return result
  }

  /// A statement that returns values, which are kept in the variable that is read on other ways through it or
  /// behind it; nil if it is no such statement.
  fileprivate func keepingReturned(
    before rest: ArraySlice<Statement>
  ) -> (Statement, name: String)? {
    var result = self
    switch kind {
    case .try(let body, let handlers, [], []) where rest.isEmpty:
      guard let name = handlers.lazy.compactMap(\.body.unboundName).first,
        handlers.allSatisfy(\.body.alwaysLeaves), let kept = body.keepingReturned(in: name)
      else { return nil }
      result.kind = .try(kept, handlers, [], [])
      return (result.withoutUnboundRead(of: name), name)
    case .if(_, let body, let other):
      let following = rest.count == 1 ? rest.first?.kind.unboundName : nil
      let own = rest.isEmpty && !other.isEmpty ? body.unboundName ?? other.unboundName : nil
      guard let name = following ?? own, let kept = keepingReturned(in: name), kept != self else {
        return nil
      }
      return (kept, name)
    default: return nil
    }
  }

  /// An `if` statement with a variable for what its branches return.
  fileprivate func keepingReturned(in name: String) -> Statement? {
    guard case .if(let test, let body, let rest) = kind,
      let kept = body.keepingReturned(in: name),
      let other = rest.isEmpty ? [] : rest.keepingReturned(in: name)
    else { return nil }
    var result = self
    result.kind = .if(test, kept, other.map(\.kind) == [.pass] ? [] : other)
    return result
  }
}

extension Statement.Kind {
  /// The variable that the statement reads before anything else happens.
  fileprivate func nameReadFirst(_ bound: Set<String>) -> String? {
    switch self {
    case .expression(let value), .return(let value?), .raise(let value?, _), .assign(_, let value),
      .if(let value, _, _), .assert(let value, _):
      value.nameReadFirst(bound)
    case .for(_, let iterable, _, _, _): iterable.nameReadFirst(bound)
    default: nil
    }
  }
}

extension Expression {
  /// The first variable that is read, but for those that are bound for sure.
  fileprivate func nameReadFirst(_ bound: Set<String>) -> String? {
    switch self {
    case .name(let name): bound.contains(name) ? nil : name
    case .attribute(let object, _), .item(let object, _): object.nameReadFirst(bound)
    case .call(let callee, let arguments, _):
      callee.isAtHand(bound)
        ? arguments.first { !$0.isAtHand(bound) }?.nameReadFirst(bound)
        : callee.nameReadFirst(bound)
    case .binary(let left, _, let right): (left.isAtHand(bound) ? right : left).nameReadFirst(bound)
    case .unary(_, let operand): operand.nameReadFirst(bound)
    case .comparison(let first, _): first.nameReadFirst(bound)
    case .boolean(_, let operands): operands.first?.nameReadFirst(bound)
    case .conditional(let test, _, _): test.nameReadFirst(bound)
    case .tuple(let items), .list(let items):
      items.first { !$0.isAtHand(bound) }?.nameReadFirst(bound)
    default: nil
    }
  }

  /// Whether reading this does nothing.
  private func isAtHand(_ bound: Set<String>) -> Bool {
    switch self {
    case .constant: true
    case .name(let name): bound.contains(name)
    default: false
    }
  }
}
