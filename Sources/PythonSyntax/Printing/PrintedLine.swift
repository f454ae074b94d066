/// One line of a printed module, before it is known where it stands; a docstring may be several.
struct PrintedLine {
  enum Kind {
    case blank, comment, header, decorator, docstring
    /// The first line of a block, ending in a colon.
    case head
    case simple
  }

  var kind: Kind
  var text: String
  /// How many blocks are around it.
  let indent: Int
  /// The line in the original source, where it is known.
  var original: Int?

  init(_ kind: Kind, _ text: String, _ indent: Int = 0) {
    self.kind = kind
    self.text = text
    self.indent = indent
  }

  static let blank = PrintedLine(.blank, "")

  var indented: String {
    text.isEmpty ? "" : String(repeating: "    ", count: indent) + text
  }

  /// How many lines it takes.
  var height: Int { text.utf8.count { $0 == 10 } + 1 }

  /// Whether it belongs to the line below rather than standing for itself.
  var isLoose: Bool {
    switch kind {
    case .blank, .comment, .header, .decorator: true
    case .docstring, .head, .simple: false
    }
  }
}
