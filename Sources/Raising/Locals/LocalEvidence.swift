import Analysis
import Basics
package import IR
import RuntimeModel
package import Simplification

/// Which values are variables of the function, by how they are released.
///
/// Cython releases temporaries before it writes a traceback and variables behind it, in the order
/// of the code object's names (`generate_function_definitions` in `Cython/Compiler/Nodes.py`).
package struct LocalEvidence: Sendable {
  /// The values that are released behind a traceback, in the order of their release.
  package private(set) var released: [Instruction.ID] = []
  /// The values that each of them may be, as one variable holds them one after the other.
  package private(set) var webs: [[Instruction.ID]] = []

  /// Nothing is known: the module's own code has no variables.
  package init() {}

  package init(_ function: borrowing Function, _ facts: some ModuleFacts) {
    let flow = ControlFlow(function)
    var isBehind = [Bool](repeating: false, count: flow.order.count)
    for (position, block) in flow.order.enumerated() {
      var starts = false
      for id in function[block].instructions {
        if function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" { starts = true }
      }
      if starts { mark(position, flow, &isBehind) }
    }
    var seen: Set<Instruction.ID> = []
    for (position, block) in flow.order.enumerated() where isBehind[position] {
      var isAfter = function[block].predecessors.contains {
        flow.position(of: $0) >= 0 && isBehind[flow.position(of: $0)]
      }
      for id in function[block].instructions {
        if function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" { isAfter = true }
        guard isAfter, case .referenceCount(let change) = function[id].operation, change < 0 else {
          continue
        }
        let value = function.operand(0, of: id)
        guard seen.insert(value).inserted else { continue }
        released.append(value)
        webs.append(web(of: value, function))
      }
    }
  }

  /// What a value may be, through all phis.
  private func web(
    of value: Instruction.ID, _ function: borrowing Function
  ) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    var seen: Set<Instruction.ID> = [value]
    var pending = [value]
    while let id = pending.popLast() {
      result.append(id)
      guard function.isPhi(id) else { continue }
      for operand in function.operands(of: id) where seen.insert(operand).inserted {
        pending.append(operand)
      }
    }
    return result
  }

  private func mark(_ start: Int, _ flow: ControlFlow, _ isBehind: inout [Bool]) {
    var pending = [start]
    while let position = pending.popLast() {
      guard !isBehind[position] else { continue }
      isBehind[position] = true
      pending += flow.successors[position]
    }
  }
}
