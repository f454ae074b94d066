import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `PyObject_Call(f, args, kwargs)` → `f(*args, **kwargs)`.
  static let calls: [String: CallRule] = {
    var result: [String: CallRule] = [:]
    for name in ["PyObject_CallNoArgs", "__Pyx_PyObject_CallNoArg", "__Pyx_PyObject_FastCallNoArg"]
    {
      result[name] = CallRule { raiser, call, arguments in
        guard let callee = arguments.first else { return false }
        return raiser.becomeCall(call, callee, [])
      }
    }
    for name in [
      "PyObject_CallOneArg", "__Pyx_PyObject_CallOneArg", "__Pyx__PyObject_CallOneArg",
      "__Pyx_PyObject_CallMethO",
    ] {
      result[name] = CallRule { raiser, call, arguments in
        guard arguments.count >= 2 else { return false }
        if arguments.count > 4 {
          return raiser.callVector(call, arguments, names: false, declared: 4)
        }
        if let method = raiser.unboundMethod(arguments[0]) {
          return raiser.becomeMethodCall(call, arguments[1], method, [])
        }
        return raiser.becomeCall(call, arguments[0], [arguments[1]])
      }
    }
    result["__Pyx_PyObject_Call2Args"] = CallRule { raiser, call, arguments in
      guard arguments.count >= 3 else { return false }
      return raiser.becomeCall(call, arguments[0], Array(arguments[1...2]))
    }
    for name in ["PyObject_Call", "__Pyx_PyObject_Call"] {
      result[name] = CallRule { raiser, call, arguments in
        guard arguments.count >= 2 else { return false }
        // Compilers leave out keywords that are never given.
        let keywords = arguments.count > 2 ? arguments[2] : raiser.null
        return raiser.raiseCall(call, arguments[0], arguments[1], keywords)
      }
    }
    // Both touch the same; a class is made of its name, which is no pointer to arguments.
    result["__Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict"] = CallRule {
      raiser, call, arguments in
      arguments.count > 3 && raiser.text(arguments[1]) != nil
        ? raiser.makeClass(call, arguments) : raiser.callVector(call, arguments, names: false)
    }
    for name in ["PyObject_VectorcallDict", "__Pyx_PyObject_FastCallDict"] {
      result[name] = CallRule { $0.callVector($1, $2, names: false) }
    }
    for name in [
      "PyObject_Vectorcall", "_PyObject_Vectorcall", "__Pyx_Object_Vectorcall_CallFromBuilder",
      "_PyObject_MakeTpCall", "_PyObject_MakeTpCall@3.9",
    ] {
      result[name] = CallRule { $0.callVector($1, $2, names: true) }
    }
    result["PyObject_CallFunctionObjArgs"] = CallRule { raiser, call, arguments in
      guard let callee = arguments.first,
        let end = arguments.dropFirst().firstIndex(where: raiser.isNull), end <= 5
      else { return false }
      return raiser.becomeCall(call, callee, Array(arguments[1..<end]))
    }
    for name in ["PyObject_VectorcallMethod", "__Pyx_PyObject_FastCallMethod"] {
      result[name] = CallRule { $0.callVectorMethod($1, $2) }
    }
    return result
  }()
}

extension Raiser {
  /// A call with a tuple and a dict, which are taken apart if they are displays.
  func raiseCall(
    _ call: Instruction.ID, _ callee: Instruction.ID, _ tuple: Instruction.ID,
    _ dictionary: Instruction.ID
  ) -> Bool {
    var shape = CallShape([])
    var operands: [Instruction.ID] = []
    addArguments(tuple, &shape, &operands)
    // `__Pyx_Py3ClassCreate` calls the metaclass with name, bases and namespace.
    if operands.count == 3, makeClassOfNamespace(call, [callee] + operands + [dictionary]) {
      return true
    }
    if let method = unboundMethod(callee), isNull(dictionary), let object = operands.first,
      shape.arguments.first == .positional
    {
      if shape.arguments.allSatisfy({ $0 == .positional }) {
        return becomeMethodCall(call, object, method, Array(operands.dropFirst()))
      }
      guard !isTakenFromType(method, of: object) else { return false }
      shape.arguments.removeFirst()
      return become(
        call, .callMethod(symbols.intern(method), function.appendShape(shape)),
        [object] + operands.dropFirst())
    }
    if isBareSuper(callee, operands) {
      shape = CallShape([])
      operands = []
    }
    if !isNull(dictionary) {
      shape.arguments.append(.doubleStarred)
      operands.append(withoutCopy(dictionary))
    }
    return become(call, .call(function.appendShape(shape)), [callee] + operands)
  }

