import IR
import RuntimeModel
import Simplification
import Testing

/// Reference counts, as compilers leave them.
struct CountTests {
  /// How many loads are counts of a function that tests what an object starts with, and calls a function
  /// with one of two objects.
  private func counts(calling object: String) throws -> Int {
    let layout = ObjectLayout(PythonVersion(3, 6), pointerSize: 8)
    var parser = Parser(layout: layout)
    let function = try parser.parse(
      """
      function 0x0
      b0 at 0x0:
        %1:8 = load register8:8
        %2:1 = equal %1, 0x0:8
        branch %2, b1, b2
      b1 at 0x1 from b0:
        jump b3
      b3 at 0x3 from b1:
        %3:8 = call 0x1000:8, \(object)
        jump b2
      b2 at 0x2 from b0, b3:
        return 0x0:8
      """)
    return function.testedCounts().count
  }

  @Test func aCountThatWasRaisedAndLoweredIsStillTested() throws {
    #expect(try counts(calling: "register8:8") == 1)
  }

  @Test func whatElseIsTestedIsNoCount() throws {
    #expect(try counts(calling: "register16:8") == 0)
  }
}
