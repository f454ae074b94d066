import IR
import Raising
import Simplification

// Values that compilers take for `None`, because a test has found that they are.
extension Raiser {
  /// Whether a value was found to be `None` on the only way to a block; compilers return it then.
  func isFoundNone(_ value: Instruction.ID, in block: Block.ID) -> Bool {
    var block = block
    for _ in 0..<16 {
      guard function[block].predecessors.count == 1 else { return false }
      let previous = function[block].predecessors[0]
      if isFoundNone(value, from: previous, to: block) { return true }
      block = previous
    }
    return false
  }

  func isFoundNone(_ value: Instruction.ID, from block: Block.ID, to target: Block.ID) -> Bool {
    guard let site = BranchSite(block, in: function), site.target == target,
      site.otherTarget != target, case .equal(let left, let right) = site.condition.form
    else { return false }
    return left == value && isNoneObject(right) || right == value && isNoneObject(left)
  }

  private func isNoneObject(_ id: Instruction.ID) -> Bool {
    function.variable(id, view) == "_Py_NoneStruct"
  }

  /// The operands of a phi that stand for `None`.
  ///
  /// ```
  /// t = f()
  /// if t is None:           if t is None:
  ///   x = None        →       (x is in the register of t)
  /// ```
  func operandsFoundNone(of phi: Instruction.ID) -> Set<Instruction.ID> {
    guard let block = function[phi].block else { return [] }
    var result: Set<Instruction.ID> = []
    for (operand, previous) in zip(function.operands(of: phi), function[block].predecessors)
    where !function.isPhi(operand) && isFoundNone(operand, in: previous) {
      result.insert(operand)
    }
    return result
  }

  /// The operands of a step, with `None` for arguments and stored values that were found to be it: nobody
  /// writes another name for it there.
  func operandsWithNone(of id: Instruction.ID, _ operation: PythonOperation) -> [Instruction.ID] {
    var operands = function.operands(of: id)
    let places: Range<Int>
    switch operation {
    // Exceptions are often told what was wrong.
    case .call where isMethod(operands[0]): places = 1..<operands.count
    case .callMethod, .storeAttribute: places = 1..<operands.count
    case .storeItem: places = 2..<operands.count
    default: return operands
    }
    guard let block = function[id].block else { return operands }
    for index in places where operands.indices.contains(index) {
      if let none = noneFound(operands[index], in: block) { operands[index] = none }
    }
    return operands
  }

  private func isMethod(_ id: Instruction.ID) -> Bool {
    if case .python(.attribute) = function[id].operation { true } else { false }
  }

  /// `None`, if a variable was found to hold it on the only way to a block.
  private func noneFound(_ value: Instruction.ID, in block: Block.ID) -> Instruction.ID? {
    guard parameterNumber(value) != nil || function.isPhi(value),
      isFoundNone(value, in: block)
    else { return nil }
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      if left == value, isNoneObject(right) { return right }
      if right == value, isNoneObject(left) { return left }
    }
    return nil
  }

  /// Whether a value is tested and otherwise only taken for `None`, so that no variable holds it.
  func onlyStandsForNone(_ value: Instruction.ID) -> Bool {
    guard !function.isPhi(value), parameterNumber(value) == nil else { return false }
    var isMerged = false
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.operands(of: id).contains(value) {
        if case .referenceCount = function[id].operation { continue }
        guard function.isPhi(id) else { return false }
        for (operand, previous) in zip(function.operands(of: id), function[block].predecessors)
        where operand == value {
          guard isFoundNone(value, in: previous) else { return false }
        }
        isMerged = true
      }
    }
    return isMerged
  }
}
