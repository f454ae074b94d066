package import IR
import RuntimeModel

// What is sent into a generator.
extension JoinSuspensions {
  /// What is sent in belongs to the suspension that control comes from.
  ///
  /// Code behind several suspensions may be shared, where a phi tells them apart.
  func replaceSent(_ function: inout Function, _ machine: Machine) {
    let sent = function.entry(machine.argumentCell(2), width: function.pointerSize)
    guard let first = starts.first else { return }
    var values = SentValues(
      first: first.sent, suspensions: starts.dropFirst().map(\.sent), function)
    for block in function.reversePostorder() {
      for id in function[block].instructions where !function.isPhi(id) {
        let operands = function.operands(of: id)
        guard operands.contains(where: { function.reads(sent, in: $0, depth: 0) }) else { continue }
        let value = values.atStart(of: block, &function)
        let replaced = operands.map { function.substitute(sent, by: value, in: $0, depth: 0) }
        function.setOperands(of: id, replaced)
      }
      if let read = function[block].terminator.value.map({ function.resolve($0) }),
        function.reads(sent, in: read, depth: 0)
      {
        let value = values.atEnd(of: block, &function)
        function.setValue(
          ofTerminator: block, to: function.substitute(sent, by: value, in: read, depth: 0))
      }
      for target in function.successors(of: block) {
        guard let edge = function[target].predecessors.firstIndex(of: block) else { continue }
        for phi in function[target].instructions where function.isPhi(phi) {
          var operands = function.operands(of: phi)
          guard function.reads(sent, in: operands[edge], depth: 0) else { continue }
          let value = values.atEnd(of: block, &function)
          operands[edge] = function.substitute(sent, by: value, in: operands[edge], depth: 0)
          function.setOperands(of: phi, operands)
        }
      }
    }
    values.complete(&function)
    while function.removeTrivialPhis() {}
  }
}

/// The values that were sent in last, at each place of a function.
private struct SentValues {
  private let first: Instruction.ID
  /// The suspension at the end of a block.
  private var suspensions: [Block.ID: Instruction.ID] = [:]
  private var known: [Block.ID: Instruction.ID] = [:]
  /// Phis that have no operands yet.
  private var open: [(phi: Instruction.ID, block: Block.ID)] = []

  init(
    first: Instruction.ID, suspensions: some Sequence<Instruction.ID>,
    _ function: borrowing Function
  ) {
    self.first = first
    for suspension in suspensions {
      if let block = function[suspension].block { self.suspensions[block] = suspension }
    }
  }

  mutating func atEnd(of block: Block.ID, _ function: inout Function) -> Instruction.ID {
    suspensions[block] ?? atStart(of: block, &function)
  }

  mutating func atStart(of block: Block.ID, _ function: inout Function) -> Instruction.ID {
    var passed: Set<Block.ID> = []
    var current = block
    var value = first
    while passed.insert(current).inserted {
      if let found = known[current] {
        value = found
        break
      }
      let predecessors = function[current].predecessors
      guard let before = predecessors.first, current != function.entry else { break }
      guard predecessors.count == 1 else {
        value = function.insertPhi(
          predecessors.map { _ in first }, width: function.pointerSize, at: current)
        open.append((value, current))
        break
      }
      if let found = suspensions[before] {
        value = found
        break
      }
      current = before
    }
    for block in passed { known[block] = value }
    return value
  }

  /// Gives the phis their operands.
  mutating func complete(_ function: inout Function) {
    while let (phi, block) = open.popLast() {
      var operands: [Instruction.ID] = []
      for predecessor in function[block].predecessors {
        operands.append(atEnd(of: predecessor, &function))
      }
      function.setOperands(of: phi, operands)
    }
  }
}

extension Function {
  /// A phi behind those that a block has.
  package mutating func insertPhi(
    _ operands: [Instruction.ID], width: Int, at block: Block.ID
  ) -> Instruction.ID {
    if let first = self[block].instructions.first(where: { !isPhi($0) }) {
      return insert(.phi, operands, width: width, before: first)
    }
    return append(.phi, operands, width: width, to: block, at: self[block].address)
  }

  /// Whether a pure value has another one among its leaves.
  fileprivate func reads(_ value: Instruction.ID, in id: Instruction.ID, depth: Int) -> Bool {
    if id == value { return true }
    guard depth < 16, self[id].block == nil, case .machine = self[id].operation else {
      return false
    }
    return operands(of: id).contains { reads(value, in: $0, depth: depth + 1) }
  }

  /// A pure value with another value in the place of one of its leaves.
  fileprivate mutating func substitute(
    _ old: Instruction.ID, by new: Instruction.ID, in id: Instruction.ID, depth: Int
  ) -> Instruction.ID {
    if id == old { return new }
    guard depth < 16, self[id].block == nil, case .machine(let opcode) = self[id].operation else {
      return id
    }
    let operands = self.operands(of: id)
    var replaced: [Instruction.ID] = []
    for operand in operands {
      replaced.append(substitute(old, by: new, in: operand, depth: depth + 1))
    }
    guard replaced != operands else { return id }
    return replaced.count == 1
      ? unary(opcode, replaced[0], width: size(id))
      : binary(opcode, replaced[0], replaced[1], width: size(id))
  }
}
