package import BinaryFormats

/// What a module's binary interface to CPython is, beside the version, and what tells so.
package struct ABIEvidence: Sendable {
  /// CPython's letters: `d` for debug builds, `t` for free-threaded ones, `m` for the allocator of
  /// CPython 3.7 and before.
  package let flags: String
  package let flagsEvidence: String
  /// Whether the module keeps to the limited API, so that later versions load it.
  package let isLimited: Bool
  package let limitedEvidence: String

  package init(_ image: BinaryImage, fileName: String) {
    let names = image.imports.names
    let parts = fileName.split { $0 == "." || $0 == "-" }
    let tag = parts.first { part in
      let digits = part.hasPrefix("cp") ? part.dropFirst(2) : part
      return digits.first == "3" && digits.prefix { $0.isNumber }.count >= 2
    }
    let letters = tag.map { $0.drop { !$0.isNumber }.drop { $0.isNumber } } ?? ""
    if !letters.isEmpty, letters.allSatisfy({ "dtmu".contains($0) }) {
      flags = String(letters)
      flagsEvidence = "the file name"
    } else if let mark = Self.marks.first(where: { names.contains($0.name) }) {
      flags = mark.flag
      flagsEvidence = "the import of \(mark.name)"
    } else {
      flags = ""
      flagsEvidence = tag == nil ? "no mark of another build" : "the file name"
    }
    if parts.contains("abi3") {
      isLimited = true
      limitedEvidence = "the file name"
    } else if names.contains("PyType_FromSpec"), !names.contains("PyType_Ready"),
      !names.contains("_Py_Dealloc")
    {
      isLimited = true
      limitedEvidence = "it imports PyType_FromSpec and neither PyType_Ready nor _Py_Dealloc"
    } else {
      isLimited = false
      limitedEvidence = "what it imports"
    }
  }

  private static let marks: [(name: String, flag: String)] = [
    ("_Py_DecRefShared", "t"), ("_Py_MergeZeroLocalRefcount", "t"),
    ("_Py_NegativeRefcount", "d"), ("_Py_RefTotal", "d"), ("_Py_INCREF_IncRefTotal", "d"),
  ]
}
