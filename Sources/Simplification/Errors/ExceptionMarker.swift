import Basics
package import IR
import RuntimeModel

/// A step of Cython's that keeps, puts back, asks for or clears an exception.
///
/// What a `try` statement becomes is told by these steps alone, wherever compilers put the blocks:
/// `TryExceptStatNode` and `TryFinallyStatNode` in `Cython/Compiler/Nodes.py`,
/// `Cython/Utility/Exceptions.c`.
struct ExceptionMarker {
  enum Kind {
    /// Keeps the exception that is being handled: a `try` with handlers starts.
    case save
    /// Keeps the exception that is being handled and clears it: a `finally` clause starts after an
    /// exception.
    case swap
    /// Puts a kept exception back.
    case restore
    /// Asks whether the current error is an instance of some classes.
    case match
    /// Takes the current error as the exception that is being handled.
    case get
    /// Drops the current error.
    case clear
    /// Takes the current error away, to put it back soon.
    case fetch
    /// Puts a fetched error back.
    case unfetch
    /// Makes a caught exception the current error again.
    case raise
    /// Makes the exception that is being handled the current error, outside of any handler.
    case reraise
  }

  var kind: Kind
  /// The step that does it.
  let step: Instruction.ID
  /// The first step that belongs to it.
  let start: Instruction.ID
  /// Exception classes that are asked for, or the kept values that are put back.
  var operands: [Instruction.ID] = []
  /// The error that is asked for its class.
  var error: Instruction.ID?
  /// The save or swap that it belongs to, by the value that stands for it.
  var owner: Instruction.ID?
}

extension Function {
  /// The values that a value may be, through phis.
  package func roots(of value: Instruction.ID) -> Set<Instruction.ID> {
    let value = resolve(value)
    var roots: Set<Instruction.ID> = []
    var seen: Set<Instruction.ID> = [value]
    var pending = [value]
    while let id = pending.popLast() {
      guard isPhi(id) else {
        roots.insert(id)
        continue
      }
      for operand in operands(of: id) where seen.insert(operand).inserted {
        pending.append(operand)
      }
    }
    return roots
  }

  /// The call that leaves a value behind in memory or a register, or the value itself.
  func source(of value: Instruction.ID) -> Instruction.ID {
    let value = resolve(value)
    return if case .after = self[value].operation { operand(0, of: value) } else { value }
  }
}
