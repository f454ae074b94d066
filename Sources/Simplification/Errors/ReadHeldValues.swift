import Analysis
import Basics
package import IR

extension Function {
  /// Lets handlers, and what stands behind them, read what a body merged from the variable that it is.
  ///
  /// ```
  /// b1: %5 = phi %1, %2; …             b1: %5 = phi %1, %2; …
  /// b2: (a handler)              →     b2: %7 = python.held
  /// b3: return %5                      b3: %8 = phi %5, %7; return %8
  /// ```
  /// Errors led from the body to the handler, so that the value came along every way. The decision in
  /// front of the body, which leads there instead, does not know it yet.
  package mutating func readHeldValues(_ held: [HeldValue]) {
    var copies: [Instruction.ID: [Block.ID: Instruction.ID]] = [:]
    for value in held {
      guard let copied = value.copied.map({ resolve($0) }), isPhi(copied),
        let block = self[value.value].block
      else { continue }
      copies[copied, default: [:]][block] = value.value
    }
    guard !copies.isEmpty else { return }
    let flow = ControlFlow(self)
    let dominators = DominatorTree(flow)
    for value in copies.keys.sorted() {
      var reading = HeldReading(value: value, held: copies[value] ?? [:])
      for (position, block) in flow.order.enumerated() {
        for id in self[block].instructions where readsForUse(id) {
          read(&reading, by: id, block, position, flow, dominators)
        }
        if self[block].terminator.value.map({ resolve($0) }) == value,
          !arrives(value, position, flow, dominators)
        {
          let end = valueAtEnd(of: block, &reading, flow, dominators)
          setValue(ofTerminator: block, to: end)
        }
      }
      complete(&reading, flow, dominators)
    }
  }

  /// Whether an instruction does more with a value than to release it.
  private func readsForUse(_ id: Instruction.ID) -> Bool {
    switch self[id].operation {
    case .referenceCount, .machine(.load), .python(.held), .forward: false
    default: true
    }
  }

  private mutating func read(
    _ reading: inout HeldReading, by id: Instruction.ID, _ block: Block.ID, _ position: Int,
    _ flow: ControlFlow, _ dominators: DominatorTree
  ) {
    var operands = operands(of: id)
    guard operands.contains(reading.value) else { return }
    let sources = self[block].predecessors
    var changed = false
    for index in operands.indices where operands[index] == reading.value {
      let source = isPhi(id) ? (index < sources.count ? sources[index] : nil) : block
      // A number that is stored is the address of something else.
      if self[id].operation == .machine(.store), index == 0 { continue }
      guard let source, flow.position(of: source) >= 0,
        !arrives(reading.value, flow.position(of: source), flow, dominators)
      else { continue }
      operands[index] = valueAtEnd(of: source, &reading, flow, dominators)
      changed = true
    }
    if changed { setOperands(of: id, operands) }
  }

  private func arrives(
    _ value: Instruction.ID, _ reader: Int, _ flow: ControlFlow, _ dominators: DominatorTree
  ) -> Bool {
    guard let block = self[value].block, flow.position(of: block) >= 0 else { return false }
    return dominators.dominates(flow.position(of: block), reader)
  }

  /// What the variable holds at the end of a block.
  private mutating func valueAtEnd(
    of block: Block.ID, _ reading: inout HeldReading, _ flow: ControlFlow,
    _ dominators: DominatorTree
  ) -> Instruction.ID {
    var passed: Set<Block.ID> = []
    var current = block
    var result = undefined(width: size(reading.value))
    while passed.insert(current).inserted {
      if let known = reading.ends[current] ?? reading.held[current] {
        result = known
        break
      }
      if arrives(reading.value, flow.position(of: current), flow, dominators) {
        result = reading.value
        break
      }
      let sources = self[current].predecessors
      guard let source = sources.first else { break }
      guard sources.count == 1 else {
        result = appendPhi(width: size(reading.value), to: current)
        reading.open.append((result, current))
        break
      }
      current = source
    }
    for block in passed { reading.ends[block] = result }
    return result
  }

  private mutating func complete(
    _ reading: inout HeldReading, _ flow: ControlFlow, _ dominators: DominatorTree
  ) {
    while let (phi, block) = reading.open.popLast() {
      var operands: [Instruction.ID] = []
      for source in self[block].predecessors {
        operands.append(valueAtEnd(of: source, &reading, flow, dominators))
      }
      setOperands(of: phi, operands)
    }
  }
}

/// What is known of a variable while its readers are led to what it holds.
private struct HeldReading {
  /// What the body merged.
  let value: Instruction.ID
  /// What the variable holds where handlers start.
  let held: [Block.ID: Instruction.ID]
  /// What it holds at the ends of blocks.
  var ends: [Block.ID: Instruction.ID] = [:]
  /// Phis that have no operands yet.
  var open: [(phi: Instruction.ID, block: Block.ID)] = []
}
