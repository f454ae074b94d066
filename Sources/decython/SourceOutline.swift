/// The classes of a recovered module, as the printer wrote them.
enum SourceOutline {
  struct Class: Encodable {
    /// The qualified name.
    let name: String
    /// Where it stands in the recovered file.
    let line: Int
    /// The bases and keywords as they stand there; empty if there are none.
    let bases: String
    /// The methods in their order.
    var methods: [String] = []
  }

  /// A definition that the lines behind it may stand in.
  private struct Scope {
    let indentation: Int
    let path: String
    /// The place of a class among those that were found; nil for a function.
    let index: Int?
  }

  static func classes(in source: String) -> [Class] {
    var classes: [Class] = []
    var scopes: [Scope] = []
    var isInText = false
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let startsInText = isInText
      if SourceExcerpt.changesText(line) { isInText.toggle() }
      let text = line.drop { $0 == " " }
      let heads = ["class ", "def ", "async def "]
      guard !startsInText, let head = heads.first(where: text.hasPrefix) else { continue }
      let indentation = line.count - text.count
      while let last = scopes.last, last.indentation >= indentation { scopes.removeLast() }
      let name = text.dropFirst(head.count).prefix { !"(:".contains($0) }
      let path = (scopes.last?.path ?? "") + name
      var index: Int?
      if head == "class " {
        index = classes.count
        classes.append(Class(name: path, line: number + 1, bases: bases(text)))
      } else if let owner = scopes.last?.index {
        classes[owner].methods.append(String(name))
      }
      let inside = head == "class " ? path + "." : path + ".<locals>."
      scopes.append(Scope(indentation: indentation, path: inside, index: index))
    }
    return classes
  }

  /// What stands in the parentheses of a class's head.
  private static func bases(_ head: Substring) -> String {
    guard let start = head.firstIndex(of: "("), let end = head.lastIndex(of: ")"), start < end
    else {
      return ""
    }
    return String(head[head.index(after: start)..<end])
  }
}
