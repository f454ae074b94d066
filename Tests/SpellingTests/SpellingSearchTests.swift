import PythonSyntax
import Spelling
import Testing

struct SpellingSearchTests {
  private func function(_ body: [Statement]) -> FunctionDefinition {
    var parameters = Parameters()
    parameters.positional = [.init("a"), .init("b")]
    return FunctionDefinition(name: "f", parameters: parameters, body: body)
  }

  private func table(_ positions: (Int, Int)...) -> PositionTable {
    PositionTable(positions.map { PositionTable.Position(line: $0.0, column: $0.1) })
  }

  private let a = Expression.name("a")
  private let b = Expression.name("b")

  /// ```python
  /// def f(a, b):
  ///     if a:
  ///         return b
  ///     return a
  /// ```
  private var statements: PositionTable {
    table((1, 0), (2, 4), (2, 7), (3, 8), (3, 15), (4, 4), (4, 11))
  }

  /// ```python
  /// def f(a, b):
  ///     return b if a else a
  /// ```
  private var expression: PositionTable {
    table((1, 0), (2, 4), (2, 11), (2, 16), (2, 23))
  }

  @Test func positionsOfTheSameSpellingCostNothing() {
    let body = [Statement(.return(.conditional(test: a, b, a)))]
    #expect(SpellingSearch(expression).cost(function(body)) == 0)
    #expect(SpellingSearch(statements).cost(function(body)) > 0)
  }

  @Test func statementsAndConditionalExpressionsAreToldApart() {
    let whole = function([Statement(.return(.conditional(test: a, b, a)))])
    let split = function([
      Statement(.if(a, [Statement(.return(b))], [])), Statement(.return(a)),
    ])
    var search = SpellingSearch(statements)
    #expect(search.best(of: whole, variables: []) == split)
    search = SpellingSearch(expression)
    #expect(search.best(of: split, variables: []) == whole)
  }

  @Test func polarityFollowsThePositions() {
    // `return a if not a else b`
    var search = SpellingSearch(
      table((1, 0), (2, 4), (2, 11), (2, 16), (2, 20), (2, 27)))
    let found = search.best(
      of: function([Statement(.return(.conditional(test: a, b, a)))]), variables: [])
    #expect(
      found == function([Statement(.return(.conditional(test: .unary(.not, a), a, b)))]))
  }

  @Test func aVariableThatIsUsedNowhereHoldsWhatIsReturned() {
    // `result = a(b)` and `return result`
    var search = SpellingSearch(
      table((1, 0), (2, 13), (2, 14), (2, 15), (3, 4), (3, 11)))
    let found = search.best(
      of: function([Statement(.return(.call(a, [b], [])))]), variables: ["result"])
    #expect(found.body.count == 2)
  }

  @Test func whatFitsIsLeftAlone() {
    let body = [Statement(.return(.boolean(.and, [a, b])))]
    var search = SpellingSearch(table((1, 0), (2, 4), (2, 11), (2, 13), (2, 17)))
    #expect(search.best(of: function(body), variables: []).body == body)
  }

  @Test func aStatementStaysBeforeHandlersThatGoOn() {
    // `b = 1` behind the statement would run after the handler, too.
    let attempt = Statement(
      .try(
        [
          Statement(.expression(.call(a, [], []))),
          Statement(.assign([b], .constant(.false))),
        ], [.init(b, nil, [Statement(.expression(a))])], [], []))
    var search = SpellingSearch(
      table((1, 0), (2, 4), (3, 8), (3, 9), (4, 11), (5, 8), (6, 8)))
    #expect(search.best(of: function([attempt]), variables: []).body.count == 1)
  }

  @Test func truthIsNotTheObject() {
    let positions = table((1, 0), (2, 4), (2, 11), (2, 13), (2, 17))
    let twice = [Statement(.return(.unary(.not, .unary(.not, a))))]
    var search = SpellingSearch(table((1, 0), (2, 4), (2, 11)))
    #expect(search.best(of: function(twice), variables: []).body == twice)
    // `a and b` returns `a` where this returns `False`.
    let choice = Expression.conditional(test: .unary(.not, a), .constant(.false), b)
    search = SpellingSearch(positions)
    let found = search.best(of: function([Statement(.return(choice))]), variables: []).body
    #expect(found != [Statement(.return(.boolean(.and, [a, b])))])
  }
}
