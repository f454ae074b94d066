import PythonSyntax
import Structuring
import Testing

/// Made-up variables that are given to others before they hold anything.
struct OpenCopyTests {
  private func assign(_ name: String, _ value: Expression) -> Statement {
    Statement(.assign([.name(name)], value))
  }

  /// `for x in xs:`, and what stands behind it.
  private func loop(_ body: [Statement], else rest: [Statement] = []) -> Statement {
    Statement(.for(.name("x"), .name("xs"), body, rest, isAsync: false))
  }

  private let made = Expression.call(.name("f"), [], [])

  @Test func theFirstTurnOfALoopHasNone() {
    let body = [assign("y", .name("_value1")), assign("_value1", made)]
    #expect([loop(body)].copyOpenTemporaries)
    #expect(![assign("_value1", made), loop(body)].copyOpenTemporaries)
  }

  @Test func aBreakSkipsWhatStandsBehindIt() {
    let body = [
      Statement(.if(.name("x"), [Statement(.break)], [])), assign("_value1", made),
    ]
    #expect([loop(body), assign("y", .name("_value1"))].copyOpenTemporaries)
    let endless = Statement(
      .while(.constant(.true), [assign("_value1", made), Statement(.break)], []))
    #expect(![endless, assign("y", .name("_value1"))].copyOpenTemporaries)
  }

  @Test func bothArmsMustAssign() {
    let one = Statement(.if(.name("c"), [assign("_value1", made)], []))
    #expect([one, assign("y", .name("_value1"))].copyOpenTemporaries)
    let left = Statement(.if(.name("c"), [assign("_value1", made)], [Statement(.return(nil))]))
    #expect(![left, assign("y", .name("_value1"))].copyOpenTemporaries)
  }

  @Test func handlersStartWhereTheBodyDid() {
    let attempt = Statement(
      .try(
        [assign("_value1", made)], [.init(nil, nil, [assign("y", .name("_value1"))])], [], []))
    #expect([attempt].copyOpenTemporaries)
  }

  @Test func variablesOfTheSourceMayBeOpen() {
    #expect(![assign("y", .name("z"))].copyOpenTemporaries)
    #expect(![Statement(.return(.name("_value1")))].copyOpenTemporaries)
  }
}
