import Spelling
import Testing

struct PositionTableTests {
  private typealias Position = PositionTable.Position

  @Test func shortEntriesStayOnTheirLine() {
    // Column 4, and column 9 up to the next entry.
    let table = PositionTable([0x80, 0x45, 0x88, 0x11], firstLine: 7)
    #expect(
      table?.positions == [Position(line: 7, column: 4), Position(line: 7, column: 9)])
  }

  @Test func otherEntriesGoDown() {
    // One line down, column 8; then 40 lines, column 100.
    let table = PositionTable(
      [0xD8, 8, 9, 0xF0, 0x50, 0x01, 0, 0x65, 0x01, 0x66, 0x01], firstLine: 1)
    #expect(
      table?.positions == [Position(line: 2, column: 8), Position(line: 42, column: 100)])
  }

  @Test func otherBytesAreNone() {
    #expect(PositionTable([0x00, 0x45], firstLine: 1) == nil, "no entry starts like this")
    #expect(PositionTable([0x81, 0x45], firstLine: 1) == nil, "two instructions")
    #expect(PositionTable([0x80], firstLine: 1) == nil, "cut off")
    #expect(PositionTable([0x80, 0x45, 0x80, 0x45], firstLine: 1) == nil, "out of order")
    #expect(PositionTable([0xF0, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F], firstLine: 1) == nil)
  }
}
