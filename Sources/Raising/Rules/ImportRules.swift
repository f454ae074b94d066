import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `__Pyx_Import('name', names, level)` → `import name`.
  static let imports: [String: CallRule] = [
    "__Pyx_Import": CallRule { raiser, call, arguments in
      guard let name = arguments.first.flatMap({ raiser.name($0) }) else { return false }
      // Where no call imports names, a clone has no parameters for them, nor for a level that is
      // always the same.
      let count = raiser.parameterCount(of: call) ?? arguments.count
      let level =
        count > 2 && arguments.count > 2
        ? raiser.int32(arguments[2]) ?? 0 : raiser.importLevel(call).map(Int.init) ?? 0
      let isMissing =
        count < 2 || arguments.count < 2 || raiser.isNull(arguments[1])
        || raiser.function.variable(arguments[1], raiser.view) == "_Py_NoneStruct"
      let names = isMissing ? [] : [arguments[1]]
      return raiser.become(
        call, .importModule(name, level: Int16(clamping: level)), names)
    },
    // `__Pyx_Import` where it was inlined: name, globals, locals, names, level.
    "PyImport_ImportModuleLevelObject": CallRule { raiser, call, arguments in
      guard arguments.count >= 5, let name = raiser.name(arguments[0]),
        let level = raiser.int32(arguments[4])
      else { return false }
      let names = raiser.listDisplay(arguments[3], before: call)
      let isList = raiser.operation(names) == .list
      guard isList || raiser.isNull(names) else { return false }
      let isEmpty = !isList || raiser.function.operandCount(of: names) == 0
      return raiser.become(
        call, .importModule(name, level: Int16(clamping: level)), isEmpty ? [] : [names])
    },
    "PyModule_GetDict": CallRule { raiser, call, arguments in
      let state = raiser.program.state
      guard let module = arguments.first, raiser.function.constant(module) == state.module else {
        return false
      }
      let dictionary = raiser.function.constant(
        state.moduleDictionary, width: raiser.function.pointerSize)
      raiser.function.forward(call, to: dictionary)
      return true
    },
    "__pyx_import_star": CallRule { $0.importAll($1, $2) },
    // What is left of it where it was inlined.
    "PyObject_GetAttrString": CallRule { raiser, call, arguments in
      guard let name = raiser.argumentPointer(1, arguments),
        raiser.program.image.cString(at: name, limit: 16).map({ Array($0) })
          == Array("__all__".utf8)
      else { return false }
      return raiser.importAll(call, arguments)
    },
    "__Pyx__Import": CallRule { $0.importWithArray($1, $2) },
    "__Pyx_ImportDottedModule": CallRule { raiser, call, arguments in
      guard let name = arguments.first.flatMap({ raiser.name($0) }) else { return false }
      return raiser.become(call, .importDotted(name), [])
    },
    "__Pyx_ImportFrom": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let name = raiser.name(arguments[1]) else { return false }
      return raiser.become(call, .importFrom(name), [arguments[0]])
    },
  ]
}

extension Raiser {
  /// A list that was made before the module's own code began, as a display; anything else stays.
  fileprivate func listDisplay(
    _ value: Instruction.ID, before call: Instruction.ID
  ) -> Instruction.ID {
    guard let address = function.constant(value), program.object(at: address) == .list,
      let items = program.state.items[address]
    else { return value }
    let values = items.map { function.constant($0, width: function.pointerSize) }
    return function.insert(.python(.list), values, width: function.pointerSize, before: call)
  }

  /// `from m import *`: all names are taken from a module.
  fileprivate func importAll(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard let module = arguments.first, case .importModule? = operation(module) else {
      return false
    }
    return become(call, .importFrom(symbols.intern("*")), [module])
  }

  fileprivate func argumentPointer(_ index: Int, _ arguments: [Instruction.ID]) -> UInt64? {
    index < arguments.count ? function.constant(arguments[index]) : nil
  }

