import PythonSyntax
import Testing

/// What makes a function a generator.
struct YieldTests {
  private let step = Statement(.expression(.yield(.name("x"))))

  @Test func yieldsInStatementsCount() {
    #expect([step].yield)
    #expect([Statement(.if(.name("a"), [], [step]))].yield)
    #expect([Statement(.assign([.name("a")], .yieldFrom(.name("b"))))].yield)
    #expect(![Statement(.return(.name("a")))].yield)
  }

  @Test func yieldsOfInnerFunctionsDoNot() {
    let inner = FunctionDefinition(name: "f", parameters: .init(), body: [step])
    #expect(![Statement(.function(inner))].yield)
    #expect(![Statement(.expression(.lambda(.init(), .yield(nil))))].yield)
  }
}
