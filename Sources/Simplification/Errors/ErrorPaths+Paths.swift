import Analysis
import Basics
import IR

// What is known of values when control came along a path.
extension ErrorPaths {
  /// Whether control goes to an error from one block to another that other ways pass as well.
  ///
  /// ```c
  /// r = f(); if (!r) { …; r = NULL; }
  /// if (!r) goto bad;
  /// ```
  /// The first test leads to the error as well: compilers do not always take the second one together
  /// with it. Only tests for null count, as a variable that is bound on one way is no error yet.
  func fails(
    from block: Block.ID, to target: Block.ID, in function: borrowing Function
  ) -> Bool {
    if isFailing(target) { return true }
    guard let (tested, null, other) = function.nullTest(at: block), target == null, null != other,
      function.isWord(tested), function.machine(tested) == nil
    else { return false }
    var budget = 32
    return fails([flow.position(of: block), flow.position(of: target)], &budget, function)
  }

  /// Whether every way that goes on from a path leads to an error, past nothing but cleanup.
  private func fails(
    _ path: [Int], _ budget: inout Int, _ function: borrowing Function
  ) -> Bool {
    guard let last = path.last, last >= 0, budget > 0 else { return false }
    budget -= 1
    if isFailing(at: last) { return true }
    guard cleansUp[last] else { return false }
    var targets = function.successors(of: flow.order[last])
    if let (tested, null, _) = function.nullTest(at: flow.order[last]),
      isNull(tested, path, function)
    {
      targets = [null]
    }
    guard !targets.isEmpty else { return false }
    for next in targets.map({ flow.position(of: $0) }) {
      guard !path.contains(next), fails(path + [next], &budget, function) else { return false }
    }
    return true
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
  func nullTest(at block: Block.ID) -> (tested: Instruction.ID, null: Block.ID, other: Block.ID)? {
    guard case .branch(let condition, let first, let second) = self[block].terminator,
      let (opcode, tested, zero) = machine(resolve(condition)),
      opcode == .equal || opcode == .notEqual, constant(zero) == 0
    else { return nil }
    return opcode == .equal ? (tested, first, second) : (tested, second, first)
  }
}
