import Basics
import IR
import RuntimeModel
import Simplification

// Copies of dicts that Cython makes for itself.
extension Raiser {
  /// Makes the copy of a mapping a display.
  ///
  /// ```
  /// type(k) is dict ? k.copy() : dict(k)     →     {**k}
  /// ```
  /// `MergedDictNode` in `Cython/Compiler/ExprNodes.py` starts so, for calls as for displays.
  ///
  /// - Returns: whether anything changed.
  func raiseMergedDictionaries() -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        let mapping = testedForDictionary(site.condition),
        let (copy, join) = onlyStep(of: site.target, behind: block),
        let (made, other) = onlyStep(of: site.otherTarget, behind: block), join == other,
        isCopy(copy, of: mapping), isConversion(made, of: mapping),
        let merged = phi(of: join, copy, made)
      else { continue }
      let display = function.append(
        .python(.dictionary), [], width: function.pointerSize, to: block,
        at: function[copy].address)
      let step = function.append(
        .python(.addEntries), [display, mapping], width: function.pointerSize, to: block,
        at: function[copy].address)
      repeatSite(of: made, for: step)
      function.decideBranch(of: block, taken: site.condition.isPositive)
      function.forward(merged, to: display)
      function.remove(copy)
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
      return true
    }
    return raiseCopiedDictionaries()
  }

  /// Makes the copy of a dict that more is added to a display.
  ///
  /// ```
  /// %5 = callMethod('copy') %1           %5 = dictionary
  /// addEntries %5, %2             →      addEntries %5, %1
  ///                                      addEntries %5, %2
  /// ```
  /// Cython copies the dict of `**kwargs` so, which is one for certain.
  private func raiseCopiedDictionaries() -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch operation(id) {
        case .addEntries?, .addEntry?: break
        default: continue
        }
        let copy = function.operand(0, of: id)
        guard dictionaryCopies.remove(copy) != nil else { continue }
        let mapping = function.operand(0, of: copy)
        become(copy, .dictionary, [])
        let step = function.insert(.python(.addEntries), [copy, mapping], behind: copy)
        repeatSite(of: copy, for: step)
        return true
      }
    }
    return false
  }

  /// Takes tests away for keys that a display already has, which only told of keywords that are given
  /// twice.
  ///
  /// ```c
  /// if (PyDict_Contains(kwargs, key)) { __Pyx_RaiseDoubleKeywordsError(…); goto error; }
  /// ```
  /// `MergedDictNode` in `Cython/Compiler/ExprNodes.py`, for `f(**x, a=1)`.
  func removeTestsOfDisplays() {
    var tests: Set<Instruction.ID> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where operation(id) == .contains && operation(function.operand(1, of: id)) == .dictionary {
        tests.insert(id)
      }
    }
    guard !tests.isEmpty else { return }
    let live = function.liveValues()
    for test in tests.sorted() where !live.contains(test) { function.remove(test) }
  }

  /// The object whose type is compared with `dict`.
  private func testedForDictionary(_ condition: Condition) -> Instruction.ID? {
    guard case .equal(let left, let right) = condition.form else { return nil }
    for (type, loaded) in [(left, right), (right, left)]
    where function.variable(type, view) == "PyDict_Type" {
      return ownerOfType(loaded)
    }
    return nil
  }

  /// The one step that a block makes, and where control goes on.
  private func onlyStep(
    of block: Block.ID, behind source: Block.ID
  ) -> (step: Instruction.ID, join: Block.ID)? {
    guard function[block].predecessors == [source],
      case .jump(let join) = function[block].terminator
    else { return nil }
    let steps = function[block].instructions.filter { id in
      switch function[id].operation {
      case .referenceCount, .undefined, .after: false
      default: true
      }
    }
    return steps.count == 1 ? (steps[0], join) : nil
  }

  private func isCopy(_ id: Instruction.ID, of mapping: Instruction.ID) -> Bool {
    guard case .callMethod(let name, let shape)? = operation(id) else { return false }
    return symbols[name] == "copy" && function[shape].arguments.isEmpty
      && function.operand(0, of: id) == mapping
  }

  private func isConversion(_ id: Instruction.ID, of mapping: Instruction.ID) -> Bool {
    guard case .call(let shape)? = operation(id), function[shape].arguments == [.positional],
      function.operand(1, of: id) == mapping
    else { return false }
    let callee = function.operand(0, of: id)
    if case .builtin(let name)? = operation(callee) { return symbols[name] == "dict" }
    return function.variable(callee, view) == "PyDict_Type"
  }

  /// What two values meet in.
  private func phi(
    of join: Block.ID, _ first: Instruction.ID, _ second: Instruction.ID
  ) -> Instruction.ID? {
    function[join].instructions.first { id in
      function.isPhi(id) && function.operandCount(of: id) == 2
        && Set(function.operands(of: id)) == [first, second]
    }
  }
}
