package import IR

/// A machine instruction, for people.
package struct Instruction: Sendable {
  package let address: UInt64
  /// The instruction in the processor's assembly language.
  package let text: String
  /// The constants that it works on and the address that it calls, in the order of its steps.
  package let constants: [UInt64]
}

extension FunctionLifter {
  /// The instructions of a block.
  package func instructions(of block: MachineBlock) -> [Instruction] {
    let mode = block.start.address & machine.modeBit
    var address = block.start.address & ~mode
    var result: [Instruction] = []
    while address < block.end & ~mode, let code = source.code(at: address, limit: 32),
      let (text, size) = decoder.text(at: address | mode, in: code)
    {
      let constants = block.transfers.filter { $0.address & ~mode == address }
        .flatMap { [$0.input0, $0.input1].prefix(Int($0.inputCount)) }
        .filter { $0.space == .constant }.map(\.offset)
      result.append(Instruction(address: address, text: text, constants: constants))
      address &+= UInt64(size)
    }
    return result
  }
}
