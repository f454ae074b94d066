import Analysis
import Basics
package import IR

// What is known of values when control came along a path.
extension ErrorPaths {
  /// Whether control goes to an error from one block to another that other ways pass as well.
  ///
  /// ```c
  /// r = f(); if (!r) { …; r = NULL; }
  /// if (!r) goto bad;
  /// ```
  /// The first test leads to the error as well: compilers do not always take the second one together
  /// with it. Only tests for null and for negative results count, as a variable that is bound on one
  /// way is no error yet.
  func fails(
    from block: Block.ID, to target: Block.ID, in function: borrowing Function
  ) -> Bool {
    if isFailing(target) { return true }
    let path = [flow.position(of: block), flow.position(of: target)]
    guard path.allSatisfy({ $0 >= 0 }), asksForError(block, to: target, function) else {
      return false
    }
    var budget = 48
    return fails(path, &budget, function)
  }

  /// Whether a block's end asks whether a step failed, and goes on to another one if it did.
  private func asksForError(
    _ block: Block.ID, to target: Block.ID, _ function: borrowing Function
  ) -> Bool {
    if let (tested, null, other) = function.nullTest(at: block) {
      return target == null && null != other && function.isWord(tested)
        && function.machine(tested) == nil
    }
    guard let (_, way, other) = function.negativeTest(at: block) else { return false }
    return target == way && way != other
  }

  /// Whether every way that goes on from a path leads to an error, past nothing but cleanup.
  private func fails(
    _ path: [Int], _ budget: inout Int, _ function: borrowing Function
  ) -> Bool {
    guard let last = path.last, last >= 0, budget > 0 else { return false }
    budget -= 1
    if isFailing(at: last) { return true }
    guard cleansUp[last] else { return false }
    let targets =
      target(behind: path, function).map { [$0] } ?? function.successors(of: flow.order[last])
    guard !targets.isEmpty else { return false }
    for next in targets.map({ flow.position(of: $0) }) {
      guard !path.contains(next), fails(path + [next], &budget, function) else { return false }
    }
    return true
  }

  /// Where control goes from the end of a path, if what is known along it decides that.
  func target(behind path: [Int], _ function: borrowing Function) -> Block.ID? {
    guard let last = path.last,
      case .branch(let condition, let first, let second) = function[flow.order[last]].terminator,
      let number = number(function.resolve(condition), path, function, depth: 0)
    else { return nil }
    return number != 0 ? first : second
  }

  /// The number that a value has when control came along a path.
  private func number(
    _ id: Instruction.ID, _ path: [Int], _ function: borrowing Function, depth: Int
  ) -> UInt64? {
    let value = resolved(id, path, function)
    if let number = function.constant(value) { return number }
    if isNull(value, path, function) { return 0 }
    guard case .machine(let opcode) = function[value].operation else {
      return isNegative(value, path, function) ? Opcode.mask(function.size(value)) : nil
    }
    guard depth < 8, opcode.isPure, function[value].block == nil else { return nil }
    let inputs = function.operands(of: value)
    guard let left = inputs.first, inputs.count <= 2,
      let first = number(left, path, function, depth: depth + 1)
    else { return nil }
    var second: UInt64 = 0
    if inputs.count > 1 {
      guard let other = number(inputs[1], path, function, depth: depth + 1) else { return nil }
      second = other
    }
    return opcode.evaluate(
      first, second, size: function.size(left),
      otherSize: inputs.count > 1 ? function.size(inputs[1]) : 0, width: function.size(value))
  }

  /// Whether a call's result was found to be negative on a path, which stands for an error.
  private func isNegative(
    _ value: Instruction.ID, _ path: [Int], _ function: borrowing Function
  ) -> Bool {
    for (index, position) in path.enumerated().dropLast() {
      guard let (tested, way, other) = function.negativeTest(at: flow.order[position]),
        way != other, flow.position(of: way) == path[index + 1],
        resolved(tested, Array(path[...index]), function) == value
      else { continue }
      return true
    }
    return false
  }

  /// Whether a value is null when control came along a path.
  func isNull(
    _ id: Instruction.ID, _ path: [Int], _ function: borrowing Function
  ) -> Bool {
    let value = resolved(id, path, function)
    if function.constant(value) == 0 { return true }
    // It was tested on the way.
    for (index, position) in path.enumerated().dropLast() {
      guard let (tested, null, other) = function.nullTest(at: flow.order[position]),
        null != other, flow.position(of: null) == path[index + 1],
        resolved(tested, Array(path[...index]), function) == value
      else { continue }
      return true
    }
    return false
  }

  /// The value that a phi has when control came along a path.
  func resolved(
    _ id: Instruction.ID, _ path: [Int], _ function: borrowing Function
  ) -> Instruction.ID {
    var id = id
    for _ in 0..<500 {
      guard function.isPhi(id), let next = operand(of: id, along: path, function) else { return id }
      id = next
    }
    return id
  }

  /// The operand of a phi for the way by which a path enters its block.
  private func operand(
    of phi: Instruction.ID, along path: [Int], _ function: borrowing Function
  ) -> Instruction.ID? {
    guard let block = function[phi].block else { return nil }
    let position = flow.position(of: block)
    guard let index = path.lastIndex(of: position), index > 0 else { return nil }
    let predecessor = flow.order[path[index - 1]]
    guard let operand = function[block].predecessors.firstIndex(of: predecessor) else { return nil }
    return function.operand(operand, of: phi)
  }
}

extension Function {
  /// The value that the branch at the end of a block compares with null, and where control goes then
  /// and otherwise.
  package func nullTest(at block: Block.ID) -> (
    tested: Instruction.ID, null: Block.ID, other: Block.ID
  )? {
    guard case .branch(let condition, let first, let second) = self[block].terminator,
      let (opcode, tested, zero) = machine(resolve(condition)),
      opcode == .equal || opcode == .notEqual, constant(zero) == 0
    else { return nil }
    return opcode == .equal ? (tested, first, second) : (tested, second, first)
  }

  /// The result of a call that the branch at the end of a block takes for an error if it is negative,
  /// and where control goes then and otherwise.
  func negativeTest(
    at block: Block.ID
  ) -> (tested: Instruction.ID, negative: Block.ID, other: Block.ID)? {
    guard let site = BranchSite(block, in: self) else { return nil }
    let (tested, negative): (Instruction.ID, Bool)
    switch site.condition.form {
    case .less(let left, let right) where constant(right) == 0: (tested, negative) = (left, true)
    case .lessOrEqual(let left, let right) where constant(left) == 0:
      (tested, negative) = (right, false)
    case .equal(let left, let right) where constant(right) == Opcode.mask(size(right)):
      (tested, negative) = (left, true)
    default: return nil
    }
    let result = withoutExtract(tested)
    guard self[result].operation == .call else { return nil }
    return negative
      ? (result, site.target, site.otherTarget) : (result, site.otherTarget, site.target)
  }
}
