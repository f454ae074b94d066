import IR

/// Puts in what `ext` does, which SLEIGH leaves open.
///
/// ```
/// ext v0.16b, v1.16b, v2.16b, #8     →     low = q1[8..15]; high = q2[0..7]; q0 = high:low
/// ```
/// clang makes it to exchange two neighbouring pointers, such as the names of variables on their way into
/// an array. Only whole halves are exchanged that way.
struct VectorExtraction {
  /// The vector registers by their numbers.
  private let registers: [Varnode]

  /// - Returns: nil if the machine has no such registers.
  init?(_ machine: Machine) {
    guard machine.splitsAddresses else { return nil }
    var numbered: [Int: Varnode] = [:]
    for (register, name) in machine.registerNames where register.size == 16 {
      if name.hasPrefix("q"), let number = Int(name.dropFirst()) { numbered[number] = register }
    }
    guard numbered.count == 32 else { return nil }
    registers = (0..<32).compactMap { numbered[$0] }
  }

  func replace(in block: inout MachineBlock, _ code: ArraySlice<UInt8>) {
    for index in block.transfers.indices {
      let transfer = block.transfers[index]
      guard transfer.opcode == .callOther, let output = transfer.output, output.size == 16,
        let (low, high) = halves(at: transfer.address, from: block.start.address, code)
      else { continue }
      block.transfers[index] = Transfer(
        .concatenate, output: output, high, low, at: transfer.address)
    }
  }

  private func halves(
    at address: UInt64, from start: UInt64, _ code: ArraySlice<UInt8>
  ) -> (low: Varnode, high: Varnode)? {
    guard address >= start, let offset = Int(exactly: address - start), offset + 4 <= code.count
    else { return nil }
    let place = code.startIndex + offset
    let word = code[place..<(place + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    // EXT with Q set and a distance of 0 or 8 bytes
    guard word & 0xFFE0_BC00 == 0x6E00_0000 else { return nil }
    let (first, second) = (register(word >> 5), register(word >> 16))
    let distance = word >> 11 & 0xF
    return distance == 0 ? (half(first, 0), half(first, 8)) : (half(first, 8), half(second, 0))
  }

  private func register(_ number: UInt32) -> Varnode { registers[Int(number & 31)] }

  private func half(_ register: Varnode, _ position: UInt64) -> Varnode {
    Varnode(.register, offset: register.offset + position, size: 8)
  }
}
