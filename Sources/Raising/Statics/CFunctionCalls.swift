import Basics
import BinaryFormats
import IR
import ModuleRecovery
import RuntimeModel
import Simplification

// Calls of functions that the module writes in C: `cdef` and `cpdef`.
extension Raiser {
  /// Makes calls of C functions calls of the Python functions that they come from.
  ///
  /// ```
  /// %7 = call 0x1200, %self, %5                       →     %7 = callMethod(scan) %self, %5
  /// %8 = load %self + 16; %9 = load %8 + 24
  /// %10 = call %9, %self, 0                           →     %10 = callMethod(next) %self
  /// ```
  /// They tell their names in tracebacks. A function that Python sees as well takes one argument more, by
  /// which its wrapper says that nothing overrides it; C code hands 0 on
  /// (`CFuncDefNode.generate_function_header` in `Cython/Compiler/Nodes.py`).
  func raiseCFunctionCalls() {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .call {
        guard let address = address(ofCFunction: function.operand(0, of: id)),
          program.foreignMethods[address] != nil
            || program.image.isExecutable(address) && program.importedFunction(at: address) == nil
              && view.helpers.function(at: address) == nil,
          let path = program.cFunctionPath(at: address)
        else { continue }
        let isOwn = path.owner === program
        guard !isOwn || path.text != ownPath else {
          noteForwarding(id, path)
          continue
        }
        if isOwn, !program.isCounting, case .hidden = path.visibility {
          program.calledFunctions.insert(address)
        }
        guard let arguments = arguments(of: id, path) else { continue }
        if isOwn, !program.isCounting, case .hidden = path.visibility {
          noteTypes(of: arguments, givenTo: address)
        }
        raiseCall(id, path, arguments)
      }
    }
    function.removeForwarded()
  }

  /// Remembers of which extension types the arguments of a `cdef` function are: nothing else tells those of its
  /// parameters.
  private func noteTypes(of arguments: [Instruction.ID], givenTo address: UInt64) {
    for (number, argument) in arguments.enumerated() {
      guard let type = extensionType(of: argument) else { continue }
      let known = program.parameterTypes[address]?[number]
      program.parameterTypes[address, default: [:]][number] =
        known == nil || known == .some(type) ? .some(type) : .some(nil)
    }
  }

  /// Remembers what a wrapper hands on to the function itself.
  ///
  /// These are its arguments, and that nothing overrides it. Behind them, what a compiler left in registers
  /// may stand.
  private func noteForwarding(_ call: Instruction.ID, _ path: CFunctionPath) {
    guard case .visible(let count) = path.visibility else { return }
    let given = Array(function.operands(of: call).dropFirst())
    guard let place = placeOfDispatch(given, path, count) else { return }
    var optional: [Instruction.ID] = []
    var structure: Int?
    if let index = program.optionalArgumentsIndex(ofCFunction: path.address) {
      guard index == place + 1, given.count > index else { return }
      if let found = optionalArguments(at: given[index], before: call) {
        optional = found
      } else {
        structure = StackFrame(&function, program.machine).offset(of: given[index], in: function)
        if structure == nil { return }
      }
    }
    forwarding = Forwarding(
      call: call, target: path.address, arguments: Array(given[...place]), optional: optional,
      structure: structure)
    function.setOperands(of: call, Array(function.operands(of: call).prefix(1 + place + 1)))
  }

  /// The argument behind the objects, which tells a method that nothing overrides it, and nothing to another
  /// function.
  private func placeOfDispatch(
    _ given: [Instruction.ID], _ path: CFunctionPath, _ count: Int?
  ) -> Int? {
    func isAnswer(_ place: Int) -> Bool {
      guard given.indices.contains(place), let number = function.constant(given[place]) else {
        return false
      }
      return number == 1 || number == 0 && path.type == nil
    }
    if let index = path.owner.optionalArgumentsIndex(ofCFunction: path.address) {
      return isAnswer(index - 1) ? index - 1 : nil
    }
    guard let count, count > 0 else { return given.indices.first(where: isAnswer) }
    if isAnswer(count) { return count }
    // A function that does not look at it is given none.
    let isLeftOut = given.count == count && function.constant(given[count - 1]) == nil
    return isLeftOut ? count - 1 : nil
  }

  /// The function that a value points at, perhaps as an entry of a table of methods.
  func address(ofCFunction target: Instruction.ID) -> UInt64? {
    if let address = function.constant(target) { return address }
    guard function[target].operation == .machine(.load) else { return nil }
    let (table, entry) = function.offset(function.operand(0, of: target))
    guard function[table].operation == .machine(.load) else { return nil }
    let place = function.operand(0, of: table)
    if let variable = function.constant(place) {
      // Of a type that the module extends, or of a method that a class takes from its base.
      return program.word(at: variable).flatMap { method(at: $0 &+ entry) }
    }
    let (object, offset) = function.offset(place)
    guard offset == function.layout.fields, let type = extensionType(of: object),
      let start = program.extensionTypes.type(at: type)?.methodTable
    else { return nil }
    return method(at: start &+ entry)
  }

  /// What an entry of a table of methods points at; those of other modules stand for themselves.
  private func method(at entry: UInt64) -> UInt64? {
    program.extensionTypes.isEntryOfForeign(entry) ? entry : program.word(at: entry)
  }

  // MARK: Arguments

  /// The arguments that the source gives; nil if that cannot be told.
  private func arguments(of call: Instruction.ID, _ path: CFunctionPath) -> [Instruction.ID]? {
    var given = Array(function.operands(of: call).dropFirst())
    if let index = path.owner.optionalArgumentsIndex(ofCFunction: path.address) {
      guard let all = allArguments(given, index, before: call, path) else { return nil }
      return all.map { object(of: $0, before: call) }
    }
    switch path.visibility {
    case .hidden:
      guard let count = path.owner.argumentCount(ofCFunction: path.address), given.count >= count
      else { return nil }
      given = Array(given.prefix(count))
    case .visible(let visible):
      // Behind the arguments, what a compiler left in registers may stand.
      guard let visible, given.count >= visible else { return nil }
      // A function that is never overridden does not look at the last one, and compilers leave it out.
      if given.count > visible, !isNull(given[visible]) { return nil }
      if visible > (given.count > visible ? 1 : 0), isNull(given[visible - 1]) { return nil }
      given = Array(given.prefix(visible))
    }
    // An address of the frame is a C structure.
    let frame = StackFrame(&function, program.machine)
    guard given.allSatisfy({ frame.offset(of: $0, in: function) == nil }) else { return nil }
    return given.map { object(of: $0, before: call) }
  }

  /// The arguments of a function with optional ones, whose structure is the argument at an index.
  private func allArguments(
    _ given: [Instruction.ID], _ index: Int, before call: Instruction.ID, _ path: CFunctionPath
  ) -> [Instruction.ID]? {
    guard given.count > index else { return nil }
    var required = given.prefix(index)
    if case .visible = path.visibility {
      guard let last = required.popLast(), isNull(last) else { return nil }
    }
    if isNull(given[index]) { return Array(required) }
    return optionalArguments(at: given[index], before: call).map { required + $0 }
  }

  /// A value as an object: C numbers are given as they are.
  private func object(of value: Instruction.ID, before call: Instruction.ID) -> Instruction.ID {
    var inner = function.withoutExtract(value)
    while let (opcode, operand, _) = function.machine(inner),
      opcode == .zeroExtend || opcode == .signExtend
    {
      inner = function.withoutExtract(operand)
    }
    switch operation(inner) {
    case .truth?, .notTruth?, .compareTruth?, .contains?, .isInstance?, .isSubclass?,
      .hasAttribute?,
      .isCallable?:
      return function.insert(
        .python(.boxBoolean), [value], width: function.pointerSize, before: call)
    case .unboxInteger?, .length?, .entryCount?, .hash?: return boxed(value, before: call)
    case .unboxFloat?:
      return function.insert(.python(.boxFloat), [value], width: function.pointerSize, before: call)
    default: break
    }
    if let number = function.constant(value), number < 0x1000 || number > UInt64.max - 0x1000 {
      return boxed(value, before: call)
    }
    if let (opcode, _, _) = function.machine(inner), opcode != .load {
      return boxed(value, before: call)
    }
    return value
  }

  // MARK: Calls

  private func raiseCall(
    _ id: Instruction.ID, _ path: CFunctionPath, _ arguments: [Instruction.ID]
  ) {
    let name = symbols.intern(path.name)
    let target = function.operand(0, of: id)
    let isNumber = isReadAsNumber(id)
    let step =
      isNumber
      ? function.insert(.undefined, [], width: function.pointerSize, before: id) : id
    if let type = path.type, let receiver = arguments.first {
      if isMethodOfObject(path, type, receiver, target) {
        let shape = function.appendShape(.positional(arguments.count - 1))
        become(step, .callMethod(name, shape), arguments)
      } else {
        // The method of the class itself, whatever the object's class makes of it.
        let owner = function.insert(
          .python(.global(symbols.intern(type.name))), [], width: function.pointerSize,
          before: step)
        let method = function.insert(
          .python(.attribute(name)), [owner], width: function.pointerSize, before: step)
        plainReads.formUnion([owner, method])
        becomeCall(step, method, arguments)
      }
    } else {
      let callee = function.insert(
        .python(.global(name)), [], width: function.pointerSize, before: step)
      plainReads.insert(callee)
      becomeCall(step, callee, arguments)
    }
    guard isNumber else { return }
    repeatSite(of: id, for: step)
    become(id, isOnlyComparedWithZero(id) ? .truth : .unboxInteger, [step])
  }

  /// Whether a call calls the method that an object has: by the object's own table, or the one that its class
  /// has, for a class that nothing extends.
  private func isMethodOfObject(
    _ path: CFunctionPath, _ type: ExtensionType, _ receiver: Instruction.ID,
    _ target: Instruction.ID
  ) -> Bool {
    guard let own = extensionType(of: receiver) else { return false }
    let isSame = own == type.address && path.owner === program
    if isSame || function.constant(target) != nil { return isSame }
    guard function[target].operation == .machine(.load) else { return false }
    let (table, _) = function.offset(function.operand(0, of: target))
    guard function[table].operation == .machine(.load) else { return false }
    let place = function.operand(0, of: table)
    if let variable = function.constant(place) {
      return program.word(at: variable) == program.extensionTypes.type(at: own)?.methodTable
    }
    return true
  }

  /// Whether nothing is asked of a number but whether it is 0.
  private func isOnlyComparedWithZero(_ id: Instruction.ID) -> Bool {
    readers().allSatisfy { reader in
      let operands = function.operands(of: reader)
      guard operands.contains(id) else { return true }
      switch function[reader].operation {
      case .machine(.equal), .machine(.notEqual):
        return operands.contains { $0 != id && function.constant($0) == 0 }
      case .machine(.extract): return isOnlyComparedWithZero(reader)
      default: return false
      }
    }
  }

  /// Whether nothing is done with a sum but to read and write memory there.
  private func isOnlyAddress(_ sum: Instruction.ID) -> Bool {
    var isUsed = false
    for reader in readers() where function.operands(of: reader).contains(sum) {
      switch function[reader].operation {
      case .machine(.load): isUsed = true
      case .machine(.store):
        guard function.operand(1, of: reader) != sum else { return false }
        isUsed = true
      default: return false
      }
    }
    return isUsed
  }

  /// Whether a result is a C number for those that read it.
  private func isReadAsNumber(_ id: Instruction.ID) -> Bool {
    for reader in readers() where function.operands(of: reader).contains(id) {
      switch function[reader].operation {
      case .machine(.equal), .machine(.notEqual):
        let other = function.operands(of: reader).first { $0 != id } ?? id
        if let number = function.constant(other), number < 0x1000 || number > UInt64.max - 0x1000 {
          return true
        }
      case .machine(.store), .machine(.load): break
      // Fields of the object lie there.
      case .machine(.add) where isOnlyAddress(reader): break
      case .machine: return true
      default: break
      }
    }
    return false
  }
}
