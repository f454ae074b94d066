import IR

/// Clears the upper half of a register that `ldrsb` and `ldrsh` of 32 bits load, which SLEIGH fills with
/// the sign.
///
/// ```
/// ldrsb w0, [x1]     t = [x1]; x0 = sext(t)     →     t = [x1]; w0 = sext(t); x0 = zext(w0)
/// ```
struct SignedLoads {
  func narrow(_ block: inout MachineBlock, _ code: ArraySlice<UInt8>) {
    var index = 0
    while index < block.transfers.count {
      defer { index += 1 }
      let transfer = block.transfers[index]
      guard transfer.opcode == .signExtend, transfer.input0.size <= 2,
        let whole = transfer.output, whole.space == .register, whole.size == 8,
        isNarrow(transfer.address, from: block.start.address, code)
      else { continue }
      let half = Varnode(.register, offset: whole.offset, size: 4)
      block.transfers[index].output = half
      block.transfers.insert(
        Transfer(.zeroExtend, output: whole, half, at: transfer.address), at: index + 1)
    }
  }

  /// Whether the instruction at an address is LDRSB or LDRSH of 32 bits.
  private func isNarrow(_ address: UInt64, from start: UInt64, _ code: ArraySlice<UInt8>) -> Bool {
    guard address >= start, let offset = Int(exactly: address - start), offset + 4 <= code.count
    else { return false }
    let place = code.startIndex + offset
    let word = code[place..<(place + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    return word & 0xBEC0_0000 == 0x38C0_0000
  }
}
