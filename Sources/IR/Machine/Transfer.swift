/// One step of machine code: an operation on storage.
///
/// This is the form that the lifter makes, that the concrete interpreter runs, and that SSA
/// construction reads. Memory is touched by ``Opcode/load`` and ``Opcode/store`` only.
package struct Transfer: BitwiseCopyable, Sendable {
  package var opcode: Opcode
  /// How many of the inputs are meant; operations outside the model may have lost some.
  package var inputCount: UInt8
  package var output: Varnode?
  package var input0: Varnode
  package var input1: Varnode
  /// The address of the machine instruction that this step is a part of.
  package var address: UInt64

  package init(
    _ opcode: Opcode, output: Varnode? = nil, _ inputs: Varnode..., at address: UInt64
  ) {
    let absent = Varnode.constant(0, size: 0)
    self.opcode = opcode
    self.output = output
    inputCount = UInt8(clamping: inputs.count)
    input0 = inputs.first ?? absent
    input1 = inputs.count > 1 ? inputs[1] : absent
    self.address = address
  }
}
