package import Basics

/// Writes a function as text that ``Parser`` reads back.
///
/// A pure step is written once, before its first reader; constants stand where they are read.
///
/// ```
/// function 0x1e510
/// b1 at 0x1e510 from b0:
///   %4:8 = add RDI:8, 0x8:8
///   %5:8 = load %4 @0x1e51e
///   return %5
/// ```
package struct Printer {
  private let names: [Int32: String]
  private let operations: PythonOperationText
  private var text = ""
  private var isWritten: Set<Instruction.ID> = []

  /// - Parameters:
  ///   - machine: names the registers; without it they are numbers.
  ///   - symbols: the names that operations refer to.
  package init(machine: Machine? = nil, symbols: SymbolTable = SymbolTable()) {
    names = Self.cellNames(machine)
    operations = PythonOperationText(symbols: symbols)
  }

  /// What registers and flags are called, by the offset of their cell.
  static func cellNames(_ machine: Machine?) -> [Int32: String] {
    var names: [Int32: String] = [:]
    let registers = (machine?.registerNames ?? [:]).sorted { $0.value < $1.value }
    for (varnode, name) in registers {
      names[Int32(truncatingIfNeeded: varnode.offset)] = name
    }
    for (index, flag) in (machine?.flags ?? []).enumerated() {
      let offset = Int32(truncatingIfNeeded: flag.offset)
      names[offset] = names[offset] ?? "flag\(index)"
    }
    return names
  }

  package mutating func print(_ function: borrowing Function) -> String {
    text = "function \(hexadecimal(function.address))\n"
    isWritten = []
    for block in function.reversePostorder() { print(block, of: function) }
    return text
  }

  /// One step on a line of its own, without those that it reads.
  package mutating func print(_ id: Instruction.ID, alone function: borrowing Function) -> String {
    text = ""
    line(id, of: function)
    return String(text.dropFirst(2).dropLast())
  }

  private mutating func print(_ id: Block.ID, of function: borrowing Function) {
    let block = function[id]
    text += "b\(id.number) at \(hexadecimal(block.address))"
    if !block.predecessors.isEmpty {
      text += " from " + block.predecessors.map { "b\($0.number)" }.joined(separator: ", ")
    }
    text += ":\n"
    for instruction in block.instructions { print(instruction, of: function) }
    if let value = block.terminator.value { define(function.resolve(value), of: function) }
    text += "  \(describe(block.terminator, of: function))\n"
  }

  private mutating func print(_ id: Instruction.ID, of function: borrowing Function) {
    let instruction = function[id]
    guard instruction.operation != .forward else { return }
    for operand in function.operands(of: id) { define(operand, of: function) }
    isWritten.insert(id)
    line(id, of: function)
  }

  /// Writes the pure steps that a value needs, deepest first.
  private mutating func define(_ id: Instruction.ID, of function: borrowing Function) {
    var stack = [(id, false)]
    while let (id, isReady) = stack.popLast() {
      guard function[id].block == nil, !isInline(id, function), !isWritten.contains(id) else {
        continue
      }
      if isReady {
        isWritten.insert(id)
        line(id, of: function)
      } else {
        stack.append((id, true))
        for operand in function.operands(of: id) { stack.append((operand, false)) }
      }
    }
  }

  private func isInline(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    switch function[id].operation {
    case .constant, .entry, .undefined: true
    default: false
    }
  }

  private mutating func line(_ id: Instruction.ID, of function: borrowing Function) {
    let instruction = function[id]
    text += "  "
    if instruction.width > 0 { text += "\(name(id, function)):\(instruction.width) = " }
    text += describe(instruction.operation, of: function)
    let operands = function.operands(of: id).map { name($0, function) }
    if !operands.isEmpty { text += " " + operands.joined(separator: ", ") }
    if instruction.address != 0 { text += " @\(hexadecimal(instruction.address))" }
    text += "\n"
  }

  private func name(_ id: Instruction.ID, _ function: borrowing Function) -> String {
    let instruction = function[id]
    return switch instruction.operation {
    case .constant(let value): "\(hexadecimal(value)):\(instruction.width)"
    case .undefined: "undefined:\(instruction.width)"
    case .entry(let cell): "\(describe(cell)):\(instruction.width)"
    default: "%\(id.number)"
    }
  }

  private func describe(_ operation: Operation, of function: borrowing Function) -> String {
    switch operation {
    case .machine(let opcode): "\(opcode)"
    case .after(let cell): "after.\(describe(cell))"
    case .referenceCount(let change): "count.\(change)"
    case .python(let operation): "python." + operations.write(operation, function)
    case .constant, .undefined, .entry, .phi, .call, .forward: "\(operation)"
    }
  }

  private func describe(_ cell: Cell) -> String {
    switch cell.kind {
    case .register: names[cell.offset] ?? "register\(cell.offset)"
    case .stack: "stack\(cell.offset)"
    }
  }

  private func describe(_ terminator: Terminator, of function: borrowing Function) -> String {
    let value = terminator.value.map { name(function.resolve($0), function) } ?? ""
    return switch terminator {
    case .jump(let target): "jump b\(target.number)"
    case .branch(_, let taken, let other): "branch \(value), b\(taken.number), b\(other.number)"
    case .choose(_, let table):
      "choose \(value), " + function[table].targets.map { "b\($0.number)" }.joined(separator: ", ")
    case .return: "return \(value)"
    case .unreachable: "unreachable"
    }
  }

  private func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
