import PythonSyntax
import Structuring
import Testing

struct StatementTests {
  @Test func failuresSayWhere() {
    let problem = NotUnderstood("a call of f", at: 0x1234)
    #expect(problem.reason == "a call of f")
    #expect(problem.address == 0x1234)
    #expect(!problem.isFatal)
  }

  @Test func mentionsLooksIntoEveryPart() {
    let inner = Statement(.return(.call(.name("f"), [.list([.name("wanted")])], [])))
    let outer = Statement(.if(.name("a"), [], [inner]))
    #expect(outer.mentions { $0 == "wanted" })
    #expect(!outer.mentions { $0 == "other" })
  }
}
