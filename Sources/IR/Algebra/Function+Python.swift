package import Basics

extension Function {
  /// The parameter of that number; all uses share one value.
  package mutating func parameter(_ index: Int) -> Instruction.ID {
    intern(.python(.parameter(UInt16(clamping: index))), width: pointerSize)
  }

  /// The builtin of a name; all uses share one value.
  package mutating func builtin(_ name: Symbol) -> Instruction.ID {
    intern(.python(.builtin(name)), width: pointerSize)
  }

  /// A constant text; all uses share one value.
  package mutating func text(_ text: Symbol) -> Instruction.ID {
    intern(.python(.text(text)), width: pointerSize)
  }
}
