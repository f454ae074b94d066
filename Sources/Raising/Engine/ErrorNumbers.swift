import Basics
import IR
import Simplification

// Tests for the number that says that a conversion failed.
extension Raiser {
  /// Takes the test away whether a number is the one that stands for an error, where compilers went on with
  /// it.
  ///
  /// ```
  /// %4 = unboxFloat %3
  /// if %4 == -1.0: goto A                      %4 = unboxFloat %3
  /// if %4 < -0.5: goto A else: goto B     →    if %4 < -0.5: goto A else: goto B
  /// ```
  /// `__pyx_PyFloat_AsDouble` and the conversions to integers give -1 back with an error, so that Cython
  /// asks for one behind it. Where there is none, compilers know how the next tests come out.
  ///
  /// - Returns: whether there was one.
  func dropErrorNumbers() -> Bool {
    for block in function.reversePostorder() {
      guard case .branch(let test, let first, let second) = function[block].terminator,
        first != second, let (number, error) = errorNumber(function.resolve(test), at: block)
      else { continue }
      let failing = place(from: first, comingFrom: block, if: number, is: error)
      let going = place(from: second, comingFrom: block, if: number, is: error)
      guard failing.end == going.end, failing.source != going.source,
        getsSameValues(going.end, from: going.source, and: failing.source, number, is: error)
      else { continue }
      function.decideBranch(of: block, taken: false)
      return true
    }
    return false
  }

  /// The number of which a condition says that it is -1, for one that is a number at all.
  private func errorNumber(
    _ condition: Instruction.ID, at block: Block.ID
  ) -> (number: Instruction.ID, error: Instruction.ID)? {
    guard let (opcode, left, right) = function.machine(condition) else { return nil }
    switch opcode {
    case .booleanOr:
      for (asked, rest) in [(left, right), (right, left)] {
        guard let found = errorNumber(rest, at: block),
          isTestForNumber(asked, of: found.number), isKnownNumber(found.number, at: block)
        else { continue }
        return found
      }
      return nil
    case .floatEqual where operation(left) == .unboxFloat:
      let minusOne = (-1.0).bitPattern
      return function.size(left) == 8 && function.constant(right) == minusOne ? (left, right) : nil
    case .equal where operation(left) == .unboxInteger:
      return function.constant(right) == Opcode.mask(function.size(right)) ? (left, right) : nil
    default: return nil
    }
  }

  /// Whether the only way to a block comes from the test that a value is a number.
  private func isKnownNumber(_ value: Instruction.ID, at block: Block.ID) -> Bool {
    guard function[block].predecessors.count == 1,
      case .branch(let test, let first, let second) = function[function[block].predecessors[0]]
        .terminator, first != second, second == block
    else { return false }
    return isTestForNumber(function.resolve(test), of: value)
  }

  /// Whether a condition says that a value is no number.
  private func isTestForNumber(_ condition: Instruction.ID, of value: Instruction.ID) -> Bool {
    guard let (opcode, asked, _) = function.machine(condition) else { return false }
    return opcode == .floatIsNaN && asked == value
  }

  /// Where control gets from a block through tests alone, and from where, if a value is a constant.
  private func place(
    from start: Block.ID, comingFrom source: Block.ID, if value: Instruction.ID,
    is constant: Instruction.ID
  ) -> (end: Block.ID, source: Block.ID) {
    var (block, source) = (start, source)
    for _ in 0..<6 where function[block].instructions.isEmpty {
      switch function[block].terminator {
      case .jump(let next): (block, source) = (next, block)
      case .branch(let test, let first, let second):
        let decided = function.replacing(value, with: constant, in: test, depth: 0)
        guard let answer = function.constant(decided) else { return (block, source) }
        (block, source) = (answer == 0 ? second : first, block)
      default: return (block, source)
      }
    }
    return (block, source)
  }

  /// Whether the phis of a block get the same values from one block and from another one, in which a value
  /// is known to be a constant.
  private func getsSameValues(
    _ block: Block.ID, from first: Block.ID, and second: Block.ID, _ value: Instruction.ID,
    is constant: Instruction.ID
  ) -> Bool {
    guard let one = function[block].predecessors.firstIndex(of: first),
      let other = function[block].predecessors.firstIndex(of: second)
    else { return false }
    let bits = function.constant(constant)
    return function[block].instructions.allSatisfy { id in
      guard function.isPhi(id) else { return true }
      let given = function.resolve(function.operand(one, of: id))
      let known = function.resolve(function.operand(other, of: id))
      return given == known
        || given == value && function.constant(known) == bits
          && function.size(known) == function.size(value)
    }
  }
}
