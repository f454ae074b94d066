package import Basics
package import RuntimeModel

/// Reads functions from the text that ``Printer`` writes.
///
/// Instructions and blocks keep their numbers, so that the text of what was read is the same text.
package struct Parser {
  /// What is wrong with a text.
  package struct Failure: Error, Equatable {
    package let line: Int
    package let message: String
  }

  /// The names that operations refer to.
  package private(set) var symbols: SymbolTable
  private let cells: [String: Cell]
  private var operations: PythonOperationText
  private var lineNumber = 0
  /// The operands of phis, which may be defined further down.
  private var phis: [(id: Instruction.ID, operands: [String], line: Int)] = []

  /// Numbers beyond this are no function's.
  private static let limit: UInt32 = 1 << 20

  private let layout: ObjectLayout

  /// - Parameters:
  ///   - layout: that of the objects that functions work on.
  ///   - machine: the one that ``Printer`` took the names of registers from.
  ///   - symbols: the names that are known already.
  package init(
    layout: ObjectLayout, machine: Machine? = nil, symbols: SymbolTable = SymbolTable()
  ) {
    self.layout = layout
    self.symbols = symbols
    operations = PythonOperationText(symbols: symbols)
    var cells: [String: Cell] = [:]
    for (offset, name) in Printer.cellNames(machine) {
      cells[name] = Cell(.register, offset: offset)
    }
    self.cells = cells
  }

  /// Reads one function.
  ///
  /// - Throws: where the text is wrong.
  package mutating func parse(_ text: String) throws(Failure) -> Function {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lineNumber = 1
    guard let first = lines.first, first.hasPrefix("function "),
      let address = hexadecimal(first.dropFirst(9))
    else { throw failure("a function should start here") }
    var function = Function(address: address, layout: layout)
    try reserve(lines, &function)
    var block: Block.ID?
    phis = []
    for line in lines.dropFirst() {
      lineNumber += 1
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("  ") {
        guard let block else { throw failure("a step outside of a block") }
        try step(String(line.dropFirst(2)), block, &function)
      } else {
        block = try header(line, &function, isFirst: block == nil)
      }
    }
    for phi in phis {
      lineNumber = phi.line
      var operands: [Instruction.ID] = []
      for text in phi.operands { operands.append(try value(text, &function)) }
      function.setOperands(of: phi.id, operands)
    }
    symbols = operations.symbols
    return function
  }

  private func failure(_ message: String) -> Failure { Failure(line: lineNumber, message: message) }

  // MARK: Blocks

  /// Makes room for every number that the text names.
  private func reserve(_ lines: [String], _ function: inout Function) throws(Failure) {
    var instructions: UInt32 = 0
    var blocks: UInt32 = 0
    for line in lines {
      if line.hasPrefix("  %"), let number = UInt32(line.dropFirst(3).prefix { $0.isNumber }) {
        instructions = max(instructions, number &+ 1)
      } else if line.hasPrefix("b"), let number = UInt32(line.dropFirst().prefix { $0.isNumber }) {
        blocks = max(blocks, number &+ 1)
      }
    }
    guard instructions < Self.limit, blocks < Self.limit else {
      throw failure("numbers that are too large")
    }
    for _ in 0..<blocks { _ = function.appendBlock(address: 0) }
    function.reserve(instructions: Int(instructions))
  }

  /// Reads a line such as `b1 at 0x10 from b0, b2:`.
  private func header(
    _ line: String, _ function: inout Function, isFirst: Bool
  ) throws(Failure) -> Block.ID {
    guard line.last == ":" else { throw failure("a block should start here") }
    let words = line.dropLast().split(separator: " ", maxSplits: 4).map(String.init)
    guard words.count >= 3, words[1] == "at", let address = hexadecimal(words[2][...]) else {
      throw failure("a block should start here")
    }
    let id = try blockID(words[0], function)
    var predecessors: [Block.ID] = []
    if words.count == 5, words[3] == "from" {
      for name in words[4].split(separator: ",") {
        predecessors.append(try blockID(name.filter { $0 != " " }, function))
      }
    }
    function.setHead(of: id, address: address, predecessors: predecessors)
    if isFirst { function.setEntry(id) }
    return id
  }

  private func blockID(_ text: String, _ function: borrowing Function) throws(Failure) -> Block.ID {
    guard text.hasPrefix("b"), let number = UInt32(text.dropFirst()),
      number < function.blockIDs.count
    else { throw failure("no block: \(text)") }
    return Block.ID(number)
  }

  // MARK: Steps

  private mutating func step(
    _ line: String, _ block: Block.ID, _ function: inout Function
  ) throws(Failure) {
    var line = line
    var address: UInt64 = 0
    if let mark = line.firstRange(of: " @0x"),
      let number = hexadecimal(line[mark.lowerBound...].dropFirst(2))
    {
      address = number
      line = String(line[..<mark.lowerBound])
    }
    var id: Instruction.ID?
    var width = 0
    if line.hasPrefix("%") {
      guard let equals = line.firstRange(of: " = ") else {
        throw failure("a definition without a value")
      }
      let name = line[..<equals.lowerBound].dropFirst().split(separator: ":")
      guard name.count == 2, let number = UInt32(name[0]), let size = UInt8(name[1]) else {
        throw failure("a name should be a number and a width")
      }
      (id, width) = (Instruction.ID(number), Int(size))
      line = String(line[equals.upperBound...])
    } else if try terminator(line, block, &function) {
      return
    }
    let (word, operands) = Self.parts(line)
    let operation = try operation(word, &function)
    if operation == .phi, let id {
      function.place(id, .phi, [], width: width, in: block, at: address)
      phis.append((id, operands, lineNumber))
      return
    }
    var values: [Instruction.ID] = []
    for text in operands { values.append(try value(text, &function)) }
    let isPure: Bool
    if case .machine(let opcode) = operation { isPure = opcode.isPure } else { isPure = false }
    if let id {
      function.place(id, operation, values, width: width, in: isPure ? nil : block, at: address)
    } else {
      function.append(operation, values, width: width, to: block, at: address)
    }
  }

  /// The operation, and its operands behind it; parentheses belong to the operation.
  private static func parts(_ line: String) -> (String, [String]) {
    var depth = 0
    var end = line.endIndex
    for index in line.indices {
      switch line[index] {
      case "(": depth += 1
      case ")": depth -= 1
      case " " where depth == 0:
        end = index
      default: continue
      }
      if end != line.endIndex { break }
    }
    let operands = line[end...].split(separator: ",").map { String($0.filter { $0 != " " }) }
    return (String(line[..<end]), operands)
  }

  /// Reads a transfer of control; false if the line is none.
  private mutating func terminator(
    _ line: String, _ block: Block.ID, _ function: inout Function
  ) throws(Failure) -> Bool {
    let (word, parts) = Self.parts(line)
    func blocks(_ names: some Sequence<String>) throws(Failure) -> [Block.ID] {
      var result: [Block.ID] = []
      for name in names { result.append(try blockID(name, function)) }
      return result
    }
    switch (word, parts.count) {
    case ("unreachable", 0): function.setEnd(of: block, .unreachable)
    case ("return", 1): function.setEnd(of: block, .return(try value(parts[0], &function)))
    case ("jump", 1): function.setEnd(of: block, .jump(try blockID(parts[0], function)))
    case ("branch", 3):
      let targets = try blocks(parts.dropFirst())
      function.setEnd(
        of: block, .branch(try value(parts[0], &function), targets[0], targets[1]))
    case ("choose", 2...):
      let table = function.appendSwitch(try blocks(parts.dropFirst()))
      function.setEnd(of: block, .choose(try value(parts[0], &function), table))
    default: return false
    }
    return true
  }

  private mutating func operation(
    _ word: String, _ function: inout Function
  ) throws(Failure) -> Operation {
    if word == "phi" { return .phi }
    if word == "call" { return .call }
    if word == "undefined" { return .undefined }
    if let opcode = Opcode.allCases.first(where: { "\($0)" == word }) { return .machine(opcode) }
    if word.hasPrefix("after."), let cell = cell(word.dropFirst(6)) { return .after(cell) }
    if word.hasPrefix("count."), let change = Int32(word.dropFirst(6)) {
      return .referenceCount(change)
    }
    if word.hasPrefix("python."),
      let operation = operations.read(String(word.dropFirst(7)), &function)
    {
      return .python(operation)
    }
    throw failure("no operation: \(word)")
  }

  // MARK: Values

  /// Reads a value such as `%4`, `0x10:8`, `undefined:8` or `RDI:8`.
  private func value(
    _ text: String, _ function: inout Function
  ) throws(Failure) -> Instruction.ID {
    if text.hasPrefix("%") {
      guard let number = UInt32(text.dropFirst()), Int(number) < function.instructionCount else {
        throw failure("no value: \(text)")
      }
      return Instruction.ID(number)
    }
    let parts = text.split(separator: ":")
    guard parts.count == 2, let width = Int(parts[1]), (1...64).contains(width) else {
      throw failure("a value should have a width: \(text)")
    }
    if let number = hexadecimal(parts[0]) { return function.constant(number, width: width) }
    if parts[0] == "undefined" { return function.undefined(width: width) }
    guard let cell = cell(parts[0]) else { throw failure("no value: \(text)") }
    return function.entry(cell, width: width)
  }

  private func cell(_ name: Substring) -> Cell? {
    if let cell = cells[String(name)] { return cell }
    for (prefix, kind) in [("register", Cell.Kind.register), ("stack", .stack)]
    where name.hasPrefix(prefix) {
      return Int32(name.dropFirst(prefix.count)).map { Cell(kind, offset: $0) }
    }
    return nil
  }

  private func hexadecimal(_ text: Substring) -> UInt64? {
    text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : nil
  }
}