  /// The dict of which a copy was made for one call: `f(**kwargs)` (`MergedDictNode` in `ExprNodes.py`).
  private func withoutCopy(_ dictionary: Instruction.ID) -> Instruction.ID {
    guard dictionaryCopies.contains(dictionary),
      function.reversePostorder().reduce(0, { $0 + readers(of: dictionary, in: $1) }) == 1
    else { return dictionary }
    let original = function.operand(0, of: dictionary)
    function.remove(dictionary)
    return original
  }

  private func readers(of value: Instruction.ID, in block: Block.ID) -> Int {
    function[block].instructions.count { id in
      switch function[id].operation {
      case .referenceCount, .after: false
      default: function.operands(of: id).contains(value)
      }
    }
  }

  /// The name of a builtin type's method that is kept in a static variable.
  fileprivate func unboundMethod(_ callee: Instruction.ID) -> String? {
    guard function[callee].operation == .machine(.load),
      let place = function.constant(function.operand(0, of: callee))
    else { return nil }
    return view.unboundMethod(at: place &- function.layout.words(3))
  }

  /// `super()` takes the class from the function and the object from its first parameter.
  private func isBareSuper(_ callee: Instruction.ID, _ operands: [Instruction.ID]) -> Bool {
    guard object(callee) == .type("PySuper_Type") || isSuper(callee), operands.count == 2,
      isFieldOfReceiver(operands[0])
    else { return false }
    switch operation(operands[1]) {
    case .parameter(let number)?: return number == 0
    case .cell(let field)?: return isFirstParameter(field)
    default: return false
    }
  }

