import Basics
import BinaryFormats
package import IR
import Interpretation
package import RuntimeModel
package import Simplification

/// A program as passes see it.
package struct ProgramView: ModuleFacts, CallEffects {
  package let program: Program
  package let helpers: HelperCatalog

  package init(_ program: Program) {
    self.program = program
    helpers = program.helpers
  }

  package func signature(of target: UInt64) -> CallSignature? {
    guard let signature = program.signature(of: target) else { return nil }
    if let helper = helpers.function(at: target), helper.isVariadic { return CallSignature(helper) }
    // The last arguments on the stack may be read by functions only that this one calls.
    let registers = program.machine.argumentRegisters.count
    if registers > 0, signature.parameters.count >= registers, !signature.isVariadic,
      let helper = helpers.function(at: target),
      helper.parameters.count > signature.parameters.count
    {
      return CallSignature(helper)
    }
    return signature
  }

  package func constant(at address: UInt64, size: Int) -> UInt64? {
    program.constant(at: address, size: size)
  }

  package func callee(at address: UInt64) -> CFunction? {
    if let name = program.importedFunction(at: address) {
      return CFunction.imported(name, program.state.layout.version)
    }
    if address == inlinedTraceback { return CFunction.cythonHelpers["__Pyx_AddTraceback"] }
    if address == inlinedCatch { return CFunction.cythonHelpers["__Pyx_GetException"] }
    if address == inlinedNumberText {
      return CFunction.cythonHelpers["__Pyx_PyUnicode_From_Py_ssize_t"]
    }
    if address == inlinedOrd { return CFunction.cythonHelpers["__Pyx__PyObject_Ord"] }
    if address == inlinedMetaclass { return CFunction.cythonHelpers["__Pyx_CalculateMetaclass"] }
    if let slice = program.inlinedSlices.first(where: { $0.value == address }) {
      return CFunction.imported(slice.key, program.state.layout.version)
    }
    return helpers.function(at: address)
  }

  package var inlinedTraceback: UInt64? { program.inlinedTraceback }

  package var inlinedCatch: UInt64? { program.inlinedCatch }

  package var inlinedNumberText: UInt64? { program.inlinedNumberText }

  package var inlinedOrd: UInt64? { program.inlinedOrd }

  package var inlinedMetaclass: UInt64? { program.inlinedMetaclass }
  package var none: UInt64? { program.none }

  package func inlinedSlice(_ name: String) -> UInt64? { program.inlinedSlices[name] }

  package func isImported(_ address: UInt64) -> Bool {
    program.importedFunction(at: address) != nil
  }

  package func isMapped(_ address: UInt64) -> Bool {
    program.image.segment(containing: address) != nil
  }

  package func variable(at address: UInt64) -> String? { program.variable(at: address) }

  package func cText(at address: UInt64) -> String? {
    program.image.cString(at: address).map { String(decoding: $0, as: UTF8.self) }
  }

  package func text(at address: UInt64) -> String? {
    if case .string(let text)? = program.object(at: address) { text.string } else { nil }
  }

  package func isEmptyTuple(at address: UInt64) -> Bool {
    guard case .tuple? = program.object(at: address) else { return false }
    return program.state.items[address]?.isEmpty == true
  }

  package func integer(at address: UInt64) -> Int64? {
    program.object(at: address)?.integer
  }

  package func raisesUnsupportedOperands(_ address: UInt64) -> Bool {
    guard program.importedFunction(at: address) == nil else { return false }
    return helpers.texts(reachedFrom: address).contains {
      $0.hasPrefix("unsupported operand type(s) for %.3s")
    }
  }

  package func isType(at address: UInt64) -> Bool {
    if case .type? = program.object(at: address) { return true }
    return program.variable(at: address)?.hasSuffix("_Type") == true
  }

  package func isInternalType(at address: UInt64) -> Bool {
    guard case .type(let name)? = program.object(at: address) else { return false }
    return Self.internalTypes.contains(String(name.split(separator: ".").last ?? ""))
  }

  package func isExtensionType(at address: UInt64) -> Bool {
    program.extensionTypes.type(at: address) != nil
  }

  /// Types that `Cython/Utility/CythonFunction.c` and `Coroutine.c` define.
  private static let internalTypes: Set<String> = [
    "cython_function_or_method", "fusedfunction", "generator", "coroutine", "async_generator",
    "iterable_coroutine", "coroutine_wrapper", "async_generator_asend", "async_generator_athrow",
    "async_generator_wrapped_value",
  ]

  package var layout: ObjectLayout { program.state.layout }

  package var dictionaryVersion: UInt64 {
    program.state.moduleDictionary + program.state.layout.dictVersion
  }

  package func unboundMethod(at address: UInt64) -> String? {
    guard let type = program.word(at: address), let name = program.variable(at: type),
      name.hasSuffix("_Type"),
      let slot = program.word(at: address &+ program.state.layout.words(1)),
      let text = program.word(at: slot)
    else { return nil }
    return self.text(at: text)
  }

  /// The functions that take an array of arguments: where it is, its size, the names of the last.
  private static let arrayFunctions: Set<String> = [
    "PyObject_Vectorcall", "PyObject_VectorcallDict", "PyObject_VectorcallMethod",
    "_PyObject_Vectorcall", "__Pyx_PyObject_FastCallDict", "__Pyx_PyObject_FastCallMethod",
    "__Pyx_Object_Vectorcall_CallFromBuilder",
    "__Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict", "_PyObject_MakeTpCall",
    "_PyObject_MakeTpCall@3.9",
  ]

  package func argumentArray(
    of call: Instruction.ID, in function: borrowing Function
  ) -> ArgumentArray? {
    guard let callee = function.callee(of: call, self) else { return nil }
    if callee.name.hasSuffix("_FromArray") { return wholeArray(of: call, function) }
    if callee.name == "__Pyx_PyUnicode_Join" { return joinedArray(of: call, callee, function) }
    if callee.name == "__Pyx_PyUnicode_ConcatInPlaceImpl" {
      return ArgumentArray(argument: 0, count: 1, declared: 2)
    }
    if callee.isVariadic { return stackArguments(of: call, callee, function) }
    if callee.name == "__Pyx__Import" {
      return program.importedNameCount(of: call, in: function).map {
        ArgumentArray(argument: 1, count: $0, declared: callee.parameters.count)
      }
    }
    if let array = arrayOfClone(call, callee, function) { return array }
    let first = callee.threadStates
    guard Self.arrayFunctions.contains(callee.name),
      let size = function.argument(first + 2, of: call).flatMap({ function.constant($0) })
    else { return nil }
    // The highest bit says that the callee may use the place before the array.
    var count = size & ~(1 << UInt64(function.layout.wordBits - 1))
    if let names = function.argument(first + 3, of: call), !callee.name.hasSuffix("Dict") {
      count &+= nameCount(names, function)
    }
    guard count < 256 else { return nil }
    return ArgumentArray(
      argument: first + 1, count: Int(count), declared: callee.parameters.count)
  }

  /// The arguments that a clone of `__Pyx_PyObject_FastCallDict(f, args, n, kwargs)` takes, which knows
  /// their number by itself and gets no keywords.
  ///
  /// It touches what `__Pyx_PyObject_CallOneArg` does, but an object never lies in the stack frame.
  private func arrayOfClone(
    _ call: Instruction.ID, _ callee: CFunction, _ function: borrowing Function
  ) -> ArgumentArray? {
    let names = [
      "__Pyx_PyObject_FastCallDict", "__Pyx_PyObject_CallOneArg", "__Pyx__PyObject_CallOneArg",
    ]
    guard names.contains(callee.name), let arguments = function.argument(1, of: call),
      case .entry = function[function.offset(arguments).base].operation,
      let target = function.constant(function.operand(0, of: call)),
      program.parameterCount(of: target) == 2,
      let size = helpers.argumentCount(of: target)
    else { return nil }
    let count = size & ~(1 << UInt64(function.layout.wordBits - 1))
    guard count < 256 else { return nil }
    return ArgumentArray(argument: 1, count: Int(count), declared: 4, countArgument: 2)
  }

  /// The items of `__Pyx_PyTuple_FromArray(items, n)`.
  private func wholeArray(
    of call: Instruction.ID, _ function: borrowing Function
  ) -> ArgumentArray? {
    let known = function.constant(function.operand(0, of: call)).flatMap(helpers.itemCount(of:))
    guard
      let count = known ?? function.argument(1, of: call).flatMap({ function.constant($0) }),
      count < 4096
    else { return nil }
    return ArgumentArray(argument: 0, count: Int(count), declared: 2, countArgument: 1)
  }

  /// The parts of `__Pyx_PyUnicode_Join(parts, n, length, largest)`, which lie in the stack frame since
  /// Cython 3.1; before that, they are a tuple.
  private func joinedArray(
    of call: Instruction.ID, _ callee: CFunction, _ function: borrowing Function
  ) -> ArgumentArray? {
    guard let parts = function.argument(0, of: call),
      case .entry = function[function.offset(parts).base].operation,
      let target = function.constant(function.operand(0, of: call))
    else { return nil }
    let given = function.argument(1, of: call).flatMap { function.constant($0) }
    let isWhole = program.parameterCount(of: target).map { $0 >= callee.parameters.count } ?? true
    guard let count = isWhole ? given.map({ Int(clamping: $0) }) : helpers.joinedCount(of: target),
      count < 4096
    else { return nil }
    return ArgumentArray(argument: 0, count: count, declared: callee.parameters.count)
  }

  /// The arguments of `PyTuple_Pack(n, …)` for which there is no register; a pointer to them stands
  /// behind the others.
  private func stackArguments(
    of call: Instruction.ID, _ callee: CFunction, _ function: borrowing Function
  ) -> ArgumentArray? {
    guard callee.name == "PyTuple_Pack" || callee.name == "__Pyx_PyList_Pack",
      let count = function.argument(0, of: call).flatMap({ function.constant($0) })
    else { return nil }
    let registers = max(6, callee.parameters.count - 1)
    guard count >= UInt64(registers), count < 4096 else { return nil }
    return ArgumentArray(
      argument: registers, count: Int(count) + 1 - registers, declared: registers + 1)
  }

  /// How many names a tuple has, a constant or one that is being built.
  private func nameCount(_ id: Instruction.ID, _ function: borrowing Function) -> UInt64 {
    if let address = function.constant(id) {
      return UInt64(program.state.items[address]?.count ?? 0)
    }
    guard function.callee(of: id, self)?.name == "PyTuple_New",
      let size = function.argument(0, of: id)
    else { return 0 }
    return function.constant(size) ?? 0
  }

  /// Whether a call is one of a builtin function through the `PyMethodDef` that it was made of, with an
  /// array of arguments.
  ///
  /// Such arrays are constant (`METH_FASTCALL`).
  private func callsMethod(_ call: Instruction.ID, _ function: borrowing Function) -> Bool {
    let target = function.operand(0, of: call)
    guard function[target].operation == .machine(.load) else { return false }
    let (definition, distance) = function.offset(function.operand(0, of: target))
    return distance == function.layout.methodFunction
      && function[definition].operation == .machine(.load)
      && function.offset(function.operand(0, of: definition)).offset == function.layout.field(0)
  }

  /// Whether a call is one of a function that the called object itself holds, as
  /// `__Pyx_PyObject_FastCallDict` makes it where it was compiled in place.
  ///
  /// Such a function leaves its arguments as they are, and the place before them as it was.
  private func callsVectorcall(_ call: Instruction.ID, _ function: borrowing Function) -> Bool {
    guard let object = function.argument(0, of: call) else { return false }
    var pending = [function.operand(0, of: call)]
    var seen = Set(pending)
    while let id = pending.popLast() {
      if function[id].operation == .phi {
        for operand in function.operands(of: id) where seen.insert(operand).inserted {
          guard seen.count < 32 else { return false }
          pending.append(operand)
        }
        continue
      }
      guard function[id].operation == .machine(.load) else { return false }
      let address = function.operand(0, of: id)
      if function.offset(address).base == object { continue }
      // The type says where in its objects the function lies.
      guard let (opcode, left, right) = function.machine(address), opcode == .add,
        left == object || right == object
      else { return false }
    }
    return true
  }

  /// Whether a call gets a constant number of arguments in an array, as vectorcall functions do; one
  /// more where the object of a method comes first.
  private func takesArray(_ call: Instruction.ID, _ function: borrowing Function) -> Bool {
    guard let size = function.argument(2, of: call) else { return false }
    return function.roots(of: size).allSatisfy { root in
      guard let number = function.constant(root) else { return false }
      return number & ~(1 << UInt64(function.layout.wordBits - 1)) < 4096
    }
  }

  /// Whether an argument of a slot or of a method's C function is left over in its register.
  ///
  /// They take objects, an array of them, its length and names, and nothing behind those. What a loop
  /// keeps in a register to call is a type's `tp_iternext`, which takes the iterator only.
  private func isLeftOver(
    _ argument: Int, of call: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    let target = function.operand(0, of: call)
    switch function[target].operation {
    case .constant: return false
    case .phi, .after: return argument > 0
    default: return argument > 2
    }
  }

  package func parametersRead(by address: UInt64) -> Int? { program.parameterCount(of: address) }

  package func bytesWritten(
    by call: Instruction.ID, through argument: Int, in function: borrowing Function
  ) -> Int? {
    guard let callee = function.callee(of: call, self) else {
      if argument == 1, callsMethod(call, function) { return 0 }
      if argument == 1, takesArray(call, function) {
        return callsVectorcall(call, function) ? 0 : nil
      }
      return isLeftOver(argument, of: call, function) ? 0 : nil
    }
    // Clones of helpers have fewer parameters, but take the same array.
    if argument == 1, Self.arrayFunctions.contains(callee.name) { return 0 }
    // The thread state comes first in some builds only; all others are results.
    if callee.name == "__Pyx_GetException" || callee.name == "__Pyx__GetException" {
      return program.machine.pointerSize
    }
    // Some clones have fewer parameters, but none writes where none of the parameters is an output.
    if callee.readsArrays { return 0 }
    guard callee.parameters.count < function.operandCount(of: call) || callee.isVariadic else {
      return nil
    }
    guard argument < callee.parameters.count else { return 0 }
    switch callee.parameters[argument] {
    case .output: return program.machine.pointerSize
    case .buffer: return nil
    case .pointer, .variadic: return 0
    // No address of the frame is that: a clone of a helper has other parameters.
    case .object, .stolen, .integer, .long, .double:
      guard callee.name.hasPrefix("__Pyx") else { return 0 }
      return callee.writesPointersOnly ? program.machine.pointerSize : nil
    }
  }
}
