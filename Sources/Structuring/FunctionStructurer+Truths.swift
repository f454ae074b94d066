import Analysis
import IR
import PythonSyntax
import Raising

// Variables that hold `True` or `False`, which are C numbers to Cython.
extension FunctionStructurer {
  /// The phis of such variables: they merge 0, 1 and answers of tests, and are read as `int`.
  ///
  /// ```
  /// %3 = phi 0x1:8, 0x0:8             x = True … x = False
  /// %4:4 = extract %3, 0x0:4    →
  /// %5 = notEqual %4, 0x0:4           if x: …
  /// ```
  /// Numbers of Python's `int` are read as `long`.
  func findTruthPhis() -> Set<Instruction.ID> {
    var candidates: Set<Instruction.ID> = []
    for block in flow.order {
      for id in raiser.function[block].instructions
      where raiser.function.isPhi(id) && (uses[id] ?? 0) > 0 { candidates.insert(id) }
    }
    guard !candidates.isEmpty else { return [] }
    let readers = candidateReaders(candidates)
    while true {
      let kept = candidates.filter { id in
        raiser.function.operands(of: id).allSatisfy { isTruth($0, candidates) }
          && (readers[id] ?? []).allSatisfy { isTruthReader($0, of: id, candidates) }
      }
      if kept.count == candidates.count { return kept }
      candidates = kept
    }
  }

  private func isTruth(_ id: Instruction.ID, _ candidates: Set<Instruction.ID>) -> Bool {
    if candidates.contains(id) { return true }
    if let number = raiser.function.constant(id) { return number <= 1 }
    return !raiser.function.isPhi(id) && isTruthValue(id)
  }

  private func isTruthReader(
    _ reader: Instruction.ID, of phi: Instruction.ID, _ candidates: Set<Instruction.ID>
  ) -> Bool {
    switch raiser.function[reader].operation {
    case .phi: candidates.contains(reader)
    case .python(.boxBoolean): true
    case .machine(.extract): raiser.function.size(reader) == 4
    case .machine(.equal), .machine(.notEqual):
      raiser.function.size(phi) == 4
        && raiser.function.constant(raiser.function.operand(1, of: reader)) == 0
    default: false
    }
  }

  /// What reads each of some values, be it arithmetic.
  private func candidateReaders(
    _ candidates: Set<Instruction.ID>
  ) -> [Instruction.ID: [Instruction.ID]] {
    var result: [Instruction.ID: [Instruction.ID]] = [:]
    var seen: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in flow.order {
      pending += raiser.function[block].instructions
      if let value = raiser.function[block].terminator.value {
        let value = raiser.function.resolve(value)
        // A value that is tested or returned itself is no C number of this kind.
        if candidates.contains(value) { result[value, default: []].append(value) }
        pending.append(value)
      }
    }
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if case .referenceCount = raiser.function[id].operation { continue }
      for operand in raiser.function.operands(of: id) {
        if candidates.contains(operand) { result[operand, default: []].append(id) }
        if raiser.function[operand].block == nil { pending.append(operand) }
      }
    }
    return result
  }

  /// A value that goes into such a variable.
  func truth(_ id: Instruction.ID, _ state: inout State) throws -> Expression {
    if let number = raiser.function.constant(id) { return .constant(number == 0 ? .false : .true) }
    let value = try readCondition(id, &state)
    return value.isBoolean || isTruthVariable(id) ? value : .call(.name("bool"), [value], [])
  }

  /// A constant or the answer of a test that goes into such a variable, if a phi is one.
  func truthValue(
    _ id: Instruction.ID, of phi: Instruction.ID, _ state: inout State
  ) throws -> Expression? {
    if let constant = truthConstant(id, of: phi) { return constant }
    guard truthPhis.contains(phi),
      let (opcode, _, _) = raiser.function.machine(raiser.function.withoutExtension(id)),
      opcode == .equal || opcode == .notEqual
    else { return nil }
    return try truth(id, &state)
  }

  /// A constant that goes into such a variable, if a phi is one.
  func truthConstant(_ id: Instruction.ID, of phi: Instruction.ID) -> Expression? {
    guard truthPhis.contains(phi), let number = raiser.function.constant(id) else { return nil }
    return .constant(number == 0 ? .false : .true)
  }

  /// Whether a value is read from such a variable.
  func isTruthVariable(_ id: Instruction.ID) -> Bool {
    var id = raiser.function.withoutExtension(id)
    while let (opcode, inner, position) = raiser.function.machine(id), opcode == .extract,
      raiser.function.constant(position) == 0
    {
      id = inner
    }
    return truthPhis.contains(id)
  }
}
