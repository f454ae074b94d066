import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import Naming
import Raising
import RuntimeModel
import Simplification

// Values as C expressions.
extension FunctionWriter {
  /// A value where it is read.
  func expression(_ id: Instruction.ID) -> CExpression {
    if let text = taken.removeValue(forKey: id) { return text }
    if shape.points[id] != nil {
      return CExpression(text: variable(id), type: type(of: id))
    }
    return computed(id)
  }

  func object(_ id: Instruction.ID) -> String { expression(id).cast(to: .object).text }

  /// What a step computes, written out.
  func computed(_ id: Instruction.ID) -> CExpression {
    let function = raiser.function[id]
    let width = Int(function.width)
    switch function.operation {
    case .constant(let value): return constant(value, width)
    case .entry(let cell): return entryCell(cell, width)
    case .python(let operation): return python(id, operation)
    case .machine(.load): return load(id, width)
    case .machine(let opcode): return machine(id, opcode, width)
    case .call: return call(id)
    case .after(let cell):
      return CExpression(text: "P_AFTER(\(cellName(cell)))", type: .integer(width))
    default: return CExpression(text: "0", type: .integer(max(1, width)))
    }
  }

  // MARK: Constants

  private func constant(_ value: UInt64, _ width: Int) -> CExpression {
    if width == raiser.function.pointerSize, let name = objectName(value) {
      return CExpression(text: name, type: .object)
    }
    let number = Opcode.signed(value, width)
    let text = number == .min ? "(-0x7fffffffffffffff - 1)" : "\(number)"
    let isAddress =
      width == 8 && raiser.program.image.segment(containing: value) != nil
      && value > 0xFFFF
    return CExpression(
      text: isAddress ? "0x" + String(value, radix: 16) : text, type: .integer(width),
      isAtom: number >= 0)
  }

  /// What C calls the object at an address.
  private func objectName(_ address: UInt64) -> String? {
    if let object = names.objects[address] {
      declarations.note(object.name, .object, object.text)
      return object.name
    }
    if let name = raiser.program.variable(at: address) {
      if let singleton = Self.singletons[name] { return singleton }
      let safe = CIdentifier.part(name)
      if name.hasPrefix("PyExc_") {
        declarations.note(safe, .object, "CPython's exception")
        return safe
      }
      declarations.note(safe, .structure, "a variable of CPython's")
      return "(PyObject *) &" + safe
    }
    guard let value = raiser.program.object(at: address) else { return nil }
    switch value {
    case .none: return "Py_None"
    case .boolean(let value): return value ? "Py_True" : "Py_False"
    case .builtin(let name): return builtin(name)
    case .type(let name):
      let safe = "__pyx_ptype_" + CIdentifier.part(name)
      declarations.note(safe, .object, "the type \(name)")
      return safe
    case .moduleDictionary:
      declarations.note("__pyx_d", .object, "the module's dictionary")
      return "__pyx_d"
    case .tuple where raiser.program.state.items[address]?.isEmpty != false:
      declarations.note("__pyx_empty_tuple", .object, "()")
      return "__pyx_empty_tuple"
    default:
      let name = "__pyx_object_" + String(address, radix: 16)
      declarations.note(name, .object, "an object of initialisation's")
      return name
    }
  }

  private static let singletons = [
    "_Py_NoneStruct": "Py_None", "_Py_TrueStruct": "Py_True", "_Py_FalseStruct": "Py_False",
    "_Py_EllipsisObject": "Py_Ellipsis", "_Py_NotImplementedStruct": "Py_NotImplemented",
  ]

  func builtin(_ name: String) -> String {
    let safe = "__pyx_builtin_" + CIdentifier.part(name)
    declarations.note(safe, .object, "the builtin \(name)")
    return safe
  }

  /// What C calls the string of a name.
  func name(_ symbol: Symbol) -> String {
    let text = raiser.symbols[symbol]
    let name = names.strings[text] ?? "__pyx_n_s_" + CIdentifier.part(text)
    declarations.note(name, .object, "'\(text)'")
    return name
  }

  // MARK: Machine

  private func cellName(_ cell: Cell) -> String {
    guard cell.kind == .register else {
      return cell.offset < 0 ? "stack_below_\(-Int(cell.offset))" : "stack_\(cell.offset)"
    }
    let names = raiser.program.machine.registerNames
      .filter { Int32(truncatingIfNeeded: $0.key.offset) == cell.offset }.map(\.value)
    return CIdentifier.part(
      names.sorted { ($0.count, $0) < ($1.count, $1) }.first
        ?? "register_\(cell.offset)")
  }

  private func entryCell(_ cell: Cell, _ width: Int) -> CExpression {
    let name = "entry_" + cellName(cell)
    entryCells.insert(name)
    return CExpression(text: name, type: .integer(8)).cast(to: .integer(width))
  }

  /// `base, offset` of an address.
  private func place(_ address: Instruction.ID) -> String {
    let (base, offset) = raiser.function.offset(address)
    let distance = Int64(bitPattern: offset)
    if let number = raiser.function.constant(base) {
      return "IMAGE, 0x" + String(number &+ offset, radix: 16)
    }
    return "\(expression(base).text), \(distance)"
  }

