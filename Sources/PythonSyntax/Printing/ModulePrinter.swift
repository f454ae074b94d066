import Basics

/// Writes a module as Python source.
package struct ModulePrinter {
  private var expressions: ExpressionPrinter
  /// Whether the next function is the one whose positions are asked for.
  private var isOutermost = true
  private var lines: [String] = []
  /// Where statements and definitions were printed.
  package private(set) var places = SourcePlaces()
  /// The definitions around what is being printed.
  private var path: [String] = []

  package init() { expressions = ExpressionPrinter() }

  private init(marked expressions: ExpressionPrinter) { self.expressions = expressions }

  /// The lines of a function with marks where the code object may list a position; a statement's
  /// head is one line each, blank lines and comments are left out.
  package static func markedLines(_ definition: FunctionDefinition) -> [String] {
    var definition = definition
    definition.decorators = []
    definition.docstring = nil
    var printer = ModulePrinter(marked: ExpressionPrinter(marking: .exact))
    printer.print(definition, "")
    return printer.lines.filter { line in
      let text = line.drop { $0 == " " }
      return !text.isEmpty && !text.hasPrefix("#")
    }
  }

  /// The source of a module, ending in a newline.
  package mutating func print(_ module: Module) -> String {
    lines = module.header.map(comment)
    if let docstring = module.docstring { docstringLines(docstring, "") }
    block(module.body, "", isTop: true)
    while lines.last?.isEmpty == true { lines.removeLast() }
    places.resolve(in: lines)
    return lines.joined(separator: "\n") + "\n"
  }

  /// An expression on one line.
  package func print(_ expression: Expression) -> String { expressions.text(expression) }

  /// A comment line; whatever could end the line is replaced.
  private func comment(_ text: String) -> String {
    let safe = String(
      text.unicodeScalars.map { Literals.isPrintable($0) ? Character($0) : "?" })
    return safe.isEmpty ? "#" : "# " + safe
  }

  private mutating func docstringLines(_ docstring: Expression.Constant, _ indent: String) {
    guard case .string(let text) = docstring, expressions.marking == .none else { return }
    lines.append(indent + Self.docstring(text))
  }

  /// A docstring in triple quotes where that reads well, else on one line.
  private static func docstring(_ text: Text) -> String {
    guard text.codePoints.contains(0x0A), !text.codePoints.contains(0x0D) else {
      return Literals.string(text)
    }
    let inside = Literals.escaped(text, quote: "\"", keepsNewlines: true)
    return "\"\"\"" + inside + "\"\"\""
  }

  // MARK: Statements

  private mutating func block(_ statements: [Statement], _ indent: String, isTop: Bool = false) {
    for (index, statement) in statements.enumerated() {
      let previous = index > 0 ? statements[index - 1] : nil
      separate(previous, statement, isTop: isTop)
      for text in statement.comments { lines.append(indent + comment(text)) }
      if let line = statement.line {
        places.statements.append(.init(original: line, printed: lines.count))
      }
      print(statement, indent)
    }
  }

  private mutating func body(_ statements: [Statement], _ indent: String) {
    let hasCode = statements.contains { $0.kind != .comment }
    block(statements, indent)
    if !hasCode { lines.append(indent + "pass") }
  }

  /// Blank lines around definitions.
  private mutating func separate(_ previous: Statement?, _ next: Statement, isTop: Bool) {
    guard let last = lines.last, !last.isEmpty else { return }
    let count = isTop ? 2 : 1
    if next.isDefinition, previous != nil || isTop {
      lines += Array(repeating: "", count: count)
    } else if let previous, previous.isDefinition {
      lines += Array(repeating: "", count: count)
    }
  }

  private mutating func print(_ statement: Statement, _ indent: String) {
    switch statement.kind {
    case .if(let test, let body, let rest):
      printIf(expressions.listed("if"), test, body, rest, indent)
    case .while(let test, let body, let rest):
      lines.append("\(indent)\(expressions.listed("while")) \(expressions.text(test)):")
      self.body(body, indent + "    ")
      printElse(rest, indent)
    case .for(let target, let iterable, let body, let rest, let isAsync):
      let head = expressions.listed(isAsync ? "async for " : "for ") + expressions.target(target)
      lines.append("\(indent)\(head) in \(expressions.text(iterable)):")
      self.body(body, indent + "    ")
      printElse(rest, indent)
    case .try(let body, let handlers, let rest, let last):
      printTry(body, handlers, rest, last, indent)
    case .with(let items, let body, let isAsync):
      let list = items.map { item in
        expressions.text(item.context, .lambda)
          + (item.target.map { " as " + expressions.text($0) } ?? "")
      }
      lines.append(
        "\(indent)\(isAsync ? "async " : "")with \(list.joined(separator: ", ")):")
      self.body(body, indent + "    ")
    case .function(let definition): print(definition, indent)
    case .class(let definition): print(definition, indent)
    case .comment: break
    default: lines.append(indent + SimpleStatementPrinter(expressions).text(statement.kind))
    }
  }

  private mutating func printIf(
    _ word: String, _ test: Expression, _ body: [Statement], _ rest: [Statement], _ indent: String
  ) {
    lines.append("\(indent)\(word) \(expressions.text(test)):")
    self.body(body, indent + "    ")
    if rest.count == 1, case .if(let test, let body, let rest) = rest[0].kind {
      return printIf("elif", test, body, rest, indent)
    }
    printElse(rest, indent)
  }

  private mutating func printElse(_ statements: [Statement], _ indent: String) {
    guard !statements.isEmpty else { return }
    lines.append(indent + "else:")
    body(statements, indent + "    ")
  }

  private mutating func printTry(
    _ body: [Statement], _ handlers: [Statement.ExceptHandler], _ rest: [Statement],
    _ last: [Statement], _ indent: String
  ) {
    lines.append(indent + expressions.listed("try:"))
    self.body(body, indent + "    ")
    for handler in handlers {
      var head = handler.name == nil ? "except" : expressions.perhaps("except")
      if let type = handler.type { head += " " + expressions.text(type) }
      if let name = handler.name {
        head += " as " + expressions.listed(Identifiers.sanitized(name))
      }
      lines.append("\(indent)\(head):")
      self.body(handler.body, indent + "    ")
    }
    printElse(rest, indent)
    guard !last.isEmpty else { return }
    lines.append(indent + "finally:")
    self.body(last, indent + "    ")
  }

  // MARK: Definitions

  private mutating func print(_ definition: FunctionDefinition, _ indent: String) {
    decorators(definition.decorators, indent)
    let outer = expressions
    defer { expressions = outer }
    // The code inside has positions of its own.
    let keyword = expressions.listed(definition.isAsync ? "async def" : "def")
    if !isOutermost { expressions.marking = expressions.marking.inside }
    isOutermost = false
    let parameters = ParameterPrinter(expressions).text(definition.parameters)
    let result = definition.returns.map { " -> " + expressions.text($0) } ?? ""
    enter(definition.name)
    defer { path.removeLast(2) }
    lines.append(
      "\(indent)\(keyword) \(Identifiers.sanitized(definition.name))(\(parameters))\(result):")
    if let docstring = definition.docstring {
      docstringLines(docstring, indent + "    ")
      if definition.body.isEmpty { return }
    }
    body(definition.body, indent + "    ")
  }

  private mutating func print(_ definition: ClassDefinition, _ indent: String) {
    decorators(definition.decorators, indent)
    let isBare = definition.bases.isEmpty && definition.keywords.isEmpty
    let head =
      isBare
      ? Identifiers.sanitized(definition.name)
      : expressions.call(.name(definition.name), definition.bases, definition.keywords)
    enter(definition.name)
    path.removeLast()
    defer { path.removeLast() }
    lines.append("\(indent)class \(head):")
    if let docstring = definition.docstring {
      docstringLines(docstring, indent + "    ")
      if definition.body.isEmpty { return }
      lines.append("")
    }
    body(definition.body, indent + "    ")
  }

  /// Notes a definition that is printed next; what stands in a function has `<locals>` in its name.
  private mutating func enter(_ name: String) {
    path.append(name)
    places.definitions.append(.init(name: path.joined(separator: "."), printed: lines.count))
    path.append("<locals>")
  }

  private mutating func decorators(_ decorators: [Expression], _ indent: String) {
    for decorator in decorators {
      lines.append("\(indent)\(expressions.listed("@"))\(expressions.text(decorator))")
    }
  }
}

extension Statement {
  fileprivate var isDefinition: Bool {
    switch kind {
    case .function, .class: true
    default: false
    }
  }
}
