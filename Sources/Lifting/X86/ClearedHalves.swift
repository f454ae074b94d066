import IR

/// Clears the upper half of a 64-bit register wherever the lower half is written, which SLEIGH leaves
/// out for `xchg` and `xadd`.
///
/// ```
/// xchg [rdi], eax     EAX = t     →     EAX = t; RAX = zext(EAX)
/// ```
struct ClearedHalves {
  /// The general registers by where they lie.
  private let registers: [UInt64: Varnode]

  /// - Returns: nil if the machine is none where that holds.
  init?(_ machine: Machine) {
    let named = machine.registerNames.filter { $0.value.hasPrefix("R") && $0.key.size == 8 }.keys
    guard named.count == 15 || named.count == 16, machine.returnAddressSize == 8 else { return nil }
    registers = Dictionary(uniqueKeysWithValues: named.map { ($0.offset, $0) })
  }

  func complete(_ block: inout MachineBlock) {
    var index = 0
    while index < block.transfers.count {
      defer { index += 1 }
      let transfer = block.transfers[index]
      guard let half = transfer.output, half.size == 4, half.space == .register,
        let whole = registers[half.offset], !isWritten(whole, behind: index, in: block)
      else { continue }
      block.transfers.insert(
        Transfer(.zeroExtend, output: whole, half, at: transfer.address), at: index + 1)
    }
  }

  /// Whether the instruction of a step writes a register once more behind that step.
  private func isWritten(_ register: Varnode, behind index: Int, in block: MachineBlock) -> Bool {
    let address = block.transfers[index].address
    return block.transfers[(index + 1)...].prefix { $0.address == address }
      .contains { $0.output?.offset == register.offset && $0.output?.space == .register }
  }
}
