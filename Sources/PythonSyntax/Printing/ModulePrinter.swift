import Basics

/// Writes a module as Python source.
package struct ModulePrinter {
  private var expressions: ExpressionPrinter
  /// Whether the next function is the one whose positions are asked for.
  private var isOutermost = true
  private var lines: [PrintedLine] = []
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
    printer.print(definition, 0)
    return printer.lines.filter { $0.kind != .blank && $0.kind != .comment }.map(\.indented)
  }

  /// - Parameters:
  ///   - module: what to print.
  ///   - keepsLines: whether statements stand on their original lines where those are known.
  /// - Returns: the source, ending in a newline.
  package mutating func print(_ module: Module, keepsLines: Bool = false) -> String {
    lines = module.header.map { PrintedLine(.header, comment($0)) }
    if let docstring = module.docstring { docstringLines(docstring, 0) }
    block(module.body, 0, isTop: true)
    while lines.last?.kind == .blank { lines.removeLast() }
    let layout = LineLayout(lines, keepsLines: keepsLines)
    places.resolve(layout.starts)
    return layout.lines.joined(separator: "\n") + "\n"
  }

  /// An expression on one line.
  package func print(_ expression: Expression) -> String { expressions.text(expression) }

  /// A comment line; whatever could end the line is replaced.
  private func comment(_ text: String) -> String {
    let safe = String(
      text.unicodeScalars.map { Literals.isPrintable($0) ? Character($0) : "?" })
    return safe.isEmpty ? "#" : "# " + safe
  }

  private mutating func docstringLines(_ docstring: Expression.Constant, _ indent: Int) {
    guard case .string(let text) = docstring, expressions.marking == .none else { return }
    lines.append(PrintedLine(.docstring, Self.docstring(text), indent))
  }

  /// A docstring in triple quotes where that reads well, else on one line.
  private static func docstring(_ text: Text) -> String {
    guard text.codePoints.contains(0x0A), !text.codePoints.contains(0x0D) else {
      return Literals.string(text)
    }
    let inside = Literals.escaped(text, quote: "\"", isTriple: true)
    return "\"\"\"" + inside + "\"\"\""
  }

  // MARK: Statements

  private mutating func block(_ statements: [Statement], _ indent: Int, isTop: Bool = false) {
    for (index, statement) in statements.enumerated() {
      let previous = index > 0 ? statements[index - 1] : nil
      separate(previous, statement, isTop: isTop)
      for text in statement.comments { lines.append(PrintedLine(.comment, comment(text), indent)) }
      let first = lines.count
      print(statement, indent)
      if let line = statement.line {
        places.statements.append(.init(original: line, printed: first))
        if first < lines.count, lines[first].original == nil { lines[first].original = line }
      }
    }
  }

  /// The first line of a block.
  private mutating func head(_ text: String, _ indent: Int) {
    lines.append(PrintedLine(.head, text + ":", indent))
  }

  private mutating func body(_ statements: [Statement], _ indent: Int) {
    let hasCode = statements.contains { $0.kind != .comment }
    block(statements, indent)
    if !hasCode { lines.append(PrintedLine(.simple, "pass", indent)) }
  }

  /// Blank lines around definitions.
  private mutating func separate(_ previous: Statement?, _ next: Statement, isTop: Bool) {
    guard let last = lines.last, last.kind != .blank else { return }
    if next.isDefinition && (previous != nil || isTop) || previous?.isDefinition == true {
      lines += Array(repeating: .blank, count: isTop ? 2 : 1)
    }
  }

  private mutating func print(_ statement: Statement, _ indent: Int) {
    switch statement.kind {
    case .if(let test, let body, let rest):
      printIf(expressions.listed("if"), test, body, rest, indent)
    case .while(let test, let body, let rest):
      head("\(expressions.listed("while")) \(expressions.text(test, .assignment))", indent)
      self.body(body, indent + 1)
      printElse(rest, indent)
    case .for(let target, let iterable, let body, let rest, let isAsync):
      let start = expressions.listed(isAsync ? "async for " : "for ") + expressions.target(target)
      head("\(start) in \(expressions.text(iterable, .assignment))", indent)
      self.body(body, indent + 1)
      printElse(rest, indent)
    case .try(let body, let handlers, let rest, let last):
      printTry(body, handlers, rest, last, indent)
    case .with(let items, let body, let isAsync):
      let list = items.map { item in
        expressions.text(item.context, .lambda)
          + (item.target.map { " as " + expressions.text($0) } ?? "")
      }
      head("\(isAsync ? "async " : "")with \(list.joined(separator: ", "))", indent)
      self.body(body, indent + 1)
    case .function(let definition): print(definition, indent)
    case .class(let definition): print(definition, indent)
    case .comment: break
    default:
      let text = SimpleStatementPrinter(expressions).text(statement.kind)
      lines.append(PrintedLine(.simple, text, indent))
    }
  }

  private mutating func printIf(
    _ word: String, _ test: Expression, _ body: [Statement], _ rest: [Statement], _ indent: Int
  ) {
    head("\(word) \(expressions.text(test, .assignment))", indent)
    self.body(body, indent + 1)
    if rest.count == 1, case .if(let test, let body, let others) = rest[0].kind {
      let first = lines.count
      printIf("elif", test, body, others, indent)
      lines[first].original = rest[0].line
      return
    }
    printElse(rest, indent)
  }

  private mutating func printElse(_ statements: [Statement], _ indent: Int) {
    guard !statements.isEmpty else { return }
    head("else", indent)
    body(statements, indent + 1)
  }

  private mutating func printTry(
    _ body: [Statement], _ handlers: [Statement.ExceptHandler], _ rest: [Statement],
    _ last: [Statement], _ indent: Int
  ) {
    head(expressions.listed("try"), indent)
    self.body(body, indent + 1)
    for handler in handlers {
      var text = handler.name == nil ? "except" : expressions.perhaps("except")
      if let type = handler.type { text += " " + expressions.text(type, .assignment) }
      if let name = handler.name {
        text += " as " + expressions.listed(Identifiers.sanitized(name))
      }
      head(text, indent)
      self.body(handler.body, indent + 1)
    }
    printElse(rest, indent)
    guard !last.isEmpty else { return }
    head("finally", indent)
    self.body(last, indent + 1)
  }

  // MARK: Definitions

  private mutating func print(_ definition: FunctionDefinition, _ indent: Int) {
    decorators(definition.decorators, indent)
    let outer = expressions
    defer { expressions = outer }
    // The code inside has positions of its own.
    let keyword = expressions.listed(definition.isAsync ? "async def" : "def")
    if !isOutermost { expressions.marking = expressions.marking.inside }
    isOutermost = false
    let parameters = ParameterPrinter(expressions).text(definition.parameters)
    let result = definition.returns.map { " -> " + expressions.text($0, .assignment) } ?? ""
    enter(definition.name)
    defer { path.removeLast(2) }
    head("\(keyword) \(Identifiers.sanitized(definition.name))(\(parameters))\(result)", indent)
    lines[lines.count - 1].original = definition.line
    if let docstring = definition.docstring {
      docstringLines(docstring, indent + 1)
      if definition.body.isEmpty { return }
    }
    body(definition.body, indent + 1)
  }

  private mutating func print(_ definition: ClassDefinition, _ indent: Int) {
    decorators(definition.decorators, indent)
    let isBare = definition.bases.isEmpty && definition.keywords.isEmpty
    let text =
      isBare
      ? Identifiers.sanitized(definition.name)
      : expressions.call(.name(definition.name), definition.bases, definition.keywords)
    enter(definition.name)
    path.removeLast()
    defer { path.removeLast() }
    head("class " + text, indent)
    if let docstring = definition.docstring {
      docstringLines(docstring, indent + 1)
      if definition.body.isEmpty { return }
      lines.append(.blank)
    }
    body(definition.body, indent + 1)
  }

  /// Notes a definition that is printed next; what stands in a function has `<locals>` in its name.
  private mutating func enter(_ name: String) {
    path.append(name)
    places.definitions.append(.init(name: path.joined(separator: "."), printed: lines.count))
    path.append("<locals>")
  }

  private mutating func decorators(_ decorators: [Expression], _ indent: Int) {
    for decorator in decorators {
      let text = expressions.listed("@") + expressions.text(decorator, .assignment)
      lines.append(PrintedLine(.decorator, text, indent))
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
