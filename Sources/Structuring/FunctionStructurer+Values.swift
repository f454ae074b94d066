import Basics
import IR
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import RuntimeModel
import Simplification

// Reading values as expressions.
extension FunctionStructurer {
  /// The expressions of values that are read one after the other.
  ///
  /// Waiting expressions are taken from the top of the stack, where they stand in the order of their
  /// evaluation. If they stand otherwise, all that waits is put into variables.
  func read(
    _ ids: [Instruction.ID], _ state: inout State, keeping kept: Set<Instruction.ID> = []
  ) throws -> [Expression] {
    var needed: [Instruction.ID] = []
    for id in ids { collectWaiting(id, state, &needed) }
    guard !needed.isEmpty else { return try ids.map { try expression($0, state, [:]) } }
    for index in state.stack.indices.suffix(needed.count) {
      state.stack[index] = try finished(state.stack[index])
    }
    if let first = state.stack.first, isDefinition(first), first.id != needed.first,
      state.stack.count == needed.count
    {
      try writeDefinitions(&state)
      return try read(ids, &state, keeping: kept)
    }
    let top = state.stack.suffix(needed.count)
    guard top.map(\.id) == needed || arePlainReads(top, needed) else {
      try spill(&state)
      return try ids.map { try expression($0, state, [:]) }
    }
    let taken = Dictionary(top.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    if taken.values.contains(where: { $0.placement == .inPlace || isDefinition($0) }) {
      try spill(&state)
      return try ids.map { try expression($0, state, [:]) }
    }
    if kept.isEmpty { state.stack.removeLast(min(needed.count, state.stack.count)) }
    return try ids.map { try expression($0, state, taken) }
  }

  /// Whether what waits is read in its order but for variables that inner functions share, copies of `**`
  /// parameters and what lies in C variables, which Cython reads last.
  private func arePlainReads(_ top: ArraySlice<Pending>, _ needed: [Instruction.ID]) -> Bool {
    let waiting = top.map(\.id)
    return Set(waiting) == Set(needed)
      && waiting.filter { !isReadLast($0) } == needed.filter { !isReadLast($0) }
      && needed.allSatisfy { id in
        !raiser.plainReads.contains(id) || isReadNoLater(id, needed, waiting)
      }
  }

  /// Whether nothing stands in front of a value that stood behind it.
  private func isReadNoLater(
    _ id: Instruction.ID, _ needed: [Instruction.ID], _ waiting: [Instruction.ID]
  ) -> Bool {
    let before = waiting.prefix { $0 != id }
    return needed.prefix { $0 != id }.allSatisfy { isReadLast($0) || before.contains($0) }
  }

  private func isReadLast(_ id: Instruction.ID) -> Bool {
    if raiser.plainReads.contains(id) { return true }
    return switch raiser.function[id].operation {
    case .python(.cell): true
    case .python(.callMethod(let name, _)):
      raiser.symbols[name] == "copy" && scope.keywordParameter != nil
        && parameterName(raiser.function.operand(0, of: id)) == scope.keywordParameter
    default: false
    }
  }

  /// The waiting values that a value depends on, in the order of evaluation.
  func collectWaiting(
    _ id: Instruction.ID, _ state: State, _ result: inout [Instruction.ID]
  ) {
    if state.stack.contains(where: { $0.id == id }) {
      result.append(id)
      return
    }
    if let owner = raiser.testedObject(id) {
      collectWaiting(owner, state, &result)
      return
    }
    guard raiser.function[id].block == nil, case .machine = raiser.function[id].operation else {
      return
    }
    for operand in raiser.function.operands(of: id) { collectWaiting(operand, state, &result) }
  }

  /// Puts everything that waits into variables.
  func spill(_ state: inout State) throws {
    let stack = state.stack
    state.stack = []
    for pending in try stack.map(finished) {
      if pending.placement == .inPlace {
        throw failure("an in-place operator whose result is not assigned", pending.id)
      }
      variables.insert(pending.id)
      try assign(pending.expression, toVariable: pending.id, line: pending.line, &state)
    }
  }

  /// Assigns to the variable of a value.
  func assign(
    _ expression: Expression, toVariable id: Instruction.ID, line: Int?,
    placement: Placement = .anywhere,
    _ state: inout State
  ) throws {
    let name = variables.name(of: id)
    try assign(expression, to: .name(name), line: line, placement: placement, &state)
    state.current[name] = id
  }

  /// A value as an expression that may be written here.
  func expression(
    _ id: Instruction.ID, _ state: State, _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    if let pending = taken[id] { return pending.expression }
    let instruction = raiser.function[id]
    switch instruction.operation {
    case .constant:
      let value = try constantExpression(id)
      return constantName(id, value, state).map { .name($0) } ?? value
    case .python(.parameter(let number)): return try parameter(Int(number), id, state)
    case .python(.builtin(let name)): return .name(raiser.symbols[name])
    case .python(.text(let text)): return .string(raiser.symbols[text])
    // The body of a class has its names in a dict (`_handle_simple_function_locals` in Cython/Compiler/Optimize.py).
    case .python(.classNamespace): return .call(.name("locals"), [], [])
    case .machine where instruction.block == nil:
      return try pureExpression(id, state, taken)
    default: break
    }
    if let parameter = unboxedParameter(id) {
      return try expression(parameter, state, taken)
    }
    if let exception = raiser.exceptionType(id) { return .name(exception) }
    if let owner = raiser.typeOwner(id) {
      return .call(.name("type"), [try expression(owner, state, taken)], [])
    }
    if chainedValues.contains(id) { return .name(Self.chainPlaceholder(id)) }
    guard variables.isVariable.contains(id) || raiser.function.isPhi(id) else {
      return try missing("a value that is not there any more", id)
    }
    let name = variables.name(of: id)
    guard state.current[name] == id else {
      return try missing("a variable that was assigned since its value was read", id, shared: id)
    }
    readValues.insert(id)
    return .name(name)
  }

  /// A mark in the place of an expression, or the end of the work.
  private func missing(
    _ reason: String, _ id: Instruction.ID, shared: Instruction.ID? = nil
  ) throws -> Expression {
    guard isLenient else {
      var problem = failure(reason, id)
      problem.separable = shared
      throw problem
    }
    if let shared { separable.insert(shared) }
    return .notUnderstood(reason)
  }

  private func parameter(_ number: Int, _ id: Instruction.ID, _ state: State) throws -> Expression {
    guard number < scope.parameters.count else { throw failure("an unknown parameter", id) }
    let name = scope.parameters[number]
    if let current = state.current.change(of: name, from: id) {
      if let copy = copyOfParameter(id, state) {
        readValues.insert(id)
        return .name(copy)
      }
      separable.insert(current)
      var problem = failure("a parameter that was assigned since its value was read", id)
      problem.separable = current
      throw problem
    }
    readValues.insert(id)
    return .name(name)
  }

  func failure(_ reason: String, _ id: Instruction.ID) -> NotUnderstood {
    NotUnderstood(reason, at: raiser.function[id].address & 0xFFFF_FFFF_FFFF)
  }

  // MARK: Constants

  func constantExpression(_ id: Instruction.ID) throws -> Expression {
    let width = raiser.function.size(id)
    let value = raiser.function.constant(id) ?? 0
    if width == raiser.function.pointerSize,
      let object = ConstantExpressions(raiser.program).expression(value)
    {
      return object
    }
    guard width != raiser.function.pointerSize || Opcode.signed(value, width) < 0x400 else {
      throw failure("an address that is no object", id)
    }
    return number(id)
  }

  /// A constant that is a C integer for certain.
  func number(_ id: Instruction.ID) -> Expression {
    .integer(Int(Opcode.signed(raiser.function.constant(id) ?? 0, raiser.function.size(id))))
  }

  // MARK: C numbers and conditions

  private func pureExpression(
    _ id: Instruction.ID, _ state: State, _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    guard let (opcode, left, right) = raiser.function.machine(id) else {
      throw failure("an unknown step", id)
    }
    switch opcode {
    case .zeroExtend, .signExtend:
      guard isTruthValue(left) else { return try expression(left, state, taken) }
      return .conditional(test: try condition(left, state, taken), .integer(1), .integer(0))
    case .extract where raiser.function.constant(right) == 0:
      let value = try expression(left, state, taken)
      let size = raiser.function.size(id)
      if size >= 4 || isTruthValue(left) { return value }
      return .binary(value, .and, .integer(1 << (8 * Int(size)) - 1))
    case .add, .subtract, .multiply, .floatAdd, .floatSubtract, .floatMultiply, .floatDivide:
      return try arithmetic(opcode, left, right, state, taken)
    case .negate, .floatNegate:
      return .unary(.negative, try expression(left, state, taken))
    default: return try condition(id, state, taken)
    }
  }

  private func arithmetic(
    _ opcode: Opcode, _ left: Instruction.ID, _ right: Instruction.ID, _ state: State,
    _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    if opcode.isFloating {
      let operators: [Opcode: Expression.BinaryOperator] = [
        .floatAdd: .add, .floatSubtract: .subtract, .floatMultiply: .multiply,
        .floatDivide: .divide,
      ]
      return .binary(
        try float(left, state, taken), operators[opcode] ?? .add, try float(right, state, taken))
    }
    if raiser.isReference(left) || raiser.isReference(right) {
      throw failure("arithmetic with an address", left)
    }
    let first = try expression(left, state, taken)
    if opcode == .add, let number = raiser.function.constant(right),
      Opcode.signed(number, raiser.function.size(right)) < 0
    {
      let size = raiser.function.size(right)
      return .binary(first, .subtract, .integer(Int(-Opcode.signed(number, size))))
    }
    let second = try expression(right, state, taken)
    // Processors without a step for it subtract from a register that is always zero.
    if opcode == .subtract, raiser.function.constant(left) == 0 { return .unary(.negative, second) }
    let operators: [Opcode: Expression.BinaryOperator] = [
      .add: .add, .subtract: .subtract, .multiply: .multiply,
    ]
    return .binary(first, operators[opcode] ?? .add, second)
  }

  /// A C `double` as an expression; what is an integer is one to most people where another operand is a
  /// `double`, and Cython converts it.
  func float(
    _ id: Instruction.ID, _ state: State, _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    guard let bits = raiser.function.constant(id), raiser.function.size(id) == 8 else {
      if let value = magnitude(id) {
        return .call(.name("abs"), [try float(value, state, taken)], [])
      }
      return try expression(id, state, taken)
    }
    let number = Double(bitPattern: bits)
    if number.sign == .plus, number < 1e15, let whole = Int(exactly: number) {
      return .integer(whole)
    }
    return .constant(.float(number))
  }

  /// A decision as an expression.
  func condition(
    _ id: Instruction.ID, _ state: State, _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    guard let (opcode, left, right) = raiser.function.machine(id) else {
      return try expression(id, state, taken)
    }
    switch opcode {
    case .booleanNot: return try condition(left, state, taken).negated
    case .equal: return try equality(left, right, state, taken)
    case .notEqual: return try equality(left, right, state, taken).negatedComparison
    case .less, .lessOrEqual:
      if let range = try unsignedRange(opcode, left, right, state, taken) { return range }
      return try order(left, opcode == .less ? .less : .lessOrEqual, right, state, taken)
    case .signedLess:
      if let test = try typeSignTest(left, right, state, taken) { return test }
      return try order(left, .less, right, state, taken)
    case .signedLessOrEqual:
      if let test = try typeSignTest(right, left, state, taken) { return test.negated }
      return try order(left, .lessOrEqual, right, state, taken)
    case .floatLess, .floatLessOrEqual, .floatEqual, .floatNotEqual:
      let operators: [Opcode: Expression.ComparisonOperator] = [
        .floatLess: .less, .floatLessOrEqual: .lessOrEqual, .floatEqual: .equal,
        .floatNotEqual: .notEqual,
      ]
      let (first, second) = (try float(left, state, taken), try float(right, state, taken))
      return ordered(first, operators[opcode] ?? .equal, second, left)
    case .booleanAnd:
      return .boolean(
        .and, [try condition(left, state, taken), try condition(right, state, taken)])
    case .booleanOr:
      if let opposite = unorderedComparison(id) {
        return try condition(opposite, state, taken).negated
      }
      return .boolean(
        .or, [try condition(left, state, taken), try condition(right, state, taken)])
    case .extract, .zeroExtend, .signExtend: return try condition(left, state, taken)
    default: throw failure("arithmetic that has no form in Python (\(opcode))", id)
    }
  }

  private func order(
    _ left: Instruction.ID, _ comparison: Expression.ComparisonOperator, _ right: Instruction.ID,
    _ state: State, _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    let (first, second) = (
      try expression(left, state, taken), try expression(right, state, taken)
    )
    return ordered(first, comparison, second, left)
  }

  /// A comparison with a number on the right, where people write it.
  private func ordered(
    _ first: Expression, _ comparison: Expression.ComparisonOperator, _ second: Expression,
    _ left: Instruction.ID
  ) -> Expression {
    if raiser.function.constant(left) != nil {
      let mirrored: [Expression.ComparisonOperator: Expression.ComparisonOperator] = [
        .less: .greater, .lessOrEqual: .greaterOrEqual,
      ]
      return .comparison(second, [.init(mirrored[comparison] ?? comparison, first)])
    }
    return .comparison(first, [.init(comparison, second)])
  }

  /// `left == right` of C values.
  private func equality(
    _ left: Instruction.ID, _ right: Instruction.ID, _ state: State,
    _ taken: [Instruction.ID: Pending]
  ) throws -> Expression {
    if let number = raiser.function.constant(right), number <= 1, isTruthValue(left) {
      let truth = try condition(left, state, taken)
      return number == 0 ? truth.negated : truth
    }
    if raiser.function.constant(right) == 0, raiser.isReference(left) {
      let address = raiser.function[left].address & 0xFFFF_FFFF_FFFF
      throw NotUnderstood("an error that is handled", at: address, isFatal: true)
    }
    if raiser.function.constant(right) == 0, let flag = raiser.debugFlag(left) {
      return flag == .zero ? .name("__debug__") : .unary(.not, .name("__debug__"))
    }
    if let test = try typeTest(left, right, state, taken) { return test }
    let (first, second) = (
      try expression(left, state, taken), try expression(right, state, taken)
    )
    if let number = raiser.function.constant(right), isShortened(left) {
      return .comparison(first, [.init(.equal, .integer(Int(clamping: number)))])
    }
    let isIdentity = isObject(right) && !isNumeric(left) && !isNumeric(right)
    let comparison: Expression.ComparisonOperator = isIdentity ? .is : .equal
    // Compilers exchange the sides as they like. A variable stands before what is looked up, and
    // what is looked up first stands first.
    let isExchanged: Bool
    if !isObject(right) || raiser.function.constant(right) != nil || isException(right) {
      isExchanged = false
    } else if isException(left) {
      isExchanged = true
    } else if taken[left] != nil {
      isExchanged = taken[right].map { _ in right < left } ?? true
    } else {
      isExchanged = taken[right] == nil && comparesLater(left, with: right)
    }
    return isExchanged
      ? .comparison(second, [.init(comparison, first)])
      : .comparison(first, [.init(comparison, second)])
  }

  /// Whether the second of two variables got its value later than the first; people compare what is new
  /// with what they knew, and variables with parameters.
  private func comparesLater(_ left: Instruction.ID, with right: Instruction.ID) -> Bool {
    func isParameter(_ id: Instruction.ID) -> Bool {
      if case .python(.parameter) = raiser.function[id].operation { true } else { false }
    }
    if isParameter(left) || isParameter(right) { return isParameter(left) && !isParameter(right) }
    guard !raiser.function.isPhi(left), !raiser.function.isPhi(right) else { return false }
    return right > left
  }

  /// Whether a value is the lowest bits of a number.
  private func isShortened(_ id: Instruction.ID) -> Bool {
    guard let (opcode, inner, _) = raiser.function.machine(id), opcode == .extract else {
      return false
    }
    return raiser.function.size(id) < 4 && !isTruthValue(inner)
  }

  /// Whether a value is a C number for sure.
  private func isNumeric(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .python(.length), .python(.entryCount), .python(.unboxInteger), .python(.hash): true
    case .phi: isNumber(id)
    default: false
    }
  }

