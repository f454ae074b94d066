import Basics
import IR
import Interpretation
import Simplification

// Values that were compared with a constant.
extension Raiser {
  /// Undoes what compilers make of a value and a constant that were found to be the same.
  ///
  /// ```
  /// if %4 == None: goto J          if %4 == None: goto J        if %4 == None: return %4
  /// …; goto J                 →    …; goto J                    →  return None
  /// J: phi None, %4                J: (the phi is %4)
  /// ```
  /// A phi that merges the value with the constant is the value. A value that no variable holds is
  /// gone once it was compared, so that the source has the constant.
  ///
  /// - Returns: whether anything changed.
  func restoreComparedValues() -> Bool {
    var changed = false
    let held = heldValues()
    for block in function.reversePostorder() {
      for phi in function[block].instructions where function.isPhi(phi) {
        if restoreOperands(of: phi, in: block, held) { changed = true }
      }
      if restoreComparison(of: block) { changed = true }
      if restoreReads(in: block, held) { changed = true }
      if restoreReceiver(in: block) { changed = true }
      if case .return(let value) = function[block].terminator,
        let constant = constant(equalTo: function.resolve(value), at: block)
      {
        function.setValue(ofTerminator: block, to: constant)
        changed = true
      }
    }
    if changed { while function.removeTrivialPhis() {} }
    return changed
  }

  private func restoreOperands(
    of phi: Instruction.ID, in block: Block.ID, _ held: Set<Instruction.ID>
  ) -> Bool {
    var operands = function.operands(of: phi)
    var changed = false
    let isReturned = isOnlyReturned(phi)
    for (index, operand) in operands.enumerated() {
      let edge = (function[block].predecessors[index], block)
      if function.constant(operand) != nil {
        let equal = equalities(on: edge).first {
          $0.constant == operand && operands.contains($0.value)
        }
        guard let equal else { continue }
        operands[index] = equal.value
        changed = true
      } else if isReturned || !held.contains(operand),
        operands.count(where: { $0 == operand }) == 1,
        let equal = equalities(on: edge).first(where: { $0.value == operand })
      {
        operands[index] = equal.constant
        changed = true
      }
    }
    if changed { function.setOperands(of: phi, operands) }
    return changed
  }

  /// Steps behind a comparison read the constant.
  private func restoreReads(in block: Block.ID, _ held: Set<Instruction.ID>) -> Bool {
    guard function[block].predecessors.count == 1 else { return false }
    let known = equalities(on: (function[block].predecessors[0], block)).filter {
      !held.contains($0.value)
    }
    guard !known.isEmpty else { return false }
    var changed = false
    for id in function[block].instructions where !function.isPhi(id) {
      if case .referenceCount = function[id].operation { continue }
      let operands = function.operands(of: id)
      let restored = operands.map { operand in
        known.first { $0.value == operand }?.constant ?? operand
      }
      guard restored != operands else { continue }
      function.setOperands(of: id, restored)
      changed = true
    }
    return changed
  }

  /// Steps behind `x is self` read `self`, as people write it; to compilers it is the same.
  private func restoreReceiver(in block: Block.ID) -> Bool {
    guard function[block].predecessors.count == 1 else { return false }
    let known = receivers(on: (function[block].predecessors[0], block))
    guard !known.isEmpty else { return false }
    var changed = false
    for id in function[block].instructions {
      guard case .python = function[id].operation else { continue }
      let operands = function.operands(of: id)
      let restored = operands.map { known[$0] ?? $0 }
      guard restored != operands else { continue }
      function.setOperands(of: id, restored)
      changed = true
    }
    return changed
  }

  /// The values that were found to be the first parameter where control takes an edge.
  private func receivers(
    on edge: (from: Block.ID, to: Block.ID)
  ) -> [Instruction.ID: Instruction.ID] {
    var result: [Instruction.ID: Instruction.ID] = [:]
    var (block, target) = edge
    for _ in 0..<16 {
      if let site = BranchSite(block, in: function), site.target == target,
        site.otherTarget != target, case .equal(let left, let right) = site.condition.form
      {
        for (value, other) in [(left, right), (right, left)] {
          guard case .python(.parameter(0)) = function[other].operation,
            function.constant(value) == nil, function[value].block != nil
          else { continue }
          if case .python(.parameter) = function[value].operation { continue }
          result[value] = other
        }
      }
      guard function[block].predecessors.count == 1 else { break }
      (block, target) = (function[block].predecessors[0], block)
    }
    return result
  }

  private func isOnlyReturned(_ phi: Instruction.ID) -> Bool {
    guard let block = function[phi].block, case .return(let value) = function[block].terminator,
      function.resolve(value) == phi
    else { return false }
    return function[block].instructions.allSatisfy { function.isPhi($0) } && isUnreadElsewhere(phi)
  }

  private func isUnreadElsewhere(_ phi: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.operands(of: id).contains(phi) {
        return false
      }
    }
    return true
  }

  /// `x is None` for `x is y` where `y` was found to be `None`.
  private func restoreComparison(of block: Block.ID) -> Bool {
    guard case .branch(let condition, _, _) = function[block].terminator,
      let (opcode, left, right) = function.machine(function.resolve(condition)),
      opcode == .equal || opcode == .notEqual, function.constant(right) == nil,
      function.constant(left) == nil, function[block].predecessors.count == 1,
      let equal = equalities(on: (function[block].predecessors[0], block)).first(where: {
        $0.value == left || $0.value == right
      })
    else { return false }
    let comparison = function.binary(
      opcode, equal.value == left ? right : left, equal.constant, width: 1)
    function.setValue(ofTerminator: block, to: comparison)
    return true
  }

  /// The constant that a value was found to be on the only way to a block.
  private func constant(
    equalTo value: Instruction.ID, at block: Block.ID
  ) -> Instruction.ID? {
    guard function.constant(value) == nil, function[block].predecessors.count == 1 else {
      return nil
    }
    return equalities(on: (function[block].predecessors[0], block)).first { $0.value == value }?
      .constant
  }

  /// The values and the objects that were found to be the same where control takes an edge.
  private func equalities(on edge: (from: Block.ID, to: Block.ID)) -> [Equality] {
    var result: [Equality] = []
    var (block, target) = edge
    for _ in 0..<16 {
      if let site = BranchSite(block, in: function), site.target == target,
        site.otherTarget != target, case .equal(let value, let constant) = site.condition.form,
        let address = function.constant(constant), address != 0, function.isWord(constant),
        function.constant(value) == nil, isSingleton(constant)
      {
        result.append((value, constant))
      }
      guard function[block].predecessors.count == 1 else { break }
      (block, target) = (function[block].predecessors[0], block)
    }
    return result
  }

  private typealias Equality = (value: Instruction.ID, constant: Instruction.ID)

  private func isSingleton(_ id: Instruction.ID) -> Bool {
    if object(id) == .notImplemented || object(id) == PythonValue.none { return true }
    return switch function.variable(id, view) {
    case "_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct", "_Py_EllipsisObject",
      "_Py_NotImplementedStruct":
      true
    default: false
    }
  }

  /// The values that variables hold.
  private func heldValues() -> Set<Instruction.ID> {
    var held: Set<Instruction.ID> = []
    for variable in locals.variables {
      for id in variable.phis + variable.values { held.insert(function.resolve(id)) }
    }
    for id in function.instructionIDs {
      switch function[id].operation {
      case .python(.parameter), .python(.cell), .phi: held.insert(id)
      default: continue
      }
    }
    return held
  }
}
