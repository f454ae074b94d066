package import IR
import RuntimeModel

extension Function {
  /// Makes the order of two texts that is only asked whether it is zero their equality.
  ///
  /// ```c
  /// r = PyUnicode_Compare(a, b); if (r == -1 && PyErr_Occurred()) …; if (r == 0) goto same;
  /// ```
  /// becomes `if (a == b) goto same` (`PyObjectCompare` in `Cython/Utility/Optimize.c`, since Cython 3.3).
  /// For CPython 3.14, `PyUnicode_Equal` asks for the equality itself, and is taken for it as it is.
  ///
  /// - Returns: whether there was one.
  package mutating func compareTexts(_ facts: some ModuleFacts) -> Bool {
    for block in reversePostorder() {
      for call in self[block].instructions {
        let name = callee(of: call, facts)?.name
        if name == "PyUnicode_Equal", let first = argument(0, of: call),
          let second = argument(1, of: call)
        {
          replace(call, with: .python(.compareTruth(.equal)), [first, second])
          return true
        }
        guard name == "PyUnicode_Compare" else { continue }
        dropErrorTests(of: call, facts)
        guard let first = argument(0, of: call), let second = argument(1, of: call),
          isOnlyAskedForZero(call)
        else { continue }
        let truth = insert(.python(.compareTruth(.equal)), [first, second], behind: call)
        let differs = binary(
          .equal, extract(truth, 0, width: 4), constant(0, width: 4), width: 1)
        forward(call, to: unary(.zeroExtend, differs, width: size(call)))
        removeUnreachableBlocks()
        removeForwarded()
        return true
      }
    }
    return false
  }

  /// Takes tests for an error away whose own way is gone, as texts always compare.
  private mutating func dropErrorTests(of call: Instruction.ID, _ facts: some ModuleFacts) {
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self), site.target != site.otherTarget,
        case .equal(let value, let number) = site.condition.form, withoutExtract(value) == call,
        constant(number) == Opcode.mask(size(number)),
        let asked = firstCall(of: site.target), callee(of: asked, facts)?.name == "PyErr_Occurred"
      else { continue }
      decideBranch(of: block, taken: site.formHolds(false))
    }
    removeUnreachableBlocks()
  }

  /// Whether a value, or a part of it, is read nowhere but where it is compared with zero.
  private func isOnlyAskedForZero(_ call: Instruction.ID) -> Bool {
    var pending: [Instruction.ID] = []
    for block in reversePostorder() {
      pending += self[block].instructions
      guard let value = self[block].terminator.value.map({ resolve($0) }) else { continue }
      guard withoutExtract(value) != call else { return false }
      pending.append(value)
    }
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      let operands = operands(of: id)
      pending += operands.filter { self[$0].block == nil }
      guard withoutExtract(id) != call, operands.contains(where: { withoutExtract($0) == call })
      else { continue }
      guard let (opcode, left, right) = machine(id), opcode == .equal || opcode == .notEqual,
        withoutExtract(left) == call, constant(right) == 0
      else { return false }
    }
    return true
  }
}
