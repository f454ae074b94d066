import IR

/// Widens addresses of 32 bits with zeros, which SLEIGH takes for signed numbers.
///
/// ```
/// mov [eax + 0x35], bl     t = sext(EAX + 0x35); [t] = BL     →     t = zext(EAX + 0x35); [t] = BL
/// ```
struct NarrowAddresses {
  func widen(_ block: inout MachineBlock) {
    for index in block.transfers.indices {
      let transfer = block.transfers[index]
      guard transfer.opcode == .signExtend, transfer.input0.size == 4,
        let address = transfer.output,
        address.space == .temporary,
        block.transfers[(index + 1)...].prefix(while: { $0.address == transfer.address })
          .contains(where: {
            ($0.opcode == .load || $0.opcode == .store) && $0.input0 == address
          })
      else { continue }
      block.transfers[index].opcode = .zeroExtend
    }
  }
}
