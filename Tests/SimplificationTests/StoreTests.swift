import Analysis
import IR
import RuntimeModel
import Simplification
import Testing

struct StoreTests {
  private func parse(_ text: String) throws -> Function {
    var parser = Parser(layout: ObjectLayout(PythonVersion(3, 11), pointerSize: 8))
    return try parser.parse(text)
  }

  private func stores(in block: Block.ID, of function: borrowing Function) -> Int {
    function[block].instructions.count { function[$0].operation == .machine(.store) }
  }

  @Test func aStoreOfBothWaysStandsInFrontOfTheBranch() throws {
    var function = try parse(
      """
      function 0x0
      b0 at 0x0:
        store register8:8, 0x1:8
        branch register16:1, b1, b2
      b1 at 0x1 from b0:
        store register24:8, register32:8
        store register24:8, 0x2:8
        return 0x0:8
      b2 at 0x2 from b0:
        store register24:8, register32:8
        return 0x1:8
      """)
    let isHoisted = function.hoistCommonStores()
    #expect(isHoisted)
    let counts = function.reversePostorder().map { stores(in: $0, of: function) }
    #expect(counts.first == 2)
    #expect(counts.dropFirst().sorted() == [0, 1])
    #expect(Verifier(.constructed).problems(in: function) == [])
  }

  @Test func aStoreBehindAReadStays() throws {
    var function = try parse(
      """
      function 0x0
      b0 at 0x0:
        branch register16:1, b1, b2
      b1 at 0x1 from b0:
        %1:8 = load register24:8
        store register24:8, register32:8
        return %1
      b2 at 0x2 from b0:
        store register24:8, register32:8
        return 0x1:8
      """)
    let isHoisted = function.hoistCommonStores()
    #expect(!isHoisted)
  }
}
