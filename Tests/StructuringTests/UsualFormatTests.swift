import Basics
import PythonSyntax
import Structuring
import Testing

/// Texts that may have been written with `%` or as f-strings.
struct UsualFormatTests {
  // An f-string.
  private let ambiguous = Statement(
    .return(.formatted([.value(.name("x"), nil, [.text(Text(".3f"))])])))
  // The same with `%`.
  private let percent = Statement(
    .return(
      .binary(.constant(.string(Text("%.3f"))), .remainder, .tuple([.name("x")]))))
  // What no f-string compiles to.
  private let certain = Statement(
    .expression(.binary(.constant(.string(Text("%s"))), .remainder, .name("x"))))

  @Test func oneFormThatIsCertainDecides() {
    #expect([certain, ambiguous].inUsualFormats == [certain, percent])
  }

  @Test func nothingIsChangedWithoutOne() {
    #expect([ambiguous].inUsualFormats == [ambiguous])
  }

  @Test func nothingIsChangedBesideAnFString() {
    let plain = Statement(.expression(.formatted([.value(.name("x"), nil, nil)])))
    #expect([certain, plain, ambiguous].inUsualFormats == [certain, plain, ambiguous])
  }
}
