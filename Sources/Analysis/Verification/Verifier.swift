import Basics
package import IR

/// Checks that a function is sound: what every pass may take for granted.
///
/// It runs between passes where `DECYTHON_VERIFY=1` is set; a failure names the pass that came before.
package struct Verifier {
  /// How far a function is; each phase allows other operations.
  package enum Phase: Sendable {
    /// Fresh from machine code: nothing is in terms of Python yet.
    case constructed
    /// Bound to the function's arguments; branches are being taken away.
    case pruned
    /// Calls were replaced by Python operations.
    case raised
  }

  private let phase: Phase

  package init(_ phase: Phase) { self.phase = phase }

  /// What is wrong with a function, at most a few things.
  package func problems(in function: borrowing Function) -> [String] {
    var findings = Findings()
    let order = function.reversePostorder()
    checkEdges(order, function, &findings)
    // Without sound edges nothing else can be asked.
    guard findings.texts.isEmpty else { return findings.texts }
    let places = Places(order, function)
    for block in order {
      checkPhis(block, function, places, &findings)
      for id in function[block].instructions where function[id].operation != .forward {
        check(id, in: block, function, &findings)
        if !function.isPhi(id) { checkUses(of: id, block, function, places, &findings) }
      }
      if let value = function[block].terminator.value {
        checkUse(
          function.resolve(value), by: "the end of b\(block.number)", block, .max, function, places,
          &findings)
      }
    }
    return findings.texts
  }

  private struct Findings {
    private(set) var texts: [String] = []

    mutating func add(_ text: @autoclosure () -> String) {
      if texts.count < 8 { texts.append(text()) }
    }
  }

  // MARK: Edges

  /// Every edge is known at both of its ends, as often.
  private func checkEdges(
    _ order: [Block.ID], _ function: borrowing Function, _ findings: inout Findings
  ) {
    var expected: [Block.ID: [Block.ID]] = [:]
    for block in order {
      for successor in function.successors(of: block) {
        expected[successor, default: []].append(block)
      }
    }
    for block in order {
      let found = function[block].predecessors.sorted()
      let wanted = (expected[block] ?? []).sorted()
      if found != wanted {
        findings.add(
          "b\(block.number) comes from \(Self.list(found)), not from \(Self.list(wanted))")
      }
    }
    if let entry = order.first, !function[entry].predecessors.isEmpty {
      findings.add("something leads to the entry, b\(entry.number)")
    }
  }

  private static func list(_ blocks: [Block.ID]) -> String {
    blocks.map { "b\($0.number)" }.joined(separator: ", ")
  }

  // MARK: Steps

  private func checkPhis(
    _ block: Block.ID, _ function: borrowing Function, _ places: Places, _ findings: inout Findings
  ) {
    let predecessors = function[block].predecessors
    for id in function[block].instructions where function.isPhi(id) {
      let operands = function.operands(of: id)
      guard operands.count == predecessors.count else {
        findings.add("%\(id.number) has \(operands.count) values for \(predecessors.count) edges")
        continue
      }
      for (operand, predecessor) in zip(operands, predecessors) {
        if function.size(operand) != function.size(id) {
          findings.add("%\(id.number) and its value %\(operand.number) differ in width")
        }
        checkUse(operand, by: "%\(id.number)", predecessor, .max, function, places, &findings)
      }
    }
  }

  private func check(
    _ id: Instruction.ID, in block: Block.ID, _ function: borrowing Function,
    _ findings: inout Findings
  ) {
    let instruction = function[id]
    if instruction.block != block {
      findings.add("%\(id.number) stands in b\(block.number) and believes not to")
    }
    let count = function.operandCount(of: id)
    switch instruction.operation {
    case .machine(.load) where count != 1, .machine(.store) where count != 2:
      findings.add("%\(id.number) has \(count) operands")
    case .python where phase == .constructed:
      findings.add("%\(id.number) is in terms of Python too early")
    default: break
    }
  }

  private func checkUses(
    of id: Instruction.ID, _ block: Block.ID, _ function: borrowing Function, _ places: Places,
    _ findings: inout Findings
  ) {
    let position = places.positions[id]?.position ?? .max
    for operand in function.operands(of: id) {
      checkUse(operand, by: "%\(id.number)", block, position, function, places, &findings)
    }
  }

  /// A value is there wherever it is read: all steps that it is made of come before.
  private func checkUse(
    _ value: Instruction.ID, by reader: String, _ block: Block.ID, _ position: Int,
    _ function: borrowing Function, _ places: Places, _ findings: inout Findings
  ) {
    var pending = [value]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if function[id].block == nil {
        checkWidth(of: id, function, &findings)
        pending += function.operands(of: id)
      } else if let place = places.positions[id] {
        let isBefore =
          place.block == block
          ? place.position < position : places.dominates(place.block, block)
        if !isBefore {
          findings.add("\(reader) reads %\(id.number), which does not always come before")
        }
      } else {
        findings.add("\(reader) reads %\(id.number), which stands nowhere")
      }
    }
  }

  /// A pure step fits the widths of its operands.
  private func checkWidth(
    of id: Instruction.ID, _ function: borrowing Function, _ findings: inout Findings
  ) {
    guard case .machine(let opcode) = function[id].operation else { return }
    let width = function.size(id)
    let operands = function.operands(of: id).map { function.size($0) }
    guard let first = operands.first else { return }
    let last = operands[operands.count - 1]
    let fits: Bool
    switch opcode {
    case .equal, .notEqual, .signedLess, .signedLessOrEqual, .less, .lessOrEqual, .carry,
      .signedCarry, .signedBorrow, .floatEqual, .floatNotEqual, .floatLess, .floatLessOrEqual:
      fits = first == last && width == 1
    case .add, .subtract, .exclusiveOr, .and, .or, .multiply, .divide, .signedDivide, .remainder,
      .signedRemainder, .floatAdd, .floatSubtract, .floatMultiply, .floatDivide:
      fits = first == last && width == first
    case .negate, .complement, .shiftLeft, .shiftRight, .signedShiftRight, .copy:
      fits = width == first
    case .zeroExtend, .signExtend: fits = width > first
    case .concatenate: fits = width == first + last
    case .extract:
      fits =
        width < first || (width == first && function.constant(function.operand(1, of: id)) == 0)
    default: fits = true
    }
    if !fits {
      findings.add("%\(id.number), \(opcode) of \(operands) bytes, has \(width) bytes")
    }
  }
}

/// Where steps stand, and which blocks come before which.
private struct Places {
  private(set) var positions: [Instruction.ID: (block: Block.ID, position: Int)] = [:]
  private let tree: DominatorTree

  init(_ order: [Block.ID], _ function: borrowing Function) {
    var predecessors = [[Int]](repeating: [], count: function.blockIDs.count)
    for block in order {
      predecessors[block.index] = function[block].predecessors.map(\.index)
      for (position, id) in function[block].instructions.enumerated() {
        positions[id] = (block, position)
      }
    }
    tree = DominatorTree(order: order.map(\.index), predecessors: predecessors)
  }

  func dominates(_ first: Block.ID, _ second: Block.ID) -> Bool {
    tree.dominates(first.index, second.index)
  }
}
