import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Decides branches by what tests have shown on every way to them.
  ///
  /// ```
  /// branch x == 0, b1, b2                 branch x == 0, b1, b2
  /// branch x == 0, … (only behind b1) →   goto …
  /// y = phi (from b1) x                   y = phi (from b1) 0
  /// ```
  /// Compilers take a register that is known to hold the right number for a flag that has nothing to do
  /// with it.
  ///
  /// - Returns: whether anything was decided.
  package mutating func decideKnownTests(_ facts: some ModuleFacts) -> Bool {
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    var children = [[Int]](repeating: [], count: flow.order.count)
    for position in flow.order.indices.dropFirst() where dominators.immediate[position] >= 0 {
      children[dominators.immediate[position]].append(position)
    }
    let comparisons = comparisonsOfWords()
    var known: [Instruction.ID: UInt64] = [:]
    var changes = KnownChanges()
    var pending: [KnownStep] = flow.order.isEmpty ? [] : [.enter(0)]
    while let step = pending.popLast() {
      switch step {
      case .leave(let facts):
        for (value, earlier) in facts { known[value] = earlier }
      case .enter(let position):
        let block = flow.order[position]
        var undone: [(Instruction.ID, UInt64?)] = []
        for (value, number) in shownFacts(before: block, comparisons, facts) {
          undone.append((value, known[value]))
          known[value] = number
        }
        if !known.isEmpty { note(block, known, &changes) }
        pending.append(.leave(undone.reversed()))
        for child in children[position].reversed() { pending.append(.enter(child)) }
      }
    }
    // What nobody reads is made anew again and again by passes over the frame.
    let live = changes.phis.isEmpty ? IDSet() : liveValues()
    changes.phis.removeAll { !live.contains($0.phi) }
    for (phi, values) in changes.phis { setOperands(of: phi, values) }
    for (block, holds) in changes.branches { decideBranch(of: block, taken: holds) }
    if !changes.branches.isEmpty { removeUnreachableBlocks() }
    return !changes.branches.isEmpty || !changes.phis.isEmpty
  }

  private enum KnownStep {
    case enter(Int)
    case leave([(Instruction.ID, UInt64?)])
  }

  private struct KnownChanges {
    var branches: [(block: Block.ID, holds: Bool)] = []
    var phis: [(phi: Instruction.ID, values: [Instruction.ID])] = []
  }

  /// What the test before a block shows, if the block is an arm of it.
  private mutating func shownFacts(
    before block: Block.ID, _ comparisons: [Instruction.ID: [Instruction.ID]],
    _ facts: some ModuleFacts
  ) -> [(Instruction.ID, UInt64)] {
    guard self[block].predecessors.count == 1, let source = self[block].predecessors.first,
      case .branch(let value, let first, let second) = self[source].terminator, first != second
    else { return [] }
    let condition = resolve(value)
    guard constant(condition) == nil else { return [] }
    let holds = block == first
    var shown: [(Instruction.ID, UInt64)] = [(condition, holds ? 1 : 0)]
    guard let (opcode, left, right) = machine(condition), opcode == .equal || opcode == .notEqual
    else { return shown }
    let opposite = binary(opcode == .equal ? .notEqual : .equal, left, right, width: 1)
    shown.append((opposite, holds ? 0 : 1))
    guard let tested = constant(right), constant(left) == nil else { return shown }
    if holds == (opcode == .equal) {
      // What is one object is no other one.
      for other in comparisons[left] ?? [] where constant(operand(1, of: other)) != tested {
        shown.append((other, self[other].operation == .machine(.equal) ? 0 : 1))
      }
    }
    guard !isWord(left) || pointerSize == 4 else { return shown }
    let whole = integerResult(of: left)
    var number = tested
    if holds != (opcode == .equal) {
      // What is not one of the two numbers is the other one.
      guard tested < 2, let whole, isAnswer(whole, facts) else { return shown }
      number = 1 - tested
    }
    shown.append((left, number))
    if let whole { shown.append((whole, number)) }
    return shown
  }

  /// The comparisons of values as wide as pointers with numbers, by the values.
  private func comparisonsOfWords() -> [Instruction.ID: [Instruction.ID]] {
    var result: [Instruction.ID: [Instruction.ID]] = [:]
    for id in instructionIDs {
      guard let (opcode, left, right) = machine(id), opcode == .equal || opcode == .notEqual,
        isWord(left), constant(right) != nil, constant(left) == nil
      else { continue }
      result[left, default: []].append(id)
    }
    return result
  }

  /// Whether a call says yes or no, errors apart.
  private func isAnswer(_ call: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    guard let name = callee(of: call, facts)?.name else { return false }
    return answers.contains(name)
  }

  /// The call whose result a value is the lower half of: C's `int`.
  private func integerResult(of id: Instruction.ID) -> Instruction.ID? {
    guard let (opcode, whole, position) = machine(id), opcode == .extract,
      constant(position) == 0, size(id) == 4
    else { return nil }
    switch self[whole].operation {
    case .call, .python: return whole
    default: return nil
    }
  }

  private mutating func note(
    _ block: Block.ID, _ known: [Instruction.ID: UInt64], _ changes: inout KnownChanges
  ) {
    if case .branch(let value, let first, let second) = self[block].terminator, first != second,
      constant(resolve(value)) == nil, let number = evaluate(resolve(value), known, depth: 0)
    {
      changes.branches.append((block, number != 0))
    }
    for successor in Set(successors(of: block)).sorted() {
      let edges = self[successor].predecessors.indices.filter {
        self[successor].predecessors[$0] == block
      }
      for phi in self[successor].instructions where isPhi(phi) {
        var values = changes.phis.last { $0.phi == phi }?.values ?? operands(of: phi)
        var isChanged = false
        for edge in edges where constant(values[edge]) == nil {
          guard !isComparison(values[edge]),
            let number = evaluate(values[edge], known, depth: 0)
          else { continue }
          values[edge] = constant(number, width: size(phi))
          isChanged = true
        }
        if isChanged { changes.phis.append((phi, values)) }
      }
    }
  }

  /// Whether a value is what a comparison said; rules know the code in which such values meet.
  private func isComparison(_ id: Instruction.ID) -> Bool {
    var id = id
    while let (opcode, inner, _) = machine(id), opcode == .zeroExtend { id = inner }
    return size(id) == 1 && self[id].block == nil
  }

  /// The number that a value is, given what is known of others.
  private func evaluate(
    _ id: Instruction.ID, _ known: [Instruction.ID: UInt64], depth: Int
  ) -> UInt64? {
    if let number = known[id] ?? constant(id) { return number }
    guard depth < 4, self[id].block == nil, let (opcode, left, right) = machine(id),
      let first = evaluate(left, known, depth: depth + 1)
    else { return nil }
    var second: UInt64 = 0
    if operandCount(of: id) > 1 {
      guard let number = evaluate(right, known, depth: depth + 1) else { return nil }
      second = number
    }
    return opcode.evaluate(
      first, second, size: size(left), otherSize: size(right), width: size(id))
  }
}

/// Functions that return 1 or 0, or -1 after an error.
private let answers: Set<String> = [
  "PyObject_IsTrue", "__Pyx_PyObject_IsTrue", "__Pyx_PyObject_IsTrueAndDecref", "PyObject_Not",
  "PyObject_IsInstance", "PyObject_IsSubclass", "PySequence_Contains", "PyDict_Contains",
  "PySet_Contains", "PyUnicode_Contains", "__Pyx_PySequence_ContainsTF", "PyObject_RichCompareBool",
  "PyType_IsSubtype", "__Pyx_PyUnicode_Equals", "__Pyx_PyBytes_Equals",
]
