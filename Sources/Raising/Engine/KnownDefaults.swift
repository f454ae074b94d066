import Basics
import IR
import RuntimeModel
import Simplification

// Lookups with a default for which compilers have decided already what comes next.
extension Raiser {
  /// Reads `hasattr(…)` where the error that is no `AttributeError` was taken away, or where any error is
  /// cleared, as Cython 0.29 does it.
  ///
  /// ```
  /// %9 = attribute n %4                                        %9 = hasAttribute %4, 'n'
  /// if %9 == 0: exceptMatch AttributeError; …             →    if %9 == 0: …
  /// ```
  func raiseTestedAttribute(
    _ value: Instruction.ID, _ object: Instruction.ID, _ name: Instruction.ID, _ site: BranchSite
  ) -> Bool {
    guard isOnlyTested(value, at: site.block),
      let asked = asksForAttributeError(site) ?? clearsError(site),
      become(value, .hasAttribute, [object, name])
    else { return false }
    function.replace(asked, with: .undefined, [])
    return true
  }

  /// Reads `getattr(…)` with a default that is tested next.
  ///
  /// ```
  /// %9 = attribute n %4                                        %9 = getattr(%4, 'n', None)
  /// if %9 == 0: exceptMatch AttributeError; goto C        →    if %9 is None: goto C
  /// if %9 is None: goto C
  /// ```
  /// The reference to the default that the first arm takes tells which object it is; where there is none, it is
  /// `None`, as far as anybody could notice. It is believed only if control gets to the same place with the same
  /// values when the other arm is walked with it.
  func raiseKnownDefault(
    _ value: Instruction.ID, _ object: Instruction.ID, _ name: Instruction.ID, _ site: BranchSite
  ) -> Bool {
    guard asksForAttributeError(site) != nil, let missing = missingWay(site) else { return false }
    for substitute in missing.counted + [none].compactMap(\.self) {
      guard let edge = walk(site, until: missing.join, value, is: substitute),
        agree(missing.join, missing.edge, edge, value, substitute)
      else { continue }
      function.decideBranch(of: site.block, taken: !site.condition.isPositive)
      function.removeUnreachableBlocks()
      while function.removeTrivialPhis() {}
      return becomeBuiltinCall(value, "getattr", [object, name, substitute])
    }
    return false
  }

  /// The question for `AttributeError` with which the arm of a missing attribute begins, if nothing
  /// depends on the answer.
  private func asksForAttributeError(_ site: BranchSite) -> Instruction.ID? {
    guard site.target != site.otherTarget, function[site.target].predecessors == [site.block] else {
      return nil
    }
    for id in function[site.target].instructions {
      switch function[id].operation {
      case .python(.exceptMatch):
        let type = function.operand(0, of: id)
        guard function.operandCount(of: id) == 1,
          function.exceptionName(type, view) == "PyExc_AttributeError",
          readers(of: id) == []
        else { return nil }
        return id
      case .referenceCount, .machine(.load), .undefined, .python(.clearError): continue
      case .call where function.callee(of: id, view)?.name == "PyErr_Clear": continue
      default: return nil
      }
    }
    return nil
  }

  /// The step that clears the error, if the arm of a missing attribute begins with it.
  private func clearsError(_ site: BranchSite) -> Instruction.ID? {
    guard site.target != site.otherTarget, function[site.target].predecessors == [site.block] else {
      return nil
    }
    for id in function[site.target].instructions {
      switch function[id].operation {
      case .python(.clearError): return id
      case .call where function.callee(of: id, view)?.name == "PyErr_Clear": return id
      case .referenceCount, .machine(.load), .undefined: continue
      default: return nil
      }
    }
    return nil
  }

  /// Whether a value is compared with null at the end of a block, and nothing else is done with it.
  func isOnlyTested(_ value: Instruction.ID, at block: Block.ID) -> Bool {
    readers(of: value) == [block]
  }

