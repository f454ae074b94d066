import Foundation

/// A function that is to be called; a line of the plan.
struct PlannedFunction: Decodable {
  let function: String
  let number: Int
  let reason: String?
}

/// What happened to a module and the calls of its functions; what the sandbox printed.
struct ModuleObservation {
  struct Call: Decodable {
    let index: Int
    let call: String
    let seen: [String: String]
  }

  private struct Row: Decodable {
    let function: String?
    let number: Int?
    let calls: [Call]?
    let problem: String?
    let globals: [String: String]?
  }

  private(set) var globals: [String: String] = [:]
  private(set) var calls: [BehaviourRun.Key: [Int: Call]] = [:]

  init(_ lines: [Data], of what: String) throws(VerificationFailure) {
    let rows = lines.compactMap { try? JSONDecoder().decode(Row.self, from: $0) }
    if let problem = rows.first?.problem {
      throw VerificationFailure(description: "\(what) cannot be imported: \(problem)")
    }
    guard let globals = rows.first?.globals else {
      throw VerificationFailure(description: "\(what) cannot be imported: it ends the interpreter")
    }
    self.globals = globals
    for row in rows {
      guard let name = row.function, let number = row.number, let calls = row.calls else {
        continue
      }
      self.calls[.init(name: name, number: number)] = Dictionary(
        calls.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
    }
  }
}

/// Compares what two modules did.
struct BehaviourComparison {
  private let original: ModuleObservation
  private let again: ModuleObservation
  private let recovered: ModuleObservation

  init(
    _ original: ModuleObservation, again: ModuleObservation, _ recovered: ModuleObservation
  ) {
    self.original = original
    self.again = again
    self.recovered = recovered
  }

  func verdict(on function: PlannedFunction) -> BehaviourRun.Verdict {
    if let reason = function.reason { return .init(kind: .none, reason: reason) }
    let key = BehaviourRun.Key(name: function.function, number: function.number)
    guard let calls = original.calls[key] else {
      return .init(kind: .none, reason: "the original has no such function")
    }
    guard let others = recovered.calls[key] else {
      return .init(kind: .none, reason: "the recovered module has no such function")
    }
    var count = 0
    for index in calls.keys.sorted() {
      guard let call = calls[index], let other = others[index],
        again.calls[key]?[index]?.seen == call.seen
      else { continue }
      count += 1
      guard let part = Self.firstDifference(call.seen, other.seen) else { continue }
      return .init(
        kind: .different, calls: count, call: call.call, original: Self.text(part, call.seen),
        recovered: Self.text(part, other.seen))
    }
    return count > 0
      ? .init(kind: .same, calls: count) : .init(kind: .none, reason: "no call came to an end")
  }

  /// What the modules' own code has made.
  func ofModule() -> BehaviourRun.Verdict {
    let names = Set(original.globals.keys).union(recovered.globals.keys)
      .subtracting(original.globals.keys.filter { again.globals[$0] != original.globals[$0] })
    for name in names.sorted() where original.globals[name] != recovered.globals[name] {
      return .init(
        kind: .different, calls: 1, call: name,
        original: original.globals[name] ?? "does not exist",
        recovered: recovered.globals[name] ?? "does not exist")
    }
    return .init(kind: .same, calls: 1)
  }

  /// The part of a call that differs: the result before anything else.
  private static func firstDifference(
    _ one: [String: String], _ other: [String: String]
  ) -> String? {
    let parts = Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }
    return parts.contains("result") ? "result" : parts.sorted().first
  }

  private static func text(_ part: String, _ seen: [String: String]) -> String {
    guard let text = seen[part] else { return seen["result"] ?? seen["inputs"] ?? "nothing" }
    return part == "result" ? text : "\(part): \(text)"
  }
}
