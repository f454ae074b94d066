import Basics
import IR
import Simplification

// Truth values in closure scopes.
extension Raiser {
  /// Makes what is read from and stored into fields of scopes that hold a truth value operations on
  /// objects.
  ///
  /// ```c
  /// scope->found = 0; … if (scope->found != 0) …
  /// ```
  /// becomes `found = False; … if found: …`. A variable that is nothing but `True` or `False` lies there
  /// as a C `int` (`find_spanning_type` in `Cython/Compiler/TypeInference.py`), and a parameter that is
  /// declared `bool` as well. Fields of other types as wide as that hold characters, which are neither
  /// compared with zero alone nor given results of tests.
  func raiseTruthFields() {
    var accesses: [ScopeField: [Instruction.ID]] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .machine(.load) where function.size(id) == 4: break
        case .machine(.store) where function.size(function.operand(1, of: id)) == 4: break
        default: continue
        }
        guard let field = field(at: function.operand(0, of: id)) else { continue }
        accesses[field, default: []].append(id)
      }
    }
    // Where pointers are as narrow as numbers, nothing tells them apart.
    guard !accesses.isEmpty, function.pointerSize > 4 else { return }
    let readers = readersOfNumbers()
    // In the order of the code, as what is made here is numbered.
    for (field, steps) in accesses.sorted(by: { $0.value[0] < $1.value[0] }) {
      let areTruths = steps.allSatisfy { id in
        guard function[id].operation == .machine(.load) else {
          return isTruthNumber(function.operand(1, of: id))
        }
        return (readers[id] ?? []).allSatisfy { isTest($0, of: id) }
      }
      guard areTruths else { continue }
      truthFields.insert(field)
      for id in steps { raiseTruth(id, field) }
    }
    function.removeForwarded()
  }

  private func raiseTruth(_ id: Instruction.ID, _ field: ScopeField) {
    guard function[id].operation == .machine(.load) else {
      let value = function.operand(1, of: id)
      if let parameter = declaredParameter(value, before: id) {
        become(id, .storeCell(field), [parameter])
        return
      }
      let object = function.insert(
        .python(.boxBoolean), [value], width: function.pointerSize, before: id)
      become(id, .storeCell(field), [object])
      return
    }
    let variable = function.insert(
      .python(.cell(field)), [], width: function.pointerSize, before: id)
    let truth = function.insert(
      .python(.truth), [variable], width: function.pointerSize, before: id)
    function.forward(id, to: function.extract(truth, 0, width: 4))
  }

  /// The parameter whose truth value a number is, if it is one that is declared `bool`: these are
  /// converted before the scope is made.
  private func declaredParameter(
    _ value: Instruction.ID, before store: Instruction.ID
  ) -> Instruction.ID? {
    let truth = function.withoutExtract(value)
    guard operation(truth) == .truth else { return nil }
    let parameter = function.operand(0, of: truth)
    guard case .parameter? = operation(parameter) else { return nil }
    let scope = function.offset(function.operand(0, of: store)).base
    guard case .scope? = operation(scope) else { return nil }
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if id == truth { return parameter }
        if id == scope { return nil }
      }
    }
    return nil
  }

  /// Whether a number is 0 or 1, as the answer of a test.
  private func isTruthNumber(_ id: Instruction.ID, depth: Int = 0) -> Bool {
    if let number = function.constant(id) { return number <= 1 }
    var value = function.withoutExtract(id)
    while let (opcode, inner, _) = function.machine(value), opcode == .zeroExtend {
      value = function.withoutExtract(inner)
    }
    switch function[value].operation {
    case .phi:
      return depth < 4
        && function.operands(of: value).allSatisfy { isTruthNumber($0, depth: depth + 1) }
    case .machine(.equal), .machine(.notEqual): return true
    case .python(let operation):
      switch operation {
      case .truth, .notTruth, .compareTruth, .contains, .isInstance, .isSubclass, .isCallable,
        .hasAttribute:
        return true
      default: return false
      }
    default: return false
    }
  }

  /// Whether a step asks nothing of a number but whether it is zero.
  private func isTest(_ reader: Instruction.ID, of number: Instruction.ID) -> Bool {
    switch function[reader].operation {
    case .machine(.equal), .machine(.notEqual):
      function.operand(0, of: reader) == number
        && function.constant(function.operand(1, of: reader)) == 0
    default: false
    }
  }

  /// What reads each value, be it arithmetic.
  private func readersOfNumbers() -> [Instruction.ID: [Instruction.ID]] {
    var result: [Instruction.ID: [Instruction.ID]] = [:]
    var seen: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in function.reversePostorder() {
      pending += function[block].instructions
      if let value = function[block].terminator.value {
        let value = function.resolve(value)
        // What is tested or returned itself is its own reader: no test of another number.
        if function[value].block != nil { result[value, default: []].append(value) }
        pending.append(value)
      }
    }
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      for operand in function.operands(of: id) {
        result[operand, default: []].append(id)
        if function[operand].block == nil { pending.append(operand) }
      }
    }
    return result
  }
}