  /// The blocks whose steps or whose end depend on a value, reference counts left out.
  func readers(of value: Instruction.ID) -> Set<Block.ID> {
    var derived = IDSet<Instruction>(capacity: function.instructionCount)
    derived.insert(value)
    var changed = true
    while changed {
      changed = false
      for id in function.instructionIDs where function[id].block == nil && !derived.contains(id) {
        guard case .machine = function[id].operation,
          function.operands(of: id).contains(where: derived.contains)
        else { continue }
        derived.insert(id)
        changed = true
      }
    }
    var result: Set<Block.ID> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where id != value {
        if case .referenceCount = function[id].operation { continue }
        if function.operands(of: id).contains(where: derived.contains) { result.insert(block) }
      }
      if let end = function[block].terminator.value, derived.contains(function.resolve(end)) {
        result.insert(block)
      }
    }
    return result
  }

  /// Where the arm of a missing attribute meets other ways, and the objects to which it takes
  /// references, if it does nothing else.
  private func missingWay(
    _ site: BranchSite
  ) -> (join: Block.ID, edge: Int, counted: [Instruction.ID])? {
    var counted: [Instruction.ID] = []
    var (previous, block) = (site.block, site.target)
    for _ in 0..<6 {
      if function[block].predecessors.count > 1 {
        guard let edge = function[block].predecessors.firstIndex(of: previous) else { return nil }
        return (block, edge, counted)
      }
      for id in function[block].instructions {
        switch function[id].operation {
        case .referenceCount(let change):
          if change > 0 { counted.append(function.operand(0, of: id)) }
        case .python(.exceptMatch), .machine(.load), .undefined, .python(.clearError): continue
        case .call where function.callee(of: id, view)?.name == "PyErr_Clear": continue
        default: return nil
        }
      }
      guard case .jump(let next) = function[block].terminator else { return nil }
      (previous, block) = (block, next)
    }
    return nil
  }

  /// The edge by which control gets to a block from the other arm if a value is a given object.
  private func walk(
    _ site: BranchSite, until join: Block.ID, _ value: Instruction.ID,
    is object: Instruction.ID
  ) -> Int? {
    var (previous, block) = (site.block, site.otherTarget)
    for _ in 0..<6 {
      if block == join { return function[block].predecessors.firstIndex(of: previous) }
      for id in function[block].instructions {
        switch function[id].operation {
        case .referenceCount, .undefined: continue
        case .python(.truth) where function.operand(0, of: id) == value: continue
        default: return nil
        }
      }
      previous = block
      switch function[block].terminator {
      case .jump(let next): block = next
      case .branch(let condition, let first, let second):
        guard let holds = number(function.resolve(condition), value, object) else { return nil }
        block = holds != 0 ? first : second
      default: return nil
      }
    }
    return nil
  }

  /// Whether the values that meet in a block are the same for two edges.
  private func agree(
    _ join: Block.ID, _ first: Int, _ second: Int, _ value: Instruction.ID,
    _ object: Instruction.ID
  ) -> Bool {
    guard first != second else { return false }
    return function[join].instructions.allSatisfy { phi in
      guard function.isPhi(phi) else { return true }
      let (missing, present) = (function.operand(first, of: phi), function.operand(second, of: phi))
      if missing == present { return true }
      guard let known = number(present, value, object) else { return false }
      return function.constant(missing) == known
    }
  }

  /// The number that a value made of another one is, if that is a given object.
  private func number(
    _ id: Instruction.ID, _ value: Instruction.ID, _ object: Instruction.ID
  ) -> UInt64? {
    if id == value { return function.constant(object) }
    if let constant = function.constant(id) { return constant }
    if operation(id) == .truth, function.operand(0, of: id) == value {
      switch function.variable(object, view) {
      case "_Py_NoneStruct", "_Py_FalseStruct": return 0
      case "_Py_TrueStruct": return 1
      default: return nil
      }
    }
    guard let (opcode, left, right) = function.machine(id) else { return nil }
    switch opcode {
    case .zeroExtend: return number(left, value, object)
    case .extract:
      guard function.constant(right) == 0, let whole = number(left, value, object),
        whole < 2
      else { return nil }
      return whole
    case .equal, .notEqual:
      guard let first = number(left, value, object), let second = number(right, value, object)
      else {
        return nil
      }
      return (first == second) == (opcode == .equal) ? 1 : 0
    case .booleanNot: return number(left, value, object).map { $0 == 0 ? 1 : 0 }
    default: return nil
    }
  }
}
