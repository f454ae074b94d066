import Basics
import IR
import Interpretation
import RuntimeModel

// Comparisons that look at the addresses first.
extension Raiser {
  /// Takes tests away whether an object is a constant if the comparison with it follows.
  ///
  /// ```
  /// b0: branch x is 'c', done, b1           b0: jump b1
  /// b1: v = phi x, …                   →    b1: v = phi x, …
  ///     branch v != 'c', body, done             branch v != 'c', body, done
  /// ```
  /// Cython compares texts, bytes and numbers by their addresses first (`__Pyx_PyBytes_Equals` in
  /// Cython/Utility/StringTools.c, `__Pyx_PyInt_EqObjC` in Optimize.c), and compilers do that part of it
  /// in front of loops.
  ///
  /// - Returns: whether there was one.
  func dropIdentityShortcuts() -> Bool {
    for block in function.reversePostorder() {
      guard let shortcut = identityTest(block), leadsToSamePlace(shortcut) else { continue }
      function.decideBranch(of: block, taken: shortcut.comparesIfTaken)
      return true
    }
    return false
  }

  private struct IdentityTest {
    let block: Block.ID
    let object: Instruction.ID
    let constant: Instruction.ID
    /// Where control gets if the two are one, and if not.
    let same: Block.ID
    let next: Block.ID
    let comparesIfTaken: Bool
  }

  private func identityTest(_ block: Block.ID) -> IdentityTest? {
    guard case .branch(let condition, let taken, let other) = function[block].terminator,
      taken != other
    else { return nil }
    let test = function.resolve(condition)
    let isEqual = function[test].operation == .machine(.equal)
    guard isEqual || function[test].operation == .machine(.notEqual) else { return nil }
    let constant = function.operand(1, of: test)
    guard isEqualToItself(constant) else { return nil }
    return IdentityTest(
      block: block, object: function.operand(0, of: test), constant: constant,
      same: isEqual ? taken : other, next: isEqual ? other : taken, comparesIfTaken: !isEqual)
  }

  private func isEqualToItself(_ id: Instruction.ID) -> Bool {
    switch object(id) {
    case .string, .bytes, .integer: true
    default: false
    }
  }

  /// Whether the comparison sends equal objects where the test sends identical ones, with the same
  /// values.
  private func leadsToSamePlace(_ test: IdentityTest) -> Bool {
    guard case .branch(let condition, let taken, let other) = function[test.next].terminator,
      let edge = function[test.next].predecessors.firstIndex(of: test.block)
    else { return false }
    func value(_ id: Instruction.ID) -> Instruction.ID {
      let id = function.resolve(id)
      let isMerged = function.isPhi(id) && function[id].block == test.next
      return isMerged ? function.operand(edge, of: id) : id
    }
    var comparison: (step: Instruction.ID, isTrue: Bool)?
    for id in function[test.next].instructions where !function.isPhi(id) {
      switch function[id].operation {
      case .python(.compare(let form)), .python(.compareTruth(let form)):
        guard comparison == nil, form == .equal || form == .notEqual,
          value(function.operand(0, of: id)) == test.object,
          function.operand(1, of: id) == test.constant
        else { return false }
        comparison = (id, form == .equal)
      case .python(.truth), .python(.notTruth), .referenceCount: continue
      default: return false
      }
    }
    guard let comparison, let isPlain = polarity(of: condition, as: comparison.step),
      (comparison.isTrue == isPlain ? taken : other) == test.same,
      let first = function[test.same].predecessors.firstIndex(of: test.block),
      let second = function[test.same].predecessors.firstIndex(of: test.next)
    else { return false }
    return function[test.same].instructions.allSatisfy { id in
      !function.isPhi(id)
        || function.operand(first, of: id) == value(function.operand(second, of: id))
    }
  }

  /// Whether a condition holds if a value is true, or if it is false; nil if it is another one.
  private func polarity(of condition: Instruction.ID, as value: Instruction.ID) -> Bool? {
    var (id, isPlain) = (function.resolve(condition), true)
    for _ in 0..<8 {
      if id == value { return isPlain }
      switch function[id].operation {
      case .python(.truth), .machine(.extract), .machine(.zeroExtend), .machine(.signExtend): break
      case .python(.notTruth), .machine(.booleanNot): isPlain.toggle()
      case .machine(.equal) where function.constant(function.operand(1, of: id)) == 0:
        isPlain.toggle()
      case .machine(.notEqual) where function.constant(function.operand(1, of: id)) == 0: break
      default: return nil
      }
      id = function.operand(0, of: id)
    }
    return nil
  }
}
