import Analysis
import Basics
import IR
import PythonSyntax
import Raising

/// Values that one variable hands to another before it gets a new one itself.
///
/// Where control comes together, all variables get their values at once; the reference that is taken for
/// the copy tells where the source has it.
///
/// ```
/// count.1 %5                                   a = b
/// %9 = call f                          →       b = f()
/// jump b4     (%4 = phi …, %5; %5 = phi …, %9)
/// ```
struct VariableCopies {
  /// The phi that gets a value at a step that takes a reference to it.
  var targets: [Instruction.ID: Instruction.ID] = [:]
}

/// Tells by the references that are taken whether a variable gets a value from another one.
struct CopyEvidence {
  private let raiser: Raiser
  private let flow: ControlFlow
  private let dominators: DominatorTree
  /// The steps that take references, by what they are taken to.
  private let references: [Instruction.ID: [(step: Instruction.ID, position: Int)]]

  init(_ raiser: Raiser) {
    self.raiser = raiser
    flow = ControlFlow(raiser.function)
    dominators = DominatorTree(flow)
    var references: [Instruction.ID: [(step: Instruction.ID, position: Int)]] = [:]
    for (position, block) in flow.order.enumerated() {
      for id in raiser.function[block].instructions {
        guard case .referenceCount(let change) = raiser.function[id].operation, change > 0 else {
          continue
        }
        references[raiser.function.operand(0, of: id), default: []].append((id, position))
      }
    }
    self.references = references
  }

  /// Whether a reference is taken wherever a value becomes what some phis hold, besides the one that its
  /// own variable has.
  func isCopied(_ value: Instruction.ID, into phis: Set<Instruction.ID>) -> Bool {
    guard let home = raiser.function[value].block, var taken = references[value] else {
      return false
    }
    switch raiser.function[value].operation {
    case .python(.next), .python(.call), .python(.callMethod), .python(.item), .python(.binary),
      .python(.attribute):
      break
    // What `enumerate` counts with is given to the variable first, and what a tuple lends.
    case .phi, .python(.element): taken.removeFirst()
    default: return false
    }
    let start = flow.position(of: home)
    for phi in phis {
      guard let block = raiser.function[phi].block else { return false }
      for (index, operand) in raiser.function.operands(of: phi).enumerated() where operand == value
      {
        let end = flow.position(of: raiser.function[block].predecessors[index])
        guard end >= 0,
          taken.contains(where: {
            dominators.dominates($0.position, end) && dominators.dominates(start, $0.position)
          })
        else { return false }
      }
    }
    return true
  }
}

extension FunctionStructurer {
  /// Finds the steps at which variables get the values of others that change behind them.
  func findCopies() -> VariableCopies {
    var result = VariableCopies()
    guard scope.kind == .function else { return result }
    for block in flow.order {
      let phis = raiser.function[block].instructions.filter {
        raiser.function.isPhi($0) && (uses[$0] ?? 0) > 0 && !counterPhis.contains($0)
      }
      guard phis.count > 1 else { continue }
      for predecessor in raiser.function[block].predecessors {
        for phi in phis {
          guard let value = operand(of: phi, from: predecessor),
            raiser.function.isPhi(value) || variables.isVariable.contains(value),
            !variables.areOne(phi, value), changes(value, from: predecessor, phis),
            let step = reference(to: value, before: predecessor)
          else { continue }
          result.targets[step] = phi
        }
      }
    }
    return result
  }

  /// Whether the variable of a value gets another one on an edge.
  private func changes(
    _ value: Instruction.ID, from predecessor: Block.ID, _ phis: [Instruction.ID]
  ) -> Bool {
    phis.contains { other in
      guard variables.areOne(other, value), let new = operand(of: other, from: predecessor) else {
        return false
      }
      return new != value
    }
  }

  /// The last step that takes a reference to a value on every way to the end of a block.
  private func reference(to value: Instruction.ID, before block: Block.ID) -> Instruction.ID? {
    var position = flow.position(of: block)
    while position >= 0 {
      let steps = raiser.function[flow.order[position]].instructions
      let found = steps.last { id in
        guard case .referenceCount(let change) = raiser.function[id].operation else { return false }
        return change > 0 && raiser.function.operand(0, of: id) == value
      }
      if let found { return found }
      if steps.contains(value) { return nil }
      let next = dominators.immediate[position]
      guard next != position else { return nil }
      position = next
    }
    return nil
  }

  /// Writes the assignment of a variable's value to another one at a step.
  func bindCopy(at step: Instruction.ID, _ state: inout State) throws {
    guard let phi = copies.targets[step] else { return }
    let value = raiser.function.operand(0, of: step)
    let name = variables.name(of: phi)
    guard state.current[name] != value, let source = try? expression(value, state, [:]),
      source != .name(name)
    else { return }
    try spill(before: name, &state)
    state.statements.append(Statement(.assign([.name(name)], source)))
    state.current[name] = value
  }

  /// Assigns what waits if it reads a variable that is about to change, or belongs to variables itself.
  func spill(before name: String, _ state: inout State) throws {
    let mustStand = state.stack.contains { pending in
      variables.isVariable.contains(pending.id)
        || Statement(.expression(pending.expression)).mentions { $0 == name }
    }
    if mustStand { try spill(&state) }
  }
}
