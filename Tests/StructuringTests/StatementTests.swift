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

  /// `try: f()` / `except K as error: …`, and what stands behind it.
  private func handled(_ body: [Statement], _ behind: Statement.Kind...) -> [Statement] {
    let attempt = Statement(.expression(.call(.name("f"), [], [])))
    let handler = Statement.ExceptHandler(.name("K"), "error", body)
    return [Statement(.try([attempt], [handler], [], []))] + behind.map { Statement($0) }
  }

  @Test func aNameIsDeletedWhereItsHandlerEnds() {
    let pass = [Statement(.pass)]
    #expect(handled(pass, .raise(.name("E"), cause: .name("error"))).readsDeletedName())
    #expect(!handled([Statement(.return(nil))], .return(.name("error"))).readsDeletedName())
    #expect(
      !handled(pass, .assign([.name("error")], .name("x")), .return(.name("error")))
        .readsDeletedName())
    let loop = Statement(.while(.name("go"), handled(pass), []))
    #expect([loop, Statement(.return(.name("error")))].readsDeletedName())
  }
}
