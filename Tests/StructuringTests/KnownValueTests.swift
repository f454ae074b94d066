import Basics
import PythonSyntax
import Structuring
import Testing

/// What compilers know of values, and what people write where they do.
struct KnownValueTests {
  private let x = Expression.name("x")

  private func assign(_ name: String, _ value: Expression) -> Statement {
    Statement(.assign([.name(name)], value))
  }

  private func compare(_ left: Expression, _ parts: Expression.ComparisonPart...) -> Expression {
    .comparison(left, parts)
  }

  /// `x = None` and a loop that looks for another value, with what is done where it ends by itself.
  private func search(_ body: [Statement], else rest: [Statement]) -> [Statement] {
    [assign("x", .none), Statement(.for(.name("y"), .name("z"), body, rest, isAsync: false))]
  }

  private var find: [Statement] {
    [
      assign("x", .call(.name("f"), [.name("y")], [])),
      Statement(.if(compare(x, .init(.isNot, .none)), [Statement(.break)], [])),
    ]
  }

  @Test func aLoopSaysNothingThatIsKnownAtItsEnd() {
    let statements = search(find, else: [assign("x", .none)])
    #expect(statements.withoutKnownAtLoopEnds(locals: ["x"]) == search(find, else: []))
  }

  @Test func whatMayHaveChangedIsSaidAgain() {
    let other = search([find[0]], else: [assign("x", .none)])
    #expect(other.withoutKnownAtLoopEnds(locals: ["x"]) == other)
    let goesOn = search(
      [find[0], Statement(.if(x, [Statement(.continue)], [])), find[1]],
      else: [assign("x", .none)])
    #expect(goesOn.withoutKnownAtLoopEnds(locals: ["x"]) == goesOn)
    let global = search(find, else: [assign("x", .none)])
    #expect(global.withoutKnownAtLoopEnds(locals: []) == global)
  }

  @Test func twoTestsOnOneLineThatLeadToTheSameAreOne() {
    let (yes, no) = ([Statement(.return(.name("a")))], [Statement(.return(.name("b")))])
    let inner = Statement(.if(.name("q"), yes, no), line: 3)
    #expect(
      Statement(.if(.name("p"), [inner], no), line: 3).joiningTestsOfLine
        == Statement(.if(.boolean(.and, [.name("p"), .name("q")]), yes, no), line: 3))
    let apart = Statement(.if(.name("p"), [inner], no), line: 2)
    #expect(apart.joiningTestsOfLine == apart)
    let others = Statement(.if(.name("p"), [inner], yes), line: 3)
    #expect(others.joiningTestsOfLine == others)
  }

  @Test func numbersAreWrittenAsPeopleDo() {
    let test = compare(x, .init(.is, .none))
    let choice = Expression.conditional(test: test, .integer(0), .integer(1))
    #expect(
      Expression.binary(.integer(2), .subtract, choice).with(NameKinds())
        == .conditional(test: test, .integer(2), .integer(1)))
    let truth = Expression.conditional(test: test, .integer(1), .integer(0))
    #expect(
      Expression.binary(.string(" "), .multiply, truth).with(NameKinds())
        == .binary(.string(" "), .multiply, test))
  }

  @Test func boundsOfFloatsAreOneComparison() {
    let bounds = Expression.boolean(
      .and,
      [compare(x, .init(.greaterOrEqual, .integer(0))), compare(x, .init(.less, .integer(1)))])
    #expect(
      bounds.with(NameKinds(floats: ["x"]))
        == compare(.integer(0), .init(.lessOrEqual, x), .init(.less, .integer(1))))
    // Objects are asked in the order of the source.
    #expect(bounds.with(NameKinds()) == bounds)
  }

  @Test func aTextThatIsTestedIsTheOldFormOfAChoice() {
    let (yes, no) = (Expression.string("1"), Expression.string("0"))
    let both = Expression.boolean(.and, [x, yes])
    #expect(
      Expression.conditional(test: both, yes, no).with(NameKinds()) == .boolean(.or, [both, no]))
  }
}
