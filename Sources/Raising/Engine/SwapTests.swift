import Basics
import IR
import Simplification

// Tests that compilers put before others.
extension Raiser {
  /// Asks for the truth of an object where that was found out, and for what cannot fail afterwards.
  ///
  /// ```
  /// %4 = truth %3                          %4 = truth %3
  /// if %1 is None: goto A          →       if not %4: goto A
  /// if not %4: goto A                      if %1 is None: goto A
  /// ```
  /// Compilers ask first what costs least where both answers lead to one place. What fails or runs code
  /// they leave in its order, which is that of the source.
  ///
  /// - Returns: whether there was one.
  func swapTests() -> Bool {
    for block in function.reversePostorder() {
      guard let first = BranchSite(block, in: function), first.target != first.otherTarget else {
        continue
      }
      for (next, join) in [(first.target, first.otherTarget), (first.otherTarget, first.target)]
      where swap(block, next, join) { return true }
    }
    return false
  }

  private func swap(_ block: Block.ID, _ next: Block.ID, _ join: Block.ID) -> Bool {
    guard next != block, function[next].predecessors == [block],
      case .branch(let early, let first, _) = function[block].terminator,
      case .branch(let late, let second, let third) = function[next].terminator,
      second != third, second == join || third == join,
      function[next].instructions.allSatisfy({ isNothing($0) }),
      let truth = lastStep(of: block), case .truth? = operation(truth),
      depends(function.resolve(late), on: truth), !depends(function.resolve(early), on: truth),
      asksForIdentity(function.resolve(early)),
      getsSameValues(join, from: block, and: next)
    else { return false }
    var (one, other) = (function.resolve(early), function.resolve(late))
    if (first == join) != (second == join) {
      guard let inverted = function.invert(one), let turned = function.invert(other) else {
        return false
      }
      (one, other) = (inverted, turned)
    }
    function.setValue(ofTerminator: block, to: other)
    function.setValue(ofTerminator: next, to: one)
    return true
  }

  private func isNothing(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .undefined, .referenceCount, .after, .forward: true
    default: false
    }
  }

  private func lastStep(of block: Block.ID) -> Instruction.ID? {
    function[block].instructions.last { !isNothing($0) }
  }

  /// Whether a condition is worked out of a value without any step between.
  func depends(
    _ id: Instruction.ID, on value: Instruction.ID, depth: Int = 0
  ) -> Bool {
    if id == value { return true }
    guard function[id].block == nil, depth < 8 else { return false }
    return function.operands(of: id).contains { depends($0, on: value, depth: depth + 1) }
  }

  /// Whether a condition only compares an object with a single one.
  private func asksForIdentity(_ condition: Instruction.ID) -> Bool {
    guard case .equal(let object, let other) = Condition(condition, in: function).form else {
      return false
    }
    return isNone(other) && function.isWord(object) && operation(object) != .truth
  }

  /// Whether nothing tells two predecessors of a block apart there.
  func getsSameValues(
    _ block: Block.ID, from first: Block.ID, and second: Block.ID
  ) -> Bool {
    guard let one = function[block].predecessors.firstIndex(of: first),
      let other = function[block].predecessors.firstIndex(of: second)
    else { return false }
    return function[block].instructions.allSatisfy { id in
      !function.isPhi(id)
        || function.resolve(function.operand(one, of: id))
          == function.resolve(function.operand(other, of: id))
    }
  }
}
