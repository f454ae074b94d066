package import Decompilation
import Foundation

/// Compares every function of a module with its counterpart in another one.
package struct ModuleComparison {
  /// What became of one function of the original.
  package enum Verdict: Sendable {
    case same
    case different(FunctionComparison.Difference)
    /// It cannot be compared, and why.
    case unknown(String)
  }

  /// The functions of the original in the order of their definitions.
  package private(set) var verdicts: [(name: String, verdict: Verdict)] = []

  package init(original: FunctionCatalogue, recovered: FunctionCatalogue) {
    let counterparts = Dictionary(grouping: recovered.entries, by: \.name)
    var seen: [String: Int] = [:]
    for entry in original.entries {
      let number = seen[entry.name, default: 0]
      seen[entry.name] = number + 1
      let candidates = counterparts[entry.name] ?? []
      let counterpart = number < candidates.count ? candidates[number] : nil
      add(Self.verdict(entry, counterpart), on: entry.name)
    }
  }

  /// Generator expressions and lambdas are parts of the function that they stand in.
  private mutating func add(_ verdict: Verdict, on name: String) {
    var path = name.components(separatedBy: ".")
    while let last = path.last, last == "<genexpr>" || last == "<lambda>" {
      path.removeLast()
      if path.last == "<locals>" { path.removeLast() }
    }
    let owner = path.isEmpty ? "<module>" : path.joined(separator: ".")
    guard owner != name, let index = verdicts.lastIndex(where: { $0.name == owner }) else {
      verdicts.append((name, verdict))
      return
    }
    if case .same = verdicts[index].verdict { verdicts[index].verdict = verdict }
  }

  private static func verdict(
    _ original: FunctionCatalogue.Entry, _ recovered: FunctionCatalogue.Entry?
  ) -> Verdict {
    guard let recovered else { return .unknown("the recovered file has no such function") }
    guard let first = original.raiser else { return .unknown("the original cannot be read") }
    guard let second = recovered.raiser else {
      return .unknown("the recompiled function cannot be read")
    }
    guard original.signature == recovered.signature else {
      return .different(
        .init(
          original: original.signature, recovered: recovered.signature, originalLine: nil,
          recoveredLine: nil))
    }
    var comparison = FunctionComparison(original: first, recovered: second)
    return comparison.difference().map { .different($0) } ?? .same
  }
}