  /// Whether a variable that inner functions use is the first parameter, and stays that.
  private func isFirstParameter(_ field: ScopeField) -> Bool {
    var stored: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where operation(id) == .storeCell(field) {
        stored.append(function.operand(0, of: id))
      }
    }
    return !stored.isEmpty && stored.allSatisfy { operation($0) == .parameter(0) }
  }

  private func isSuper(_ callee: Instruction.ID) -> Bool {
    if case .builtin("super")? = object(callee) { return true }
    return function.variable(callee, view) == "PySuper_Type"
  }

  /// Adds the positional arguments that a tuple holds.
  private func addArguments(
    _ tuple: Instruction.ID, _ shape: inout CallShape, _ operands: inout [Instruction.ID]
  ) {
    if isNull(tuple) { return }
    if let address = function.constant(tuple), let items = program.state.items[address] {
      for item in items {
        shape.arguments.append(.positional)
        operands.append(function.constant(item, width: function.pointerSize))
      }
      return
    }
    switch operation(tuple) {
    case .tuple:
      for item in function.operands(of: tuple) {
        shape.arguments.append(.positional)
        operands.append(item)
      }
      function.remove(tuple)
    case .binary(.add, false) where isArgumentTuple(tuple):
      let (left, right) = (function.operand(0, of: tuple), function.operand(1, of: tuple))
      addArguments(left, &shape, &operands)
      addArguments(right, &shape, &operands)
      function.remove(tuple)
    default:
      shape.arguments.append(.starred)
      operands.append(tuple)
    }
  }

  /// Whether a value is a tuple for certain, as what Cython makes of `a` and `b` in `f(*a, *b)`, or that is
  /// all that `f(*(a + b))` tells (`p_call_build_packed_args` in `Cython/Compiler/Parsing.py`).
  private func isArgumentTuple(_ id: Instruction.ID) -> Bool {
    if isStarParameter(id) { return true }
    if let address = function.constant(id) { return program.state.items[address] != nil }
    switch operation(id) {
    case .tuple: return true
    case .cell(let field): return program.starCells.contains(field)
    case .binary(.add, false): return function.operands(of: id).allSatisfy(isArgumentTuple)
    case .call:
      guard function.operandCount(of: id) == 2,
        case .builtin(let name)? = operation(function.operand(0, of: id))
      else { return false }
      return symbols[name] == "tuple"
    default: return false
    }
  }

  /// How many arguments an array holds; the highest bit of the number says that the callee may use
  /// the place before the array.
  private func argumentCount(_ size: UInt64) -> Int {
    Int(truncatingIfNeeded: size & ~(1 << UInt64(function.layout.wordBits - 1)))
  }

  /// The values of an argument array, which stand behind the declared arguments of a call.
  private func vector(
    _ arguments: [Instruction.ID], declared: Int, count: Int
  ) -> [Instruction.ID]? {
    guard let size = function.constant(arguments[count]) else { return nil }
    let number = argumentCount(size)
    let values = Array(arguments.dropFirst(declared))
    return values.count >= number ? values : nil
  }

  /// `PyObject_VectorcallDict(f, args, n, kwargs)`, `PyObject_Vectorcall(f, args, n, names)` and
  /// `_PyObject_MakeTpCall(state, f, args, n, names)`.
  ///
  /// `declared` is how many arguments stand before those in the array, if the callee does not say.
  func callVector(
    _ call: Instruction.ID, _ given: [Instruction.ID], names: Bool, declared: Int? = nil
  ) -> Bool {
    let callee = function.callee(of: call, view)
    let arguments = Array(given.dropFirst(callee?.threadStates ?? 0))
    let declared = declared ?? (callee?.parameters.count ?? 4) - (callee?.threadStates ?? 0)
    guard arguments.count >= declared, declared >= 3,
      let values = vector(arguments, declared: declared, count: 2),
      let size = function.constant(arguments[2])
    else { return false }
    let count = argumentCount(size)
    let last = declared > 3 ? arguments[3] : null
    // `__Pyx_Py3ClassCreate` calls the metaclass with name, bases and namespace.
    if !names, count == 3,
      makeClassOfNamespace(call, [arguments[0]] + values.prefix(3) + [last])
    {
      return true
    }
    var shape = CallShape.positional(count)
    var operands = Array(values.prefix(count))
    if isNull(last), isBareSuper(arguments[0], operands) {
      return becomeCall(call, arguments[0], [])
    }
    if isNull(last), count > 0, let method = unboundMethod(arguments[0]) {
      return becomeMethodCall(call, operands[0], method, Array(operands.dropFirst()))
    }
    if !isNull(last) {
      guard names else {
        shape.arguments.append(.doubleStarred)
        operands.append(last)
        return become(call, .call(function.appendShape(shape)), [arguments[0]] + operands)
      }
      guard addKeywords(last, values.dropFirst(count), &shape, &operands) else { return false }
    }
    return become(call, .call(function.appendShape(shape)), [arguments[0]] + operands)
  }

  /// `PyObject_VectorcallMethod(name, args, n, names)`; the first argument is the object.
  func callVectorMethod(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    let declared = function.callee(of: call, view)?.parameters.count ?? 4
    guard arguments.count > declared, let name = name(arguments[0]),
      let values = vector(arguments, declared: declared, count: 2),
      let size = function.constant(arguments[2])
    else { return false }
    let count = argumentCount(size)
    guard count >= 1 else { return false }
    var shape = CallShape.positional(count - 1)
    var operands = Array(values.prefix(count))
    if declared > 3, !isNull(arguments[3]) {
      guard addKeywords(arguments[3], values.dropFirst(count), &shape, &operands) else {
        return false
      }
    }
    return become(call, .callMethod(name, function.appendShape(shape)), operands)
  }

  /// Adds the last values of an array, which a tuple gives names to.
  private func addKeywords(
    _ tuple: Instruction.ID, _ values: ArraySlice<Instruction.ID>, _ shape: inout CallShape,
    _ operands: inout [Instruction.ID]
  ) -> Bool {
    let keywords: [Instruction.ID]
    if let constants = constantTuple(tuple) {
      keywords = constants.map { function.constant($0, width: function.pointerSize) }
    } else if operation(tuple) == .tuple {
      keywords = function.operands(of: tuple)
    } else {
      return false
    }
    guard values.count >= keywords.count else { return false }
    for (keyword, value) in zip(keywords, values) {
      guard let name = name(keyword) else { return false }
      shape.arguments.append(.keyword(name))
      operands.append(value)
    }
    if operation(tuple) == .tuple { function.remove(tuple) }
    return true
  }

  func constantTuple(_ id: Instruction.ID) -> [UInt64]? {
    function.constant(id).flatMap { program.state.items[$0] }
  }
}