  private func load(_ id: Instruction.ID, _ width: Int) -> CExpression {
    let address = raiser.function.operand(0, of: id)
    if isTypeField(id) {
      let (base, _) = raiser.function.offset(address)
      return CExpression(text: "PY_TYPE(\(expression(base).text))", type: .object)
    }
    let type = CType.integer(width)
    return CExpression(text: "LOAD(\(type.bare), \(place(address)))", type: type)
  }

  /// A store into memory as `STORE(type, base, offset, value)`.
  func store(_ id: Instruction.ID) -> String {
    let value = raiser.function.operand(1, of: id)
    let to = place(raiser.function.operand(0, of: id))
    let text = expression(value)
    return "STORE(\(text.type.bare), \(to), \(text.text));"
  }

  private func call(_ id: Instruction.ID) -> CExpression {
    let operands = raiser.function.operands(of: id)
    let type = type(of: id)
    let target = raiser.function.constant(operands[0])
    let callee = target.map { calleeName($0) }
    let first = callee == nil ? [expression(operands[0]).cast(to: .object).text] : []
    let arguments = first + operands.dropFirst().map { expression($0).text }
    if let callee {
      declarations.note(callee, .function(type))
      return CExpression(text: "\(callee)(\(arguments.joined(separator: ", ")))", type: type)
    }
    return CExpression(
      text: "P_CALL_THROUGH(\(arguments.joined(separator: ", ")))", type: .integer(8)
    )
    .cast(to: type)
  }

  private func calleeName(_ address: UInt64) -> String {
    if let name = raiser.program.importedFunction(at: address) { return CIdentifier.part(name) }
    if let known = names.functions[address] { return known.name }
    return ModuleNames.unknown(address)
  }

  private static let infix: [Opcode: String] = [
    .add: "+", .subtract: "-", .multiply: "*", .and: "&", .or: "|", .exclusiveOr: "^",
    .shiftLeft: "<<", .signedShiftRight: ">>", .signedDivide: "/", .signedRemainder: "%",
    .booleanAnd: "&&", .booleanOr: "||", .floatAdd: "+", .floatSubtract: "-", .floatMultiply: "*",
    .floatDivide: "/",
  ]

  private static let comparisons: [Opcode: String] = [
    .equal: "==", .notEqual: "!=", .signedLess: "<", .signedLessOrEqual: "<=",
    .booleanExclusiveOr: "!=", .floatEqual: "==", .floatNotEqual: "!=", .floatLess: "<",
    .floatLessOrEqual: "<=",
  ]

  private func machine(_ id: Instruction.ID, _ opcode: Opcode, _ width: Int) -> CExpression {
    let operands = raiser.function.operands(of: id)
    if let sign = Self.comparisons[opcode], operands.count == 2 {
      return comparison(operands, sign, isFloat: opcode.readsFloats)
    }
    let result: CType = opcode.isFloat && width == 8 ? .double : .integer(width)
    if let sign = Self.infix[opcode], operands.count == 2 {
      let left = expression(operands[0]).cast(to: result)
      if opcode == .add, let number = raiser.function.constant(operands[1]),
        Opcode.signed(number, width) < 0, Opcode.signed(number, width) > .min
      {
        let text = "\(left.operand) - \(-Opcode.signed(number, width))"
        return CExpression(text: text, type: result, isAtom: false)
      }
      let right = expression(operands[1]).cast(to: result)
      return CExpression(
        text: "\(left.operand) \(sign) \(right.operand)", type: result, isAtom: false)
    }
    switch opcode {
    case .copy: return expression(operands[0]).cast(to: result)
    case .booleanNot:
      return CExpression(text: "!" + expression(operands[0]).operand, type: .integer(1))
    case .negate, .complement, .floatNegate:
      let sign = opcode == .complement ? "~" : "-"
      return CExpression(
        text: sign + expression(operands[0]).cast(to: result).operand, type: result, isAtom: false)
    case .extract where raiser.function.constant(operands[1]) == 0:
      let value = expression(operands[0])
      // Truth values fit everywhere.
      if case .integer(let size) = value.type, size <= width { return value }
      return value.cast(to: result)
    case .signExtend: return expression(operands[0]).cast(to: result)
    case .zeroExtend where isTruth(operands[0]): return expression(operands[0]).cast(to: result)
    default:
      let name = "P_" + Self.screaming("\(opcode)")
      declarations.use(macro: name)
      let arguments = operands.map { operand -> String in
        let value = expression(operand)
        return opcode.readsFloats ? value.cast(to: .double).text : value.text
      }
      let call = "\(name)(\(arguments.joined(separator: ", ")))"
      if result == .double { return CExpression(text: "P_DOUBLE(\(call))", type: .double) }
      return CExpression(text: call, type: .integer(8)).cast(to: result)
    }
  }

