import PythonSyntax
import Testing

/// Statements on the lines where they stood.
struct LineLayoutTests {
  private func text(_ body: [Statement], header: [String] = []) -> [Substring] {
    var printer = ModulePrinter()
    let source = printer.print(Module(header: header, body: body), keepsLines: true)
    return source.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  private func call(_ name: String, line: Int?, comments: [String] = []) -> Statement {
    Statement(.expression(.name(name)), line: line, comments: comments)
  }

  @Test func linesArePadded() {
    #expect(
      text([call("a", line: 2), call("b", line: nil), call("c", line: 5)]) == [
        "", "a", "b", "", "c",
      ])
  }

  @Test func oneLineStaysOne() {
    let leave = Statement(.return(nil), line: 1)
    let test = Statement(.if(.name("x"), [leave], []), line: 1)
    #expect(text([test, call("a", line: 2), call("b", line: 2)]) == ["if x: return", "a; b"])
  }

  @Test func bodiesOfSeveralStatementsAreNotPutOnALine() {
    let inner = FunctionDefinition(
      name: "f", parameters: .init(), body: [call("b", line: 3)], line: 2)
    let test = Statement(
      .if(.name("x"), [call("a", line: 1), Statement(.function(inner))], []), line: 1)
    #expect(text([test]) == ["if x:", "    a", "    def f():", "        b"])
  }

  @Test func definitionsKeepTheirDistance() {
    let definition = FunctionDefinition(
      name: "f", parameters: .init(), decorators: [.name("d")], body: [call("a", line: 7)], line: 6)
    let lines = text([call("x", line: 1), Statement(.function(definition)), call("y", line: 8)])
    #expect(lines == ["x", "", "", "", "@d", "def f():", "    a", "y"])
  }

  @Test func linesThatContradictOthersAreNotBelieved() {
    let lines = text([
      call("a", line: 1), call("b", line: 900), call("c", line: 2), call("d", line: 4),
    ])
    #expect(lines == ["a", "b", "c", "d"])
  }

  @Test func commentsTakeTheRoomThereIs() {
    let below = text([call("a", line: 1), call("b", line: 3, comments: ["why"])])
    #expect(below == ["a", "# why", "b"])
    let behind = text([call("a", line: 1), call("b", line: 2, comments: ["why"])])
    #expect(behind == ["a", "b  # why"])
  }

  @Test func hostileLinesCostNothing() {
    #expect(text([call("a", line: .max), call("b", line: -1)]) == ["a", "b"])
    #expect(text([call("a", line: 900_000)]).count == 20_001)
  }
}