  /// `__Pyx__Import(name, names, count, qualified name, globals, level)` of Cython 3.2 and later.
  fileprivate func importWithArray(
    _ call: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> Bool {
    guard let name = arguments.first.flatMap({ self.name($0) }), let level = importLevel(call)
    else { return false }
    // Where no call asks for names, a clone has no parameters for them.
    guard let count = program.importedNameCount(of: call, in: function) else {
      let names = takenNames(call, arguments)
      guard !names.isEmpty else { return become(call, .importModule(name, level: level), []) }
      let list = function.insert(.python(.list), names, width: function.pointerSize, before: call)
      return become(call, .importModule(name, level: level), [list])
    }
    let names = Array(arguments.dropFirst(6).prefix(count))
    guard names.count == count, names.allSatisfy({ text($0) != nil }) else { return false }
    guard count > 0 else { return become(call, .importModule(name, level: level), []) }
    let list = function.insert(.python(.list), names, width: function.pointerSize, before: call)
    become(call, .importModule(name, level: level), [list])
    return true
  }

  /// The names that are taken out of a module, where a clone knows by itself how many there are.
  private func takenNames(
    _ call: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> [Instruction.ID] {
    guard arguments.count > 1,
      case .entry = function[function.offset(arguments[1]).base].operation
    else { return [] }
    var names: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function.callee(of: id, view)?.name == "__Pyx_ImportFrom" {
        guard function.argument(0, of: id) == call, let name = function.argument(1, of: id),
          text(name) != nil
        else { continue }
        names.append(name)
      }
    }
    return names
  }

  /// The level that a call of the helper passes on, which a clone holds itself.
  fileprivate func importLevel(_ call: Instruction.ID) -> Int16? {
    guard let target = function.constant(function.operand(0, of: call)) else { return nil }
    guard let count = parameterCount(of: call), count > 3,
      let level = function.argument(min(count, 6) - 1, of: call).flatMap({ int32($0) }),
      (-1...32).contains(level)
    else { return importLevel(heldBy: target, depth: 0) }
    // It is the last parameter, unless a clone knows it by itself and null is another one.
    let held = count < 5 && level == 0 ? importLevel(heldBy: target, depth: 0) : nil
    return held ?? Int16(level)
  }

  private func importLevel(heldBy target: UInt64, depth: Int) -> Int16? {
    guard let constructed = program.construct(at: target) else { return nil }
    let helper = constructed.takeFunction()
    for block in helper.reversePostorder() {
      for id in helper[block].instructions where helper[id].operation == .call {
        switch helper.callee(of: id, view)?.name {
        case "PyImport_ImportModuleLevelObject":
          return helper.handedOn(4, by: id).map { Int16(clamping: $0) }
        // `__Pyx_Import` hands the module's dictionary on.
        case "__Pyx__Import" where depth == 0:
          guard let next = helper.constant(helper.operand(0, of: id)) else { return nil }
          return importLevel(heldBy: next, depth: 1)
        default: continue
        }
      }
    }
    return nil
  }

  /// How many registers the function that is called reads its arguments from.
  fileprivate func parameterCount(of call: Instruction.ID) -> Int? {
    function.constant(function.operand(0, of: call)).flatMap {
      program.signature(of: $0)?.parameters.count
    }
  }
}

extension Function {
  /// The number in four bytes that a call gets as an argument, in a register or on the stack; zero also
  /// where the way to the call has shown it.
  fileprivate func handedOn(_ index: Int, by call: Instruction.ID) -> Int64? {
    guard var value = argument(index, of: call), var block = self[call].block else { return nil }
    if self[value].operation == .machine(.load),
      let position = self[block].instructions.firstIndex(of: call)
    {
      let place = operand(0, of: value)
      let stores = self[block].instructions[..<position]
      guard
        let store = stores.last(where: {
          self[$0].operation == .machine(.store) && operand(0, of: $0) == place
        })
      else { return nil }
      value = operand(1, of: store)
    }
    while let (opcode, first, second) = machine(value), constant(value) == nil {
      if opcode == .concatenate, size(second) >= 4 {
        value = second
      } else if opcode == .extract && constant(second) == 0 || opcode == .zeroExtend {
        value = first
      } else {
        break
      }
    }
    if let number = constant(value) { return Opcode.signed(number, 4) }
    for _ in 0..<8 {
      guard self[block].predecessors.count == 1, let before = self[block].predecessors.first else {
        return nil
      }
      if let (tested, null, other) = nullTest(at: before), tested == value {
        return null == block && other != block ? 0 : nil
      }
      block = before
    }
    return nil
  }
}
