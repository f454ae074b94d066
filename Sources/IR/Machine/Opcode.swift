/// What one machine-level step computes.
///
/// The set is SLEIGH's P-code without its analysis-only operations, frozen here so that the lifter
/// stays replaceable. Every operation has exact widths and explicit flags; nothing in it depends on
/// an architecture. Integers wrap around at their width; booleans are one byte, 0 or 1.
package enum Opcode: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  // Data movement.
  case copy = 1
  /// `output = memory[input0]`, as many bytes as the output has.
  case load
  /// `memory[input0] = input1`.
  case store

  // Control flow. Targets are the first input.
  case branch
  /// Goes to input 0 if the boolean in input 1 is true.
  case branchIf
  case branchIndirect
  case call
  case callIndirect
  /// An operation outside the model; input 0 is its number.
  case callOther
  case `return`

  // Integers.
  case equal
  case notEqual
  case signedLess
  case signedLessOrEqual
  case less
  case lessOrEqual
  case zeroExtend
  case signExtend
  case add
  case subtract
  /// Unsigned overflow of an addition.
  case carry
  /// Signed overflow of an addition.
  case signedCarry
  /// Signed overflow of a subtraction.
  case signedBorrow
  case negate
  case complement
  case exclusiveOr
  case and
  case or
  case shiftLeft
  case shiftRight
  case signedShiftRight
  case multiply
  case divide
  case signedDivide
  case remainder
  case signedRemainder

  // Booleans.
  case booleanNot
  case booleanExclusiveOr
  case booleanAnd
  case booleanOr

  // IEEE floating point.
  case floatEqual
  case floatNotEqual
  case floatLess
  case floatLessOrEqual
  case floatIsNaN = 46
  case floatAdd
  case floatDivide
  case floatMultiply
  case floatSubtract
  case floatNegate
  case floatAbsolute
  case floatSquareRoot
  case integerToFloat
  case floatToFloat
  case floatToInteger
  case floatCeiling
  case floatFloor
  case floatRound

  // Bytes.
  /// Input 0 holds the most significant bytes, input 1 the least significant.
  case concatenate = 62
  /// Drops as many low bytes of input 0 as input 1 says; the output's width tells how many stay.
  case extract = 63
  case populationCount = 72
  case leadingZeroCount = 73
}

extension Opcode {
  /// Whether the step only computes its output from its inputs.
  package var isPure: Bool {
    switch self {
    case .load, .store, .branch, .branchIf, .branchIndirect, .call, .callIndirect, .callOther,
      .return:
      false
    default: true
    }
  }

  /// Whether the step ends a basic block.
  package var isTransferOfControl: Bool {
    switch self {
    case .branch, .branchIf, .branchIndirect, .return: true
    default: false
    }
  }

  /// Whether exchanging the two inputs changes nothing.
  package var isCommutative: Bool {
    switch self {
    case .add, .multiply, .and, .or, .exclusiveOr, .equal, .notEqual, .booleanAnd, .booleanOr,
      .booleanExclusiveOr, .carry, .signedCarry, .floatAdd, .floatMultiply, .floatEqual,
      .floatNotEqual:
      true
    default: false
    }
  }
}
