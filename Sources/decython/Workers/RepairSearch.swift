import Verification

/// Looks for forms of functions that are the same as the original's.
struct RepairSearch {
  /// How many forms of each function are tried; each costs a comparison of the whole file.
  let rounds: Int

  /// Keeps the forms that turn out to be the same.
  ///
  /// - Parameters:
  ///   - source: the file.
  ///   - rows: what is known of its functions.
  ///   - names: the functions to look at.
  ///   - verdicts: compares a file with the original.
  /// - Returns: the file, and the functions that are the same now.
  func run(
    _ source: String, _ rows: [VerificationReport.Row], _ names: [String],
    verdicts: (String) throws(Failure) -> [VerificationReport.Row]
  ) -> (source: String, repaired: Set<String>) {
    let counts = Dictionary(rows.map { ($0.function, 1) }, uniquingKeysWith: +)
    let different = Set(rows.filter { $0.verdict == "different" }.map(\.function))
    var open = names.filter { counts[$0] == 1 && different.contains($0) }
    var source = source
    var repaired: Set<String> = []
    for number in 0..<rounds where !open.isEmpty {
      guard let (text, changed) = Repair().form(number, of: open, in: source), !changed.isEmpty
      else { break }
      guard let rows = try? verdicts(text) else { continue }
      let verified = Set(rows.filter { $0.verdict == "verified" }.map(\.function))
      let found = changed.filter(verified.contains)
      guard !found.isEmpty, let (better, _) = Repair().form(number, of: found, in: source) else {
        continue
      }
      source = better
      repaired.formUnion(found)
      open.removeAll(where: repaired.contains)
    }
    return (source, repaired)
  }
}
