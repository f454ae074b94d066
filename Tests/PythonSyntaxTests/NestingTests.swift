import PythonSyntax
import Testing

struct NestingTests {
  private func nested(_ depth: Int) -> [Statement] {
    (0..<depth).reduce([Statement(.pass)]) { body, _ in
      [Statement(.while(.constant(.true), body, []))]
    }
  }

  @Test func statementsMayStandInOneAnotherToADegree() {
    #expect(!nested(60).areNestedTooDeeply)
    #expect(nested(100).areNestedTooDeeply)
  }

  @Test func aChainOfElifIsNoDeeperThanItsIf() {
    let chain = (0..<200).reduce([Statement(.pass)]) { rest, _ in
      [Statement(.if(.name("a"), [Statement(.pass)], rest))]
    }
    #expect(!chain.areNestedTooDeeply)
  }

  @Test func expressionsMayStandInOneAnotherToADegree() {
    let deep = (0..<300).reduce(Expression.name("a")) { inner, _ in .call(.name("f"), [inner], []) }
    #expect([Statement(.expression(deep))].areNestedTooDeeply)
  }
}
