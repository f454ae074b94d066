import Analysis
import Basics
package import IR
import RuntimeModel

extension BranchRule {
  /// An object that nothing else refers to is taken as it is instead of being copied.
  ///
  /// ```c
  /// Py_REFCNT(d) == 1 ? d : PyDict_Copy(d)
  /// ```
  /// becomes the copy (`MergedDictNode` in `Cython/Compiler/ExprNodes.py`, `__Pyx_PySequence_ListKeepNew` in
  /// `ModuleSetupCode.c` and `__Pyx_PyUnicode_ConcatInPlaceImpl` in `ObjectHandling.c`). Since CPython 3.14,
  /// `PyUnstable_Object_IsUniquelyReferenced` asks for it.
  static let uniqueReference = BranchRule("unique-reference") { site, function, context in
    var (asked, shared) = (function.objectOfCount(site.condition), site.otherTarget)
    if let value = site.valueComparedWithNull(in: function),
      case let call = function.withoutExtract(value),
      function.callee(of: call, context.facts)?.name == "PyUnstable_Object_IsUniquelyReferenced"
    {
      (asked, shared) = (function.argument(0, of: call), site.target)
    }
    guard let object = asked,
      let general = function.firstCall(from: shared, testing: object, context.facts),
      copies.contains(general)
    else { return nil }
    return site.formHolds(shared == site.target)
  }

  private static let copies: Set<String> = [
    "PyDict_Copy", "PySequence_List", "PyUnicode_Concat", "PyNumber_Add",
  ]

  /// An empty text changes nothing that it is put together with.
  ///
  /// ```c
  /// if (PyUnicode_GET_LENGTH(left) == 0) { Py_INCREF(right); return right; }
  /// return PyUnicode_Concat(left, right);
  /// ```
  /// becomes the call (`__Pyx_PyUnicode_ConcatInPlaceImpl` in `Cython/Utility/ObjectHandling.c`).
  static let emptyText = BranchRule("empty-text") { site, function, context in
    guard let length = site.valueComparedWithNull(in: function), function.isWord(length),
      function.isLoad(length, at: function.layout.textLength)
    else { return nil }
    let text = function.offset(function.operand(0, of: length)).base
    guard let call = function.concatenation(from: site.otherTarget, context.facts),
      let left = function.argument(0, of: call), let right = function.argument(1, of: call),
      left == text || right == text,
      function.hands(left == text ? right : left, from: site.block, to: site.target)
    else { return nil }
    return site.formHolds(false)
  }
}

extension Function {
  /// The object, if a condition asks whether nothing else refers to it.
  func objectOfCount(_ condition: Condition) -> Instruction.ID? {
    guard case .equal(let count, let one) = condition.form, constant(one) == 1,
      isLoad(count, at: layout.referenceCount)
    else { return nil }
    return offset(operand(0, of: count)).base
  }

  /// The call that puts two texts together, behind tests of their lengths only.
  fileprivate func concatenation(
    from start: Block.ID, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    var block = start
    for _ in 0..<12 {
      if let call = firstCall(of: block) {
        return callee(of: call, facts)?.name == "PyUnicode_Concat" ? call : nil
      }
      switch self[block].terminator {
      case .jump(let next): block = next
      case .branch:
        guard let site = BranchSite(block, in: self) else { return nil }
        if let length = site.valueComparedWithNull(in: self) {
          guard isLoad(length, at: layout.textLength) else { return nil }
          block = site.otherTarget
        } else if comparesTexts(site) {
          block = site.target
        } else {
          return nil
        }
      default: return nil
      }
    }
    return nil
  }

  /// Whether a branch asks if two texts are one, which must not be changed then.
  func comparesTexts(_ site: BranchSite) -> Bool {
    guard case .equal(let left, let right) = site.condition.form else { return false }
    return left != right && isWord(left) && isWord(right) && constant(right) == nil
  }

  /// Whether an arm does nothing but hand a value on to where ways meet.
  fileprivate func hands(
    _ value: Instruction.ID, from source: Block.ID, to start: Block.ID
  ) -> Bool {
    var (previous, block) = (source, start)
    for _ in 0..<4 {
      if let edge = self[block].predecessors.firstIndex(of: previous),
        self[block].instructions.contains(where: { isPhi($0) && operand(edge, of: $0) == value })
      {
        return true
      }
      guard self[block].predecessors.count == 1, firstCall(of: block) == nil,
        case .jump(let next) = self[block].terminator
      else { return false }
      (previous, block) = (block, next)
    }
    return false
  }

  /// Takes tests away that only ask whether a variable holds anything to be released.
  ///
  /// ```c
  /// Py_XDECREF(x); x = y;     →     if (x) Py_DECREF(x); x = y;     →     Py_DECREF(x); x = y;
  /// ```
  /// Compilers know in the arm without a value what other tests will say, so that they make the rest of
  /// the function twice. The arm that releases the value means the same.
  ///
  /// - Returns: whether anything changed.
  package mutating func forgetReleases() -> Bool {
    var tested: [Instruction.ID: [Block.ID]] = [:]
    var sites: [(site: BranchSite, value: Instruction.ID)] = []
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self), site.target != site.otherTarget,
        let value = site.valueComparedWithNull(in: self), isWord(value)
      else { continue }
      if isPhi(value), releasesFirst(site.otherTarget, value) {
        sites.append((site, value))
      } else {
        tested[value, default: []].append(block)
      }
    }
    guard !sites.isEmpty else { return false }
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var changed = false
    for (site, value) in sites where mayBeUnbound(value, tested, flow, dominators) {
      decideBranch(of: site.block, taken: site.formHolds(false))
      changed = true
    }
    if changed { removeUnreachableBlocks() }
    return changed
  }

  /// Whether the first thing that a block does is to release a value.
  private func releasesFirst(_ block: Block.ID, _ value: Instruction.ID) -> Bool {
    var block = block
    for _ in 0..<4 {
      for id in self[block].instructions {
        switch self[id].operation {
        case .referenceCount(let change):
          if change < 0, operand(0, of: id) == value { return true }
        case .undefined, .machine(.load), .machine(.store), .forward, .phi: continue
        default: return false
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }

  /// Whether a value is null on some way, and not because something was looked for in vain: no other test
  /// for null of what it may be comes before that.
  private func mayBeUnbound(
    _ value: Instruction.ID, _ tested: [Instruction.ID: [Block.ID]], _ flow: ControlFlow,
    _ dominators: DominatorTree
  ) -> Bool {
    var unbound: Set<Int> = []
    var tests: Set<Int> = []
    var seen: Set<Instruction.ID> = [value]
    var pending = [value]
    while let id = pending.popLast() {
      guard seen.count < 256 else { return false }
      for block in tested[id] ?? [] { tests.insert(flow.position(of: block)) }
      guard isPhi(id), let block = self[id].block, flow.position(of: block) >= 0 else { continue }
      for (edge, operand) in operands(of: id).enumerated() {
        if constant(operand) == 0 {
          unbound.insert(flow.position(of: self[block].predecessors[edge]))
        } else if seen.insert(operand).inserted {
          pending.append(operand)
        }
      }
    }
    return !unbound.isEmpty
      && unbound.allSatisfy { place in
        place >= 0 && !tests.contains { dominators.dominates($0, place) }
      }
  }
}
