package import RuntimeModel

/// The C structures of one CPython and one Cython, as a header that needs no other.
///
/// `Tools/check-headers.py` compares every field's place with the real headers.
package struct CLayout: Sendable {
  private let layout: ObjectLayout
  private let cython: (major: Int, minor: Int)

  /// - Parameters:
  ///   - layout: the CPython, and how wide its pointers are.
  ///   - cython: the Cython; nil if it is not known.
  package init(_ layout: ObjectLayout, cython: (major: Int, minor: Int)?) {
    self.layout = layout
    self.cython = cython ?? (0, 29)
  }

  /// The header's text, with a guard of its own.
  package func header() -> String {
    let version = layout.version
    var lines = [
      "/* CPython \(version.text) and Cython \(cython.major).\(cython.minor), release build, \(layout.pointerSize * 8) bits. */",
      "#ifndef DECYTHON_RUNTIME_H", "#define DECYTHON_RUNTIME_H", "",
      // Plain types, so that the header means the same wherever it is read.
      "typedef \(layout.pointerSize == 8 ? "long long" : "int") Py_ssize_t;",
      "typedef Py_ssize_t Py_hash_t;",
      "typedef unsigned \(layout.pointerSize == 8 ? "long long" : "int") py_word;",
      "typedef \(layout.digitBits == 30 ? "unsigned int" : "unsigned short") digit; /* \(layout.digitBits) bits of an int */",
    ]
    for table in StructureTable.all {
      for line in table.split(separator: "\n", omittingEmptySubsequences: false) {
        if let text = selected(line) { lines.append(text) }
      }
    }
    lines += ["#endif /* DECYTHON_RUNTIME_H */", ""]
    return lines.joined(separator: "\n")
  }

  /// A line without its condition; nil if the condition does not hold.
  ///
  /// `[py>=3.8 cy<3.1] field` stands for CPython 3.8 and later with Cython before 3.1.
  private func selected(_ line: Substring) -> String? {
    guard let start = line.firstIndex(of: "["), let end = line.firstIndex(of: "]"),
      line[..<start].allSatisfy({ $0 == " " }),
      line[start...].dropFirst().first?.isLowercase == true
    else { return String(line) }
    let conditions = line[line.index(after: start)..<end].split(separator: " ")
    guard conditions.allSatisfy(holds) else { return nil }
    return String(line[..<start]) + line[line.index(after: end)...].drop { $0 == " " }
  }

  private func holds(_ condition: Substring) -> Bool {
    let isPython = condition.hasPrefix("py")
    let isLater = condition.contains(">=")
    let numbers = condition.drop { !$0.isNumber }.split(separator: ".").compactMap { Int($0) }
    guard numbers.count == 2 else { return condition == "bits64" && layout.pointerSize == 8 }
    let version = isPython ? (layout.version.major, layout.version.minor) : cython
    return isLater == ((version.0, version.1) >= (numbers[0], numbers[1]))
  }
}
