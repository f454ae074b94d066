/// DWARF 4 for the recovered Python: a compilation unit with a subprogram for each function, and line
/// tables.
///
/// *DWARF Debugging Information Format*, version 4, sections 6.2 and 7.5.
struct DebugInformation {
  struct Function {
    let name: String
    let range: Range<UInt64>
    let line: Int
  }

  /// Machine code whose rows stand together.
  struct Sequence {
    let range: Range<UInt64>
    let rows: [LineMap.Row]
  }

  let fileName: String
  let folder: String
  let pointerSize: Int
  let functions: [Function]
  let sequences: [Sequence]

  var abbreviations: [UInt8] {
    [
      // compile_unit: name, comp_dir, producer, language, stmt_list, low_pc, high_pc
      1, 0x11, 1, 0x03, 0x08, 0x1B, 0x08, 0x25, 0x08, 0x13, 0x05, 0x10, 0x17, 0x11, 0x01, 0x12,
      0x07, 0, 0,
      // subprogram: name, decl_file, decl_line, low_pc, high_pc
      2, 0x2E, 0, 0x03, 0x08, 0x3A, 0x0B, 0x3B, 0x06, 0x11, 0x01, 0x12, 0x07, 0, 0,
      0,
    ]
  }

  var information: [UInt8] {
    var writer = ByteWriter()
    writer.append(0, size: 4)
    writer.append(4, size: 2)
    writer.append(0, size: 4)
    writer.append(pointerSize, size: 1)
    writer.append([1])
    writer.append(text: fileName)
    writer.append(text: folder)
    writer.append(text: "decython")
    // DW_LANG_Python
    writer.append(0x14, size: 2)
    writer.append(0, size: 4)
    append(extent, to: &writer)
    for function in functions {
      writer.append([2])
      writer.append(text: function.name)
      writer.append([1])
      writer.append(function.line, size: 4)
      append(function.range, to: &writer)
    }
    writer.append([0])
    writer.setLength(behind: 4)
    return writer.bytes
  }

  /// All machine code that has lines, and what lies between.
  ///
  /// LLVM finds the unit of an address by this alone.
  private var extent: Range<UInt64> {
    let start = sequences.map(\.range.lowerBound).min() ?? 0
    return start..<max(start, sequences.map(\.range.upperBound).max() ?? 0)
  }

  /// Where a range starts, and its length.
  private func append(_ range: Range<UInt64>, to writer: inout ByteWriter) {
    writer.append(range.lowerBound, size: pointerSize)
    writer.append(range.upperBound - range.lowerBound, size: 8)
  }

  var lines: [UInt8] {
    var writer = ByteWriter()
    writer.append(0, size: 4)
    writer.append(4, size: 2)
    writer.append(0, size: 4)
    let header = writer.count
    // minimum_instruction_length, maximum_operations, default_is_stmt, line_base, line_range,
    // opcode_base and the numbers of operands
    writer.append([1, 1, 1, 1, 1, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])
    writer.append([0])
    writer.append(text: fileName)
    writer.append([0, 0, 0, 0])
    writer.setLength(behind: header)
    for sequence in sequences { append(sequence, to: &writer) }
    writer.setLength(behind: 4)
    return writer.bytes
  }

  private func append(_ sequence: Sequence, to writer: inout ByteWriter) {
    // DW_LNE_set_address
    writer.append([0, UInt8(1 + pointerSize), 2])
    writer.append(sequence.range.lowerBound, size: pointerSize)
    var (address, line) = (sequence.range.lowerBound, 1)
    for row in sequence.rows {
      advance(&address, to: row.address, &writer)
      if row.line != line {
        writer.append([3])
        writer.appendSigned(leb128: row.line - line)
        line = row.line
      }
      // DW_LNS_copy
      writer.append([1])
    }
    advance(&address, to: sequence.range.upperBound, &writer)
    // DW_LNE_end_sequence
    writer.append([0, 1, 1])
  }

  private func advance(_ address: inout UInt64, to next: UInt64, _ writer: inout ByteWriter) {
    guard next > address else { return }
    writer.append([2])
    writer.appendUnsigned(leb128: next - address)
    address = next
  }
}
