import Basics
import BigInt
import PythonSyntax
import Testing

struct PrinterTests {
  private func text(_ expression: Expression) -> String {
    var printer = ModulePrinter()
    let source = printer.print(Module(body: [Statement(.expression(expression))]))
    return String(source.dropLast())
  }

  @Test func parenthesesStandOnlyWhereNeeded() {
    let (a, b, c) = (Expression.name("a"), Expression.name("b"), Expression.name("c"))
    #expect(text(.binary(.binary(a, .add, b), .multiply, c)) == "(a + b) * c")
    #expect(text(.binary(a, .add, .binary(b, .multiply, c))) == "a + b * c")
    #expect(text(.binary(a, .subtract, .binary(b, .subtract, c))) == "a - (b - c)")
    #expect(text(.binary(.unary(.negative, a), .power, b)) == "(-a) ** b")
    #expect(text(.unary(.not, .boolean(.and, [a, b]))) == "not (a and b)")
    #expect(text(.attribute(.integer(1), "real")) == "(1).real")
    #expect(
      text(.conditional(test: a, b, .conditional(test: c, a, b))) == "b if a else a if c else b")
  }

  @Test func displaysAndSlices() {
    let a = Expression.name("a")
    #expect(text(.tuple([a])) == "(a,)")
    #expect(text(.set([])) == "set()")
    #expect(text(.item(a, .slice(nil, .integer(2), nil))) == "a[:2]")
    #expect(text(.item(a, .tuple([a, a]))) == "a[a, a]")
  }

  @Test func formattedStringsAvoidQuotesInside() {
    let part = Expression.FormattedPart.value(.item(.name("a"), .string("k")), nil, nil)
    #expect(text(.formatted([.text(Text("x{")), part])) == "f\"x{{{a['k']}\"")
  }

  @Test(arguments: [
    "int", "a.b.C", "Optional[Dict[str, List[int]]]", "'A'", "Callable[..., None]", "Tuple[()]",
    "Callable[[A, 'B'], C]", "int | None", "Literal['a', -1, True]", "Annotated[int, Ge(0, x=1)]",
  ])
  func annotationsAreRead(_ text: String) {
    #expect(AnnotationParser.expression(Text(text)).map { self.text($0) } == text)
  }

  @Test(arguments: [
    "", "a b", "a:", "x = 1", "a\nimport os", "lambda: 0", "A[int", "int|None", "A[B]]", "'a",
    "f(x=1, 2)", "class", "1.", "'\\n'", "a if b else c",
  ])
  func otherTextIsNoAnnotation(_ text: String) {
    #expect(AnnotationParser.expression(Text(text)) == nil)
  }

  @Test func quotesThatEndNothingStayInDocstrings() {
    func docstring(_ text: String) -> String {
      var printer = ModulePrinter()
      var module = Module(body: [])
      module.docstring = .string(Text(text))
      return printer.print(module)
    }
    #expect(docstring("a \"b\"\nc") == "\"\"\"a \"b\"\nc\"\"\"\n")
    #expect(docstring("a\n\"\"\"\"b\"") == "\"\"\"a\n\"\"\\\"\"b\\\"\"\"\"\n")
  }

  @Test func hostileTextIsEscaped() {
    #expect(text(.string("a'\n\u{202E}\u{1B}")) == "\"a'\\n\\u202e\\x1b\"")
    #expect(text(.name("import os; x")) == "import_x20_os_x3b__x20_x")
    var printer = ModulePrinter()
    let source = printer.print(Module(header: ["a\nimport os"], body: []))
    #expect(source == "# a?import os\n")
  }

  @Test func elifChainsStayFlat() {
    let inner = Statement(.if(.name("b"), [Statement(.pass)], [Statement(.break)]))
    let outer = Statement(.if(.name("a"), [Statement(.pass)], [inner]))
    var printer = ModulePrinter()
    let source = printer.print(Module(body: [outer]))
    #expect(source == "if a:\n    pass\nelif b:\n    pass\nelse:\n    break\n")
  }

  @Test func yieldsInTestsAndBracketsStandInParentheses() {
    let value = Expression.yield(.name("a"))
    let test = Statement(.if(value, [Statement(.expression(.item(.name("b"), value)))], []))
    var printer = ModulePrinter()
    let source = printer.print(Module(body: [test]))
    #expect(source == "if (yield a):\n    b[(yield a)]\n")
  }

  @Test func assignmentExpressionsAloneAreAssignments() {
    let step = Statement(.expression(.assignment("a", .name("b"))))
    var printer = ModulePrinter()
    let source = printer.print(Module(body: [step]))
    #expect(source == "a = b\n")
  }

  @Test func yieldsBehindKeywordsStandInParentheses() {
    let value = Expression.yieldFrom(.name("a"))
    var printer = ModulePrinter()
    let source = printer.print(
      Module(body: [Statement(.return(value)), Statement(.assign([.name("b")], value))]))
    #expect(source == "return (yield from a)\nb = yield from a\n")
  }

  @Test func numbersReadBackAsTheyWere() {
    #expect(text(.constant(.float(1e22))) == "1e+22")
    #expect(text(.constant(.float(0.1))) == "0.1")
    #expect(text(.constant(.integer(BigInt("-12")))) == "-12")
    #expect(text(.constant(.float(.infinity))) == "1e309")
  }
}
