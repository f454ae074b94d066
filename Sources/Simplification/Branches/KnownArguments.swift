import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Hands calls the small numbers that their arguments were found to be.
  ///
  /// ```
  /// A: if %1 == 0: goto B                    →     B: call PyTuple_New, 0
  /// B: call PyTuple_New, %1
  /// ```
  /// A register that is known to hold a number serves for it.
  ///
  /// - Returns: whether anything changed.
  package mutating func narrowArguments(_ facts: some ModuleFacts) -> Bool {
    let flow = ControlFlow(self)
    let known = knownNumbers(flow)
    guard !known.isEmpty else { return false }
    let dominators = DominatorTree(flow)
    var changed = false
    for (position, block) in flow.order.enumerated() {
      for id in self[block].instructions where self[id].operation == .call {
        guard let callee = callee(of: id, facts) else { continue }
        var operands = operands(of: id)
        var isNarrower = false
        for (index, parameter) in callee.parameters.enumerated()
        where parameter == .integer || parameter == .long {
          guard index + 1 < operands.count, let facts = known[operands[index + 1]],
            let fact = facts.first(where: { dominators.dominates($0.position, position) })
          else { continue }
          operands[index + 1] = constant(fact.number, width: size(operands[index + 1]))
          isNarrower = true
        }
        guard isNarrower else { continue }
        setOperands(of: id, operands)
        changed = true
      }
    }
    return changed
  }

  /// The numbers that values are, and from which block on.
  private func knownNumbers(
    _ flow: ControlFlow
  ) -> [Instruction.ID: [(position: Int, number: UInt64)]] {
    var known: [Instruction.ID: [(position: Int, number: UInt64)]] = [:]
    for block in flow.order {
      guard case .branch(let condition, let taken, let other) = self[block].terminator,
        taken != other, let (opcode, value, bound) = machine(resolve(condition)),
        opcode == .equal || opcode == .notEqual, let number = constant(bound), number < 0x100
      else { continue }
      let target = opcode == .equal ? taken : other
      guard self[target].predecessors.count == 1 else { continue }
      known[value, default: []].append((flow.position(of: target), number))
    }
    return known
  }
}
