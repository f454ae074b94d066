/// Names that may stand in C source and in symbol tables, whatever a binary calls things.
package enum CIdentifier {
  /// A text as a part of an identifier: ASCII letters, digits and `_`; all else is replaced.
  ///
  /// `Class.method` → `Class_method`, `é` → `_xe9_`
  package static func part(_ text: String, limit: Int = 80) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      guard result.utf8.count < limit else { break }
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_": result.unicodeScalars.append(scalar)
      case ".": result += "_"
      default: result += "_x" + String(scalar.value, radix: 16) + "_"
      }
    }
    return result
  }

  /// The name of a local variable or parameter.
  package static func variable(_ text: String) -> String {
    let name = part(text)
    guard let first = name.unicodeScalars.first else { return "unnamed" }
    if first.properties.numericType != nil { return "_" + name }
    return isTaken(name) ? name + "_" : name
  }

  /// Whether C, or the header of a dump, means something by a name already.
  private static func isTaken(_ name: String) -> Bool {
    keywords.contains(name) || taken.contains { name.hasPrefix($0) } || name.hasSuffix("_t")
  }

  private static let taken = [
    "PY_", "Py", "_Py", "P_", "__", "decython", "sub_", "entry_", "C_",
  ]

  private static let keywords: Set<String> = [
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum",
    "extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict",
    "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union",
    "unsigned", "void", "volatile", "while", "asm", "typeof", "bool", "true", "false", "nullptr",
    "alignas", "alignof", "constexpr", "thread_local", "static_assert", "typeof_unqual", "NULL",
    "LOAD", "STORE", "IMAGE", "unix", "linux", "main",
  ]

  /// The inside of a C comment: nothing in it can end the comment or the line.
  package static func comment(_ text: String, limit: Int = 60) -> String {
    var result = ""
    var last: Unicode.Scalar = " "
    for scalar in text.unicodeScalars.prefix(limit) {
      let isPlain = scalar.value >= 0x20 && scalar.value < 0x7F && scalar != "\\" && scalar != "?"
      let endsComment = last == "*" && scalar == "/" || last == "/" && scalar == "*"
      if isPlain, !endsComment {
        result.unicodeScalars.append(scalar)
      } else {
        result += "<" + String(scalar.value, radix: 16) + ">"
      }
      last = scalar
    }
    return text.unicodeScalars.count > limit ? result + "..." : result
  }
}
