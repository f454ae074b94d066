import Basics
import IR
import RuntimeModel

// Branches of the helpers that find the metaclass of a class, where compilers inlined them.
extension BranchRule {
  /// A tuple that was made here is a tuple.
  ///
  /// ```c
  /// if (PyTuple_Check(bases) && PyTuple_GET_SIZE(bases) > 0) …
  /// ```
  /// becomes what the test allows (`__Pyx_FindPy2Metaclass` in `Cython/Utility/ObjectHandling.c`).
  package static let typeOfNewTuple = BranchRule("type-of-new-tuple") { site, function, context in
    guard case .equal(let left, let right) = site.condition.form, function.constant(right) == 0,
      let (tuple, mask) = function.testedTypeFlags(left),
      mask == ObjectLayout.subclassFlags["PyTuple_Type"],
      let name = function.callee(of: tuple, context.facts)?.name,
      name == "PyTuple_New" || name == "__Pyx_PEP560_update_bases"
    else { return nil }
    return site.formHolds(false)
  }

  /// The metaclass of a class is that of its bases, which `class` finds by itself.
  ///
  /// ```c
  /// for (i = 0; i < PyTuple_GET_SIZE(bases); i++) {
  ///   type = Py_TYPE(PyTuple_GET_ITEM(bases, i));
  ///   if (!metaclass) metaclass = type;
  ///   else if (PyType_IsSubtype(metaclass, type)) continue;
  ///   else if (PyType_IsSubtype(type, metaclass)) metaclass = type; …
  /// }
  /// ```
  /// becomes nothing (`__Pyx_CalculateMetaclass`).
  package static let metaclassWalk = BranchRule("metaclass-walk") { site, function, context in
    let (size, holds, body): (Instruction.ID, Bool, Block.ID)
    switch site.condition.form {
    case .lessOrEqual(let left, _): (size, holds, body) = (left, true, site.otherTarget)
    case .less(_, let right): (size, holds, body) = (right, false, site.target)
    case .equal(let left, let right):
      let isLeft = function.isLoad(left, at: function.layout.size)
      (size, holds, body) = (isLeft ? left : right, true, site.otherTarget)
    default: return nil
    }
    guard function.isLoad(size, at: function.layout.size) else { return nil }
    let bases = function.offset(function.operand(0, of: size)).base
    guard
      function.comparesMetaclasses(of: bases, from: body, header: site.block, context.facts)
    else { return nil }
    return site.formHolds(holds)
  }
}

extension Function {
  /// Whether a loop's body compares the types of a tuple's items.
  fileprivate func comparesMetaclasses(
    of bases: Instruction.ID, from start: Block.ID, header: Block.ID, _ facts: any ModuleFacts
  ) -> Bool {
    var types: Set<Instruction.ID> = []
    var pending = [start]
    var seen: Set<Block.ID> = [header]
    while let block = pending.popLast(), seen.count < 8 {
      guard seen.insert(block).inserted else { continue }
      for id in self[block].instructions {
        if isTypeOfItem(id, of: bases) { types.insert(id) }
        guard self[id].operation == .call else { continue }
        guard callee(of: id, facts)?.name == "PyType_IsSubtype",
          let first = argument(0, of: id), let second = argument(1, of: id)
        else { return false }
        return types.contains(first) || types.contains(second)
      }
      pending += successors(of: block).reversed()
    }
    return false
  }

  /// Whether a value is `Py_TYPE` of an item of a tuple.
  private func isTypeOfItem(_ id: Instruction.ID, of tuple: Instruction.ID) -> Bool {
    guard isLoad(id, at: layout.type) else { return false }
    let item = offset(operand(0, of: id)).base
    guard self[item].operation == .machine(.load) else { return false }
    return sumContains(operand(0, of: item), tuple, depth: 0)
  }

  /// Whether a value is one of the terms of a sum, which may grow by numbers from round to round of a loop.
  private func sumContains(_ id: Instruction.ID, _ term: Instruction.ID, depth: Int) -> Bool {
    if id == term { return true }
    guard depth < 4 else { return false }
    if isPhi(id) {
      let starts = operands(of: id).filter { offset($0).base != id }
      return !starts.isEmpty && starts.allSatisfy { sumContains($0, term, depth: depth + 1) }
    }
    guard let (opcode, left, right) = machine(id), opcode == .add else { return false }
    return sumContains(left, term, depth: depth + 1) || sumContains(right, term, depth: depth + 1)
  }
}
