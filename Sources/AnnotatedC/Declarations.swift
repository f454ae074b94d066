/// What the files of a dump refer to beyond the macros: each is declared once, in the header.
package struct Declarations {
  /// What a name stands for.
  enum Kind: Hashable {
    /// An object of Cython's or the module's own.
    case object
    /// A type object or other variable of CPython's.
    case structure
    /// A C function with what it returns.
    case function(CType)
    /// A `PyMethodDef`.
    case methodDefinition
  }

  private(set) var rows: [String: (kind: Kind, comment: String)] = [:]
  /// Macros that are in use.
  private(set) var macros: Set<String> = []

  package init() {}

  mutating func note(_ name: String, _ kind: Kind, _ comment: String = "") {
    if rows[name] == nil { rows[name] = (kind, comment) }
  }

  /// Whether a name is that of a function that is called.
  func isFunction(_ name: String) -> Bool {
    if case .function? = rows[name]?.kind { true } else { false }
  }

  mutating func use(macro name: String) { macros.insert(name) }
}
