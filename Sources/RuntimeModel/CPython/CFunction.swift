/// What is known of a C function: how it is called, and what its result means.
package struct CFunction: Hashable, Sendable {
  /// How an argument is passed, and what becomes of it.
  package enum Parameter: Character, Sendable {
    /// A borrowed object, or null where the function allows it.
    case object = "o"
    /// An object whose reference the function takes over.
    case stolen = "s"
    /// A C integer.
    case integer = "i"
    /// A C `long`.
    case long = "l"
    /// A pointer to something that is no object, or to memory that is only read.
    case pointer = "p"
    /// A `double`.
    case double = "f"
    /// A pointer to one pointer-sized place that the function may write.
    case output = "w"
    /// A pointer to memory that the function may write, of unknown size.
    case buffer = "b"
    /// Any number of further arguments.
    case variadic = "."
  }

  /// What comes back, and how an error shows in it.
  package enum Result: Character, Sendable {
    /// A new reference; null is an error.
    case newObject = "n"
    /// A borrowed reference; null is an error.
    case borrowedObject = "b"
    /// A borrowed reference; null is an answer, possibly with an error set.
    case optionalObject = "m"
    /// A new reference; null is an answer, possibly with an error set.
    case optionalNewObject = "N"
    /// 0, or -1 for an error.
    case status = "z"
    /// 0 or 1, or -1 for an error.
    case truth = "t"
    /// A C integer; -1 may be an error.
    case checkedInteger = "l"
    /// A C integer that is no error.
    case integer = "i"
    /// A `double`; -1 may be an error.
    case checkedDouble = "d"
    /// A `double` that is no error.
    case double = "f"
    /// A pointer that is no object; null may be an error.
    case pointer = "p"
    case nothing = "v"
    /// The function does not return.
    case never = "x"

    /// Whether it is a C integer, which is as wide as a pointer on 32-bit processors.
    package var isInteger: Bool {
      switch self {
      case .status, .truth, .checkedInteger, .integer: true
      default: false
      }
    }
  }

  package let name: String
  package let parameters: [Parameter]
  package let result: Result

  /// Reads one row of a table: name, parameters, result, separated by spaces.
  init?(row: Substring) {
    let fields = row.split(separator: " ")
    guard fields.count == 3, let code = fields[2].first, let result = Result(rawValue: code) else {
      return nil
    }
    let parameters = fields[1] == "-" ? [] : fields[1].compactMap(Parameter.init(rawValue:))
    guard fields[1] == "-" || parameters.count == fields[1].count else { return nil }
    self.name = String(fields[0])
    self.parameters = parameters
    self.result = result
  }

  /// What an imported function is called here.
  ///
  /// Without a global lock, `Py_DECREF` calls one of two functions, of which each ends in `_Py_Dealloc` if no
  /// reference is left (`Include/refcount.h`). Nothing tells them apart but who owns the object. Clang calls
  /// `bcmp` where nobody asks which of two pieces of memory comes first.
  package static func commonName(of name: String) -> String {
    switch name {
    case "_Py_DecRefShared", "_Py_MergeZeroLocalRefcount": "_Py_Dealloc"
    case "bcmp": "memcmp"
    default: name
    }
  }

  /// What is called, and does not come back, when an assertion fails or the stack was written over.
  package static let failedChecks: Set<String> = [
    "__assert_fail", "__assert_rtn", "__stack_chk_fail", "__stack_chk_fail_local",
  ]

  /// Functions by name, from tables with one function per line.
  static func table(rows tables: [String]) -> [String: CFunction] {
    let functions = tables.flatMap { $0.split(separator: "\n") }.compactMap(CFunction.init(row:))
    return Dictionary(functions.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Whether this takes memory to read from, and none to write to.
  package var readsArrays: Bool {
    parameters.contains(.pointer)
      && !parameters.contains { $0 == .output || $0 == .buffer || $0 == .variadic }
  }

  /// Whether this writes nothing through its pointers but objects and numbers as wide as pointers.
  package var writesPointersOnly: Bool {
    parameters.contains(.output) && !parameters.contains { $0 == .buffer || $0 == .variadic }
  }

  /// How many states of threads stand before the object that is called, where this calls one.
  package var threadStates: Int { name == "_PyObject_MakeTpCall@3.9" ? 1 : 0 }

  package var isVariadic: Bool { parameters.last == .variadic }
}