  private func isTruth(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .machine(let opcode): Self.comparisons[opcode] != nil || opcode == .booleanNot
    case .python(let operation): operation.valueType == .integer(4)
    default: false
    }
  }

  /// The name of a macro: `floatIsNaN` → `FLOAT_IS_NAN`.
  static func screaming(_ name: String) -> String {
    var result = ""
    var wasLower = false
    for character in name {
      if character.isUppercase, wasLower { result += "_" }
      wasLower = character.isLowercase
      result += character.uppercased()
    }
    return result
  }

  private func comparison(
    _ operands: [Instruction.ID], _ sign: String, isFloat: Bool
  ) -> CExpression {
    let (left, right) = (operands[0], operands[1])
    func made(_ text: String, isAtom: Bool = false) -> CExpression {
      CExpression(text: text, type: .integer(1), isAtom: isAtom)
    }
    let isZero = raiser.function.constant(right) == 0
    // What is 0 or 1 already needs no comparison.
    if isZero, !isFloat, isTruthStep(left) {
      let value = expression(left)
      if sign == "!=" {
        return CExpression(text: value.text, type: .integer(4), isAtom: value.isAtom)
      }
      if sign == "==" { return made("!" + value.operand, isAtom: true) }
    }
    let first = expression(left)
    var second = expression(right)
    if isFloat {
      second = second.cast(to: .double)
      return made("\(first.cast(to: .double).operand) \(sign) \(second.operand)")
    }
    if first.type == .object || second.type == .object {
      return made(
        "\(first.cast(to: .object).operand) \(sign) \(second.cast(to: .object).operand)")
    }
    if first.type == .double || second.type == .double {
      let type = CType.integer(8)
      return made("\(first.cast(to: type).operand) \(sign) \(second.cast(to: type).operand)")
    }
    return made("\(first.operand) \(sign) \(second.operand)")
  }

  /// Whether a value is a C truth value, as wide as it may be.
  private func isTruthStep(_ id: Instruction.ID) -> Bool {
    var id = id
    while case .machine(.extract) = raiser.function[id].operation {
      id = raiser.function.operand(0, of: id)
    }
    return isTruth(id)
  }

  // MARK: Python

  private func python(_ id: Instruction.ID, _ operation: PythonOperation) -> CExpression {
    let operands = raiser.function.operands(of: id)
    let type = operation.valueType
    func made(_ macro: String, _ arguments: [String]) -> CExpression {
      declarations.use(macro: macro)
      return CExpression(text: "\(macro)(\(arguments.joined(separator: ", ")))", type: type)
    }
    switch operation {
    case .parameter(let number):
      let name =
        Int(number) < parameters.count ? parameters[Int(number)] : "argument_\(number)"
      if Int(number) >= parameters.count { entryCells.insert(name) }
      return CExpression(
        text: Int(number) < parameters.count ? name : "(PyObject *) \(name)", type: .object,
        isAtom: Int(number) < parameters.count)
    case .builtin(let symbol):
      return CExpression(text: builtin(raiser.symbols[symbol]), type: .object)
    case .scope(let type): return made("PY_SCOPE", [scopeName(type)])
    case .cell(let field):
      return CExpression(
        text: "PY_CELL(\(scopeName(field.type)), \(cellName(field)))", type: .object)
    case .generator(let body, let kind):
      return made(
        "PY_GENERATOR", ["\"\(calleeName(body))\"", "\"\(kind)\""] + operands.map(object))
    case .function(let definition, let flags):
      let name = names.data[definition]?.name ?? "__pyx_mdef_" + String(definition, radix: 16)
      declarations.note(name, .methodDefinition, names.data[definition]?.comment ?? "")
      return made("PY_FUNCTION", ["&" + name, "\(flags)"] + operands.map(object))
    case .call(let shape):
      return made("PY_CALL", [object(operands[0])] + arguments(operands, 1, shape))
    case .callMethod(let symbol, let shape):
      let receiver = object(operands[0])
      return made("PY_CALL_METHOD", [receiver, name(symbol)] + arguments(operands, 1, shape))
    default:
      guard let macro = OperationMacro(operation, name: name) else {
        return made("PY_HELD", [])
      }
      let texts = operands.map { operand -> String in
        let value = expression(operand)
        switch operation {
        case .boxInteger, .boxFloat, .boxBoolean: return value.text
        default: return value.cast(to: .object).text
        }
      }
      let ahead = min(macro.ahead, texts.count)
      return made(macro.name, texts[..<ahead] + macro.leading + texts[ahead...] + macro.trailing)
    }
  }

  private func arguments(
    _ operands: [Instruction.ID], _ first: Int, _ shape: CallShapeID
  ) -> [String] {
    let kinds = raiser.function[shape].arguments
    return operands.dropFirst(first).enumerated().map { index, operand in
      let value = object(operand)
      guard index < kinds.count else { return value }
      switch kinds[index] {
      case .positional: return value
      case .starred: return wrapped("PY_STAR", value)
      case .doubleStarred: return wrapped("PY_STARS", value)
      case .keyword(let symbol): return wrapped("PY_KW", "\(name(symbol)), \(value)")
      }
    }
  }

  private func wrapped(_ macro: String, _ value: String) -> String {
    declarations.use(macro: macro)
    return "\(macro)(\(value))"
  }
}
