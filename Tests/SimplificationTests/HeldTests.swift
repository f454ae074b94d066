import Analysis
import IR
import RuntimeModel
import Simplification
import Testing

struct HeldTests {
  /// A loop in the body of a `try` statement, whose variable is returned behind it.
  private func loop() throws -> Function {
    var parser = Parser(layout: ObjectLayout(PythonVersion(3, 11), pointerSize: 8))
    return try parser.parse(
      """
      function 0x0
      b0 at 0x0:
        %1:1 = python.tryBegin
        branch %1, b1, b3
      b1 at 0x1 from b0, b2:
        %2:8 = phi register16:8, %3
        branch register24:1, b2, b4
      b2 at 0x2 from b1:
        %3:8 = call 0x10:8, %2
        jump b1
      b3 at 0x3 from b0:
        %4:8 = call 0x20:8
        jump b4
      b4 at 0x4 from b1, b3:
        return %2
      """)
  }

  /// The loop's variable, and what stands for it in the handler.
  private func values(
    _ function: borrowing Function
  ) throws -> (merged: Instruction.ID, held: Instruction.ID) {
    var merged: Instruction.ID?
    var held: Instruction.ID?
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if function[id].operation == .phi { merged = id }
        if function.operandCount(of: id) == 1,
          function.constant(function.operand(0, of: id)) == 0x20
        {
          held = id
        }
      }
    }
    return (try #require(merged), try #require(held))
  }

  @Test func whatABodyMergedIsReadFromTheHandler() throws {
    var function = try loop()
    let (merged, held) = try values(function)
    function.readHeldValues([HeldValue(value: held, merged: [], first: nil, copied: merged)])
    let last = try #require(function.reversePostorder().last)
    let returned = try #require(function[last].terminator.value)
    #expect(Set(function.operands(of: returned)) == [merged, held])
    #expect(Verifier(.pruned).problems(in: function) == [])
  }

  @Test func whatMeetsAtAHandlerIsLeftAlone() throws {
    var function = try loop()
    let (merged, held) = try values(function)
    function.readHeldValues([HeldValue(value: held, merged: [merged], first: nil, copied: nil)])
    let last = try #require(function.reversePostorder().last)
    #expect(function[last].terminator.value == merged)
  }
}
