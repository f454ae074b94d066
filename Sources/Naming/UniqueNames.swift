/// Hands out names, each once.
package struct UniqueNames {
  private var taken: Set<String> = []
  private let foldsCase: Bool

  /// `foldsCase` is whether names that differ in case alone are the same, as on some file systems.
  package init(foldsCase: Bool = false) { self.foldsCase = foldsCase }

  /// A name, with a number behind it if it was handed out before.
  package mutating func claim(_ name: String, separator: String = "_") -> String {
    var candidate = name
    var number = 1
    while !taken.insert(foldsCase ? candidate.lowercased() : candidate).inserted {
      number += 1
      candidate = "\(name)\(separator)\(number)"
    }
    return candidate
  }
}
