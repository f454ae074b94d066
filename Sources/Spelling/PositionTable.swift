/// The positions in its source that a code object lists: a set of lines and columns, in order.
///
/// Cython 3.1 and later write one entry for nearly every node of a function, in CPython 3.11's
/// format of location tables (`Cython/Compiler/LineTable.py`).
package struct PositionTable: Sendable {
  package struct Position: Hashable, Comparable, Sendable {
    /// The line in the source, from 1.
    package let line: Int
    /// The column in characters, from 0.
    package let column: Int

    package init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.line, left.column) < (right.line, right.column)
    }
  }

  package let positions: [Position]

  package init(_ positions: [Position]) { self.positions = positions }

  /// Decodes the table of a code object that starts at a line; nil if the bytes are none that
  /// Cython writes.
  package init?(_ bytes: [UInt8], firstLine: Int) {
    var reader = Reader(bytes)
    var line = firstLine
    var result: [Position] = []
    while let head = reader.next() {
      // One instruction of two bytes for each entry.
      guard head & 0x87 == 0x80 else { return nil }
      let column: Int
      switch Int(head >> 3) & 15 {
      case let code where code < 10:
        guard let byte = reader.next() else { return nil }
        column = code << 3 | Int(byte >> 4)
      case let code where code < 13:
        guard let start = reader.next(), reader.next() != nil else { return nil }
        line += code - 10
        column = Int(start)
      case 14:
        guard let distance = reader.variable(), reader.variable() == 0,
          let start = reader.variable(), reader.variable() != nil, distance & 1 == 0
        else { return nil }
        line += distance >> 1
        column = start - 1
      default: return nil
      }
      let position = Position(line: line, column: column)
      guard column >= 0, result.last.map({ $0 < position }) ?? true else { return nil }
      result.append(position)
    }
    positions = result
  }

  private struct Reader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    mutating func next() -> UInt8? { bytes.popFirst() }

    /// Six bits per byte, the least significant first.
    mutating func variable() -> Int? {
      var result = 0
      for shift in stride(from: 0, to: 30, by: 6) {
        guard let byte = next() else { return nil }
        result |= Int(byte & 63) << shift
        if byte & 64 == 0 { return result }
      }
      return nil
    }
  }
}