  private func isObject(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .constant(let value):
      return raiser.function.isWord(id)
        && ConstantExpressions(raiser.program).expression(value) != nil
    case .python(let operation):
      switch operation {
      case .length, .entryCount, .unboxInteger, .hash: return false
      default: return true
      }
    case .phi: return raiser.function.isWord(id)
    default: return isException(id)
    }
  }

  /// Whether a value is a class of exceptions, which CPython keeps in a variable of C.
  private func isException(_ id: Instruction.ID) -> Bool {
    raiser.function.exceptionName(id, raiser.view) != nil
  }

  /// Whether a C value is 0 or 1 for false or true.
  func isTruthValue(_ id: Instruction.ID, depth: Int = 0) -> Bool {
    switch raiser.function[id].operation {
    case .python(let operation):
      switch operation {
      case .truth, .notTruth, .compareTruth, .contains, .isInstance, .isSubclass, .isCallable,
        .hasAttribute, .exceptMatch:
        return true
      default: return false
      }
    case .machine(let opcode):
      switch opcode {
      case .extract, .zeroExtend, .signExtend:
        return isTruthValue(raiser.function.operand(0, of: id), depth: depth + 1)
      case .equal, .notEqual, .signedLess, .signedLessOrEqual, .less, .lessOrEqual, .booleanNot,
        .booleanAnd, .booleanOr:
        return true
      default: return false
      }
    case .constant(let number): return depth > 0 && number <= 1
    case .phi:
      if truthPhis.contains(id) { return true }
      return depth < 8
        && raiser.function.operands(of: id).allSatisfy { isTruthValue($0, depth: depth + 1) }
    default: return false
    }
  }

  // MARK: Types

  /// `Py_TYPE(o)->tp_flags & flag` → `isinstance(o, list)`; `Py_TYPE(o) == t` → `type(o) is t`.
  private func typeTest(
    _ left: Instruction.ID, _ right: Instruction.ID, _ state: State,
    _ taken: [Instruction.ID: Pending]
  ) throws -> Expression? {
    if raiser.function.constant(right) == 0,
      let (opcode, flags, mask) = raiser.function.machine(raiser.function.withoutExtension(left)),
      opcode == .and, let bits = raiser.function.constant(mask),
      let (object, shift) = raiser.typeFlags(flags), let types = Self.types(of: bits << shift)
    {
      let test = Expression.call(
        .name("isinstance"), [try expression(object, state, taken), types], [])
      return test.negated
    }
    if raiser.function.constant(right) == 0, let object = raiser.callSlotOwner(left) {
      return Expression.call(.name("callable"), [try expression(object, state, taken)], []).negated
    }
    for (loaded, type) in [(left, right), (right, left)] {
      guard let object = raiser.typeOwner(loaded) else { continue }
      if raiser.function.constant(type) == 0 { throw failure("arithmetic with an address", loaded) }
      if let address = raiser.function.constant(type),
        raiser.program.extensionTypes.type(at: address) != nil
      {
        // The rest of `isinstance` may have been lost.
        throw failure("a test for an extension type", loaded)
      }
      let tested = try expression(object, state, taken)
      let name = try expression(type, state, taken)
      // Nothing is derived from these types, so that CPython compares with them alone.
      if name == .name("slice") || name == .name("bool"), raiser.function.constant(type) != nil {
        return .call(.name("isinstance"), [tested, name], [])
      }
      let test = Expression.call(.name("type"), [tested], [])
      return .comparison(test, [.init(.is, name)])
    }
    return nil
  }

  /// `Py_TYPE(o)->tp_flags < 0` as a number of 32 bits → `isinstance(o, type)`.
  private func typeSignTest(
    _ flags: Instruction.ID, _ zero: Instruction.ID, _ state: State,
    _ taken: [Instruction.ID: Pending]
  ) throws -> Expression? {
    guard raiser.function.constant(zero) == 0, let (object, shift) = raiser.typeFlags(flags),
      shift + UInt64(raiser.function.size(flags)) * 8 == 32
    else { return nil }
    return .call(.name("isinstance"), [try expression(object, state, taken), .name("type")], [])
  }

  /// The builtin types whose subclasses some bits of `tp_flags` mark (`Include/object.h`); compilers ask
  /// for several of them at once.
  private static func types(of bits: UInt64) -> Expression? {
    var names: [Expression] = []
    var rest = bits
    for (bit, name) in flagTypes where rest & (1 << bit) != 0 {
      names.append(.name(name))
      rest &= ~(1 << bit)
    }
    guard rest == 0, let first = names.first else { return nil }
    return names.count == 1 ? first : .tuple(names)
  }

  private static let flagTypes: [(bit: UInt64, name: String)] = [
    (24, "int"), (25, "list"), (26, "tuple"), (27, "bytes"), (28, "str"), (29, "dict"),
    (30, "BaseException"), (31, "type"),
  ]
}

extension Expression {
  /// The opposite of a comparison of C values.
  var negatedComparison: Expression {
    if case .comparison(let left, let parts) = self, parts.count == 1,
      parts[0].operator == .equal
    {
      return .comparison(left, [ComparisonPart(.notEqual, parts[0].operand)])
    }
    return negated
  }
}

extension Opcode {
  var isFloating: Bool {
    switch self {
    case .floatAdd, .floatSubtract, .floatMultiply, .floatDivide: true
    default: false
    }
  }
}
