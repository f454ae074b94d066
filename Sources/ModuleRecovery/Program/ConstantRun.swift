import BinaryFormats
import IR

/// Follows constants through a straight line of code.
struct ConstantRun {
  private let image: BinaryImage
  /// What is known before the first step.
  private let initial: [Varnode: UInt64]

  init(_ image: BinaryImage, _ machine: Machine? = nil) {
    self.image = image
    initial =
      if let register = machine?.stubPointer ?? machine?.tablePointer,
        let pointer = image.tablePointer
      { [register: pointer] } else { [:] }
  }

  /// What a varnode holds after some steps, if it depends on nothing but the module's memory.
  func value(of varnode: Varnode, after transfers: [Transfer]) -> UInt64? {
    var known = initial
    for transfer in transfers {
      guard let output = transfer.output else {
        if transfer.opcode == .store || transfer.opcode == .callOther { continue }
        return nil
      }
      let new = value(of: transfer, output, known)
      known = known.filter { !output.overlaps($0.key) }
      known[output] = new
    }
    return value(varnode, known)
  }

  private func value(
    of transfer: Transfer, _ output: Varnode, _ known: [Varnode: UInt64]
  ) -> UInt64? {
    guard output.size <= 8, transfer.input0.size <= 8, transfer.input1.size <= 8,
      let first = value(transfer.input0, known)
    else { return nil }
    if transfer.opcode == .load { return image.integer(at: first, size: Int(output.size)) }
    guard transfer.opcode.isPure else { return nil }
    let second = transfer.inputCount > 1 ? value(transfer.input1, known) : 0
    guard let second else { return nil }
    return transfer.opcode.evaluate(
      first, second, size: Int(transfer.input0.size), otherSize: Int(transfer.input1.size),
      width: Int(output.size))
  }

  private func value(_ varnode: Varnode, _ known: [Varnode: UInt64]) -> UInt64? {
    varnode.space == .constant ? varnode.offset : known[varnode]
  }
}

extension Varnode {
  fileprivate func overlaps(_ other: Varnode) -> Bool {
    space == other.space && offset < other.offset &+ UInt64(other.size)
      && other.offset < offset &+ UInt64(size)
  }
}
