package import Basics

/// What an instruction of SSA form computes.
///
/// One IR, two dialects: lifting makes machine operations only, raising replaces them by Python
/// operations, and the verifier knows per phase what may remain.
package enum Operation: Hashable, BitwiseCopyable, Sendable {
  /// A number; the instruction's width says how many bytes of it are meant.
  case constant(UInt64)
  /// A value that nothing defines.
  case undefined
  /// What a cell held when the function was entered.
  case entry(Cell)
  /// One operand per predecessor of the block, in their order.
  case phi
  /// A machine step on values. Loads, stores and opaque steps stand in their block.
  case machine(Opcode)
  /// A call: the target, then the arguments. Its value is the result register.
  case call
  /// What a cell holds after the call in operand 0.
  case after(Cell)
  /// Adds to the reference count of operand 0.
  case referenceCount(Int32)
  /// A step in terms of Python.
  case python(PythonOperation)
  /// Replaced by operand 0; no reader ever meets it.
  case forward
}

/// One step of a function, and the value that step computes.
///
/// An instruction is plain bits: it names others by ``ID`` and text by ``Symbol``, so reading one
/// costs no reference counting.
package struct Instruction: BitwiseCopyable, Sendable {
  package typealias ID = Basics.ID<Instruction>

  package var operation: Operation
  package internal(set) var operands: Operands
  /// Width of the value in bytes; 0 for steps without a value.
  package var width: UInt8
  /// The block in which the step stands; pure steps stand wherever they are needed.
  package internal(set) var block: Block.ID?
  /// Where in the binary the step came from; every rewrite keeps it.
  package var address: UInt64

  /// A stretch of the function's pool of operands.
  package struct Operands: BitwiseCopyable, Sendable {
    let start: UInt32
    package let count: UInt32
  }
}
