package import Decompilation
import Foundation

/// Compares every function of a module with its counterpart in others that were compiled from what was
/// recovered, each in another way.
///
/// Compilers inline and arrange what Cython writes in many ways, and not all of them are understood. A
/// function is the same if one way of compiling it gives the same.
package struct ModuleComparison {
  /// What became of one function of the original.
  package enum Verdict: Sendable {
    case same
    case different(FunctionComparison.Difference)
    /// It cannot be compared, and why.
    case unknown(String)

    var isSame: Bool { if case .same = self { true } else { false } }
  }

  private let original: FunctionCatalogue
  /// The verdicts on all entries of the original.
  private var parts: [Verdict]

  package init(original: FunctionCatalogue) {
    self.original = original
    parts = original.entries.map { _ in .unknown("the recovered file cannot be compiled") }
  }

  /// How many functions are known to be the same, and whether all are.
  package var count: Int { parts.count(where: \.isSame) }
  package var isComplete: Bool { count == parts.count }

  /// Compares functions that are not known to be the same with those of a module.
  package mutating func compare(with recovered: FunctionCatalogue) {
    let counterparts = Dictionary(grouping: recovered.entries, by: \.name)
    var seen: [String: Int] = [:]
    for (index, entry) in original.entries.enumerated() {
      let number = seen[entry.name, default: 0]
      seen[entry.name] = number + 1
      guard !parts[index].isSame else { continue }
      let candidates = counterparts[entry.name] ?? []
      let counterpart = number < candidates.count ? candidates[number] : nil
      let verdict = Self.verdict(entry, counterpart)
      // The first way of compiling is the usual one, so that its differences are told.
      if case .unknown = parts[index] {
        parts[index] = verdict
      } else if verdict.isSame {
        parts[index] = verdict
      }
    }
  }

  /// The functions of the original in the order of their definitions.
  ///
  /// Generator expressions and lambdas are parts of the function that they stand in.
  package var verdicts: [(name: String, verdict: Verdict)] {
    var verdicts: [(name: String, verdict: Verdict)] = []
    for (entry, verdict) in zip(original.entries, parts) {
      let owner = Self.owner(of: entry.name)
      guard owner != entry.name,
        let index = verdicts.lastIndex(where: { $0.name == owner })
      else {
        verdicts.append((entry.name, verdict))
        continue
      }
      if verdicts[index].verdict.isSame { verdicts[index].verdict = verdict }
    }
    return verdicts
  }

  private static func owner(of name: String) -> String {
    var path = name.components(separatedBy: ".")
    while let last = path.last, last == "<genexpr>" || last == "<lambda>" {
      path.removeLast()
      if path.last == "<locals>" { path.removeLast() }
    }
    return path.isEmpty ? "<module>" : path.joined(separator: ".")
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
