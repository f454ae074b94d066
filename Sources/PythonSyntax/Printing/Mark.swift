/// What stands in front of a token in marked text, which says where Cython's positions may be.
///
/// Since Cython 3.1 a code object lists the line and column of nearly every node of its function
/// (`Cython/Compiler/Code.py`, `LineTableBuilder.build_line_table`). Marks are control characters,
/// which printed text never holds otherwise: literals escape them.
package enum Mark: Unicode.Scalar {
  /// A token whose position is always listed.
  case listed = "\u{1}"
  /// A token whose position is listed for some trees only.
  case perhapsListed = "\u{2}"
  /// An opening and a closing bracket, inside of which lines may be broken.
  case opening = "\u{3}"
  case closing = "\u{4}"
  /// The end of a literal, whose spelling may differ from the one in the source.
  case literal = "\u{5}"
}

/// Which marks a printer writes.
enum Marking {
  case none
  /// Each token is marked as its kind of node asks for.
  case exact
  /// Tokens may be listed or not, as in generator expressions.
  case loose
  /// The text belongs to another code object, except that it holds brackets.
  case hidden

  /// The marking of a function inside.
  var inside: Marking { self == .none ? .none : .hidden }

  func text(_ mark: Mark) -> String {
    switch (self, mark) {
    case (.none, _), (.hidden, .listed), (.hidden, .perhapsListed): ""
    case (.loose, .listed): String(Mark.perhapsListed.rawValue)
    default: String(mark.rawValue)
    }
  }
}

extension Character {
  /// Whether this is a mark rather than text.
  var isMark: Bool { unicodeScalars.first.map { Mark(rawValue: $0) != nil } ?? false }
}
