import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Reckons addresses with a number that a test has found out before.
  ///
  /// ```
  /// if %4 == 1: store %9 + %4 * 8, %5     →     if %4 == 1: store %9 + 8, %5
  /// ```
  /// Compilers use the register that is known to hold the number where the source has a constant.
  ///
  /// - Returns: whether anything changed.
  package mutating func useKnownNumbers(_ facts: some ModuleFacts) -> Bool {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var changed = decidePhis()
    for block in flow.order where useNull(in: block, facts) { changed = true }
    for block in flow.order {
      guard let site = BranchSite(block, in: self), site.target != site.otherTarget,
        self[site.target].predecessors.count == 1,
        case .equal(let value, let number) = site.condition.form,
        constant(value) == nil, let known = constant(number), known < 1 << 16
      else { continue }
      let start = flow.position(of: site.target)
      for position in flow.order.indices where dominators.dominates(start, position) {
        if use(number, for: value, in: flow.order[position], facts) { changed = true }
      }
    }
    return changed
  }

  /// Hands calls null where they get a truth value for a pointer: nothing lies at address 1.
  ///
  /// ```
  /// call PyDict_SetItem …; if %1 >> 31: goto error
  /// call __Pyx_CyFunction_New, …, %1 >> 31     →     call __Pyx_CyFunction_New, …, 0
  /// ```
  private mutating func useNull(in block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    var changed = false
    for id in self[block].instructions where self[id].operation == .call {
      var operands = operands(of: id)
      for index in operands.indices where constant(operands[index]) == nil {
        let null = constant(0, width: size(operands[index]))
        guard isTruthNumber(operands[index]), isPointer(index, of: id, null, facts) else {
          continue
        }
        operands[index] = null
        changed = true
      }
      if operands != self.operands(of: id) { setOperands(of: id, operands) }
    }
    return changed
  }

  /// Whether a value is 0 or 1, however wide.
  private func isTruthNumber(_ id: Instruction.ID) -> Bool {
    if isBoolean(id) { return true }
    guard let (opcode, inner, amount) = machine(id) else { return false }
    switch opcode {
    case .zeroExtend: return isTruthNumber(inner)
    case .shiftRight: return constant(amount) == UInt64(size(inner) * 8 - 1)
    default: return false
    }
  }

  /// Addresses and pointers are all that numbers are used for; what a call gets besides may be the
  /// program's own.
  private mutating func use(
    _ number: Instruction.ID, for value: Instruction.ID, in block: Block.ID,
    _ facts: some ModuleFacts
  ) -> Bool {
    var changed = false
    for id in self[block].instructions {
      var operands = operands(of: id)
      for index in operands.indices where isPointer(index, of: id, number, facts) {
        let isCalled = self[id].operation == .call && resolve(operands[index]) == value
        guard isCalled || isMade(of: value, operands[index], depth: 0) else { continue }
        operands[index] = replacing(value, with: number, in: operands[index], depth: 0)
        changed = true
      }
      if operands != self.operands(of: id) { setOperands(of: id, operands) }
    }
    return changed
  }

  /// Whether a step takes an operand for an address, or for a pointer that is null.
  private func isPointer(
    _ index: Int, of id: Instruction.ID, _ number: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    switch self[id].operation {
    case .machine(.load), .machine(.store): return index == 0
    case .call:
      guard index > 0, constant(number) == 0, let callee = callee(of: id, facts),
        callee.parameters.indices.contains(index - 1)
      else { return false }
      return switch callee.parameters[index - 1] {
      case .object, .pointer, .output, .buffer: true
      default: false
      }
    default: return false
    }
  }

  /// Merges what a test has found out instead of the test.
  ///
  /// ```
  /// A: if %1: goto B else: goto C                       A: if %1: goto B else: goto C
  /// C: %4 = phi [A: zeroExtend %1], [D: %3]     →       C: %4 = phi [A: 0], [D: %3]
  /// ```
  private mutating func decidePhis() -> Bool {
    var changed = false
    for block in reversePostorder() {
      for (edge, predecessor) in self[block].predecessors.enumerated() {
        guard case .branch(let tested, let first, let second) = self[predecessor].terminator,
          first != second
        else { continue }
        let condition = resolve(tested)
        let isTaken = block == first
        for phi in self[block].instructions where isPhi(phi) {
          guard let number = decided(operand(edge, of: phi), condition, isTaken) else { continue }
          var operands = operands(of: phi)
          operands[edge] = number
          setOperands(of: phi, operands)
          changed = true
        }
      }
    }
    return changed
  }

  /// The number that a value is if a condition has been found to hold or not, and it hangs on nothing
  /// else.
  private mutating func decided(
    _ value: Instruction.ID, _ condition: Instruction.ID, _ holds: Bool
  ) -> Instruction.ID? {
    guard constant(value) == nil, constant(condition) == nil else { return nil }
    var tests = [(condition, holds)]
    if let (opcode, left, right) = machine(condition), opcode == .equal || opcode == .notEqual {
      let opposite: Opcode = opcode == .equal ? .notEqual : .equal
      tests.append((binary(opposite, left, right, width: 1), !holds))
    }
    for (test, isTrue) in tests where isMade(of: test, value, depth: 0) {
      let number = constant(isTrue ? 1 : 0, width: size(test))
      let result = replacing(test, with: number, in: value, depth: 0)
      if constant(result) != nil { return result }
    }
    return nil
  }

  /// Whether arithmetic without effect takes a value.
  private func isMade(of value: Instruction.ID, _ id: Instruction.ID, depth: Int) -> Bool {
    let id = resolve(id)
    if id == value { return depth > 0 }
    guard depth < 6, isPureArithmetic(id) else { return false }
    return operands(of: id).contains { isMade(of: value, $0, depth: depth + 1) }
  }

  /// Arithmetic without effect with a number in the place of a value.
  package mutating func replacing(
    _ value: Instruction.ID, with number: Instruction.ID, in id: Instruction.ID, depth: Int
  ) -> Instruction.ID {
    let id = resolve(id)
    if id == value { return number }
    guard depth < 6, isPureArithmetic(id), case .machine(let opcode) = self[id].operation else {
      return id
    }
    let parts = operands(of: id).map { replacing(value, with: number, in: $0, depth: depth + 1) }
    switch parts.count {
    case 1: return unary(opcode, parts[0], width: size(id))
    case 2: return binary(opcode, parts[0], parts[1], width: size(id))
    default: return id
    }
  }

  private func isPureArithmetic(_ id: Instruction.ID) -> Bool {
    guard self[id].block == nil, case .machine(let opcode) = self[id].operation else {
      return false
    }
    return opcode.isPure
  }
}
