package import BinaryFormats
package import RuntimeModel

/// Which Cython and which CPython a module was built with, and what tells so.
package struct VersionEvidence: Sendable {
  package let cython: CythonVersion?
  package let cythonEvidence: String
  package let python: PythonVersion?
  package let pythonEvidence: String
  /// The compiler's own words, if they were not stripped.
  package let compiler: String?

  /// Looks for marks of versions.
  ///
  /// `fileName` is the module's file name, whose tag is the best evidence of CPython.
  package init(_ image: BinaryImage, fileName: String) {
    // Some linkers put constants and code into one segment.
    let bytes =
      image.segments.filter { !$0.isExecutable }.map(\.bytes)
      + image.segments.filter(\.isExecutable).map(\.bytes)
    func contains(_ text: String) -> Bool {
      bytes.contains { $0.firstRange(of: Array(text.utf8)) != nil }
    }
    (cython, cythonEvidence) = Self.findCython(bytes, image, contains)
    (python, pythonEvidence) = Self.findPython(image, fileName, contains)
    compiler = image.comments.first
  }

  // MARK: Cython

  private static func findCython(
    _ segments: [[UInt8]], _ image: BinaryImage, _ contains: (String) -> Bool
  ) -> (CythonVersion?, String) {
    for bytes in segments {
      if let version = abiVersion(bytes) {
        return (version, "the name of Cython's shared types, _cython_\(version.text)")
      }
    }
    let oldCheck = "compiletime version %s of module '%.100s' does not match runtime version %s"
    if contains(oldCheck) { return (CythonVersion(0, 29), "the text of its version check") }
    // Cython 3.0.0 and the releases next to it.
    let middleCheck = "compile time version %s of module '%.100s' does not match runtime version %s"
    if contains(middleCheck) { return (CythonVersion(3, 0), "the text of its version check") }
    if contains("cannot initialise module strings") {
      return (CythonVersion(3, 2), "the text of its string initialisation")
    }
    let newCheck = "compile time Python version %d.%d of module"
    guard contains(newCheck) else { return (nil, "no mark of Cython") }
    guard contains("cline_in_traceback") else { return (CythonVersion(3, 3), "its version check") }
    let isLater = image.imports.names.contains("PyDict_SetDefault")
    return (CythonVersion(3, isLater ? 1 : 0), "its version check and what it imports")
  }

  /// Reads `_cython_3_0_12` or the like.
  private static func abiVersion(_ bytes: [UInt8]) -> CythonVersion? {
    var rest = bytes[...]
    while let range = rest.firstRange(of: Array("_cython_".utf8)) {
      let tail = rest[range.upperBound...].prefix(16)
      var numbers: [Int] = []
      for part in tail.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        .prefix(3)
      {
        let digits = part.prefix { $0 >= 0x30 && $0 < 0x3A }
        guard !digits.isEmpty, digits.count < 4,
          let number = Int(String(decoding: digits, as: UTF8.self))
        else { break }
        numbers.append(number)
        if digits.count != part.count { break }
      }
      if numbers.count >= 2 {
        return CythonVersion(numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : nil)
      }
      rest = rest[range.upperBound...]
    }
    return nil
  }

  // MARK: CPython

  private static func findPython(
    _ image: BinaryImage, _ fileName: String, _ contains: (String) -> Bool
  ) -> (PythonVersion?, String) {
    if let version = tag(of: fileName) { return (version, "the file name") }
    for library in image.libraries {
      guard let minor = minorVersion(ofLibrary: library) else { continue }
      return (PythonVersion(3, minor), "the library \(library)")
    }
    let names = image.imports.names
    for (name, version) in laterMarks where names.contains(name) {
      return (version, "the import of \(name)")
    }
    // `__Pyx_PyCode_New` for CPython 3.11 and later in Cython/Utility/ModuleSetupCode.c (0.29, 3.0).
    if names.contains("PyCode_NewEmpty"), contains("co_argcount") {
      return (PythonVersion(3, 11), "how it makes code objects")
    }
    if names.contains("PyCode_NewWithPosOnlyArgs") {
      if names.contains("PyGC_Disable") || names.contains("PyException_GetTraceback") {
        return (PythonVersion(3, 11), "what it imports")
      }
      if names.contains("_Py_CheckRecursiveCall") {
        return (PythonVersion(3, 8), "the import of _Py_CheckRecursiveCall")
      }
      return (PythonVersion(3, names.contains("Py_EnterRecursiveCall") ? 10 : 8), "what it imports")
    }
    if names.contains("_Py_Dealloc"), names.contains("_Py_CheckRecursiveCall") {
      return (PythonVersion(3, 8), "the imports of _Py_Dealloc and _Py_CheckRecursiveCall")
    }
    if names.contains("_Py_Dealloc"), !names.contains("_Py_CheckRecursiveCall") {
      return (PythonVersion(3, 9), "what it imports")
    }
    return (nil, "no mark of CPython")
  }

  /// Reads `python311.dll`.
  private static func minorVersion(ofLibrary name: String) -> Int? {
    let stem = name.lowercased().split(separator: ".").first ?? ""
    guard stem.hasPrefix("python3"), let minor = Int(stem.dropFirst(7).prefix { $0.isNumber }),
      minor >= 6, minor < 30
    else { return nil }
    return minor
  }

  private static let laterMarks: [(String, PythonVersion)] = [
    ("PyTuple_FromArray", PythonVersion(3, 15)),
    ("PyThreadState_GetUnchecked", PythonVersion(3, 13)),
    ("PyObject_VisitManagedDict", PythonVersion(3, 13)),
    ("PyImport_AddModuleRef", PythonVersion(3, 13)),
    ("_PyObject_VisitManagedDict", PythonVersion(3, 12)),
    ("PyUnstable_Code_NewWithPosOnlyArgs", PythonVersion(3, 12)),
    ("Py_Version", PythonVersion(3, 11)),
  ]

  /// Reads `.cpython-311-` or `.cp311-`.
  private static func tag(of fileName: String) -> PythonVersion? {
    for part in fileName.split(whereSeparator: { $0 == "." || $0 == "-" }) {
      let digits = part.hasPrefix("cp") ? part.dropFirst(2) : part
      guard digits.hasPrefix("3"), digits.count >= 2, digits.count <= 4,
        part.hasPrefix("cp") || fileName.contains("cpython-\(part)"),
        let minor = Int(digits.dropFirst().prefix { $0.isNumber }), minor >= 6, minor < 30
      else { continue }
      return PythonVersion(3, minor)
    }
    return nil
  }
}
