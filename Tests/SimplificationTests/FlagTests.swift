import Analysis
import IR
import RuntimeModel
import Simplification
import Testing

struct FlagTests {
  private func parse(_ text: String) throws -> Function {
    var parser = Parser(layout: ObjectLayout(PythonVersion(3, 11), pointerSize: 8))
    return try parser.parse(text)
  }

  @Test func aTestedFlagIsKnownWhereWaysMeet() throws {
    var function = try parse(
      """
      function 0x0
      b0 at 0x0:
        branch register16:1, b1, b2
      b1 at 0x1 from b0:
        jump b2
      b2 at 0x2 from b0, b1:
        %1:8 = phi 0x0:8, 0x1:8
        %2:1 = equal %1, 0x0:8
        branch %2, b4, b3
      b3 at 0x3 from b2:
        jump b4
      b4 at 0x4 from b2, b3:
        %3:8 = phi 0x7:8, %1
        return %3
      """)
    let isNarrowed = function.narrowFlags()
    #expect(isNarrowed)
    let last = try #require(function.reversePostorder().last)
    let phi = try #require(function[last].instructions.first)
    #expect(function.operands(of: phi).map { function.constant($0) } == [7, 1])
    #expect(Verifier(.constructed).problems(in: function) == [])
  }

  @Test func aFlagIsThreadedWhereBothWaysReadAValue() throws {
    var function = try parse(
      """
      function 0x0
      b0 at 0x0:
        branch register16:1, b1, b2
      b1 at 0x1 from b0:
        jump b3
      b2 at 0x2 from b0:
        jump b3
      b3 at 0x3 from b1, b2:
        %1:8 = phi 0x0:8, 0x1:8
        %2:8 = phi register8:8, register24:8
        %3:1 = equal %1, 0x0:8
        branch %3, b4, b5
      b4 at 0x4 from b3:
        store register32:8, %2
        return 0x0:8
      b5 at 0x5 from b3:
        return %2
      """)
    let isThreaded = function.threadFlags()
    #expect(isThreaded)
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        let isPhi = function.isPhi(id)
        #expect(!isPhi)
      }
    }
    #expect(Verifier(.constructed).problems(in: function) == [])
  }

  @Test func repeatedInstructionsAreWrittenOut() throws {
    var function = try parse(
      """
      function 0x0
      b0 at 0x0:
        jump b1
      b1 at 0x1 from b0, b2:
        %1:8 = phi register32:8, %3
        %2:8 = phi 0x6:8, %4
        %5:1 = equal %2, 0x0:8
        %3:8 = add %1, 0x4:8
        %4:8 = add %2, 0xffffffffffffffff:8
        branch %5, b3, b2
      b2 at 0x2 from b1:
        store %1, 0x0:4
        jump b1
      b3 at 0x3 from b1:
        return %1
      """)
    let isUnrolled = function.unrollRepeats(wordSize: 8)
    #expect(isUnrolled)
    #expect(Verifier(.constructed).problems(in: function) == [])
    let order = function.reversePostorder()
    let stores = order.flatMap { function[$0].instructions }.filter {
      function[$0].operation == .machine(.store)
    }
    #expect(stores.map { function.offset(function.operand(0, of: $0)).offset } == [0, 8, 16])
    #expect(order.count == 3)
  }
}
