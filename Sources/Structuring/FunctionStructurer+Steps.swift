import Analysis
import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import RuntimeModel
import Simplification

// Steps of a block, as expressions and statements.
extension FunctionStructurer {
  func translate(_ block: Block.ID, _ state: inout State) throws {
    for id in raiser.function[block].instructions {
      try spend()
      if raiser.function.isPhi(id) || skippedSteps.contains(id) { continue }
      if let line = raiser.sites[id]?.line { state.line = line }
      do {
        try translate(id, &state)
      } catch let problem as NotUnderstood
        where isLenient && (!problem.isFatal || collectsDefinitions || scope.kind == .function)
      {
        if let value = problem.separable { separable.insert(value) }
        markMissing(problem.reason, &state)
      }
      if isLenient, let namespace = lastSteps[id] { try closeClass(namespace, &state) }
    }
  }

  private func translate(_ id: Instruction.ID, _ state: inout State) throws {
    switch raiser.function[id].operation {
    case .python(let operation):
      try keepHeld(at: id, &state)
      try step(id, operation, &state)
    case .referenceCount:
      try bindCopy(at: id, &state)
      try bindConstants(at: id, &state)
    case .undefined: return
    case .machine(.load): try load(id, &state)
    case .machine(.store): try store(id, &state)
    case .call: try unknown("a call of \(calleeName(id))", id, skipping: 1, &state)
    default: throw failure("an unknown step", id)
    }
  }

  private func calleeName(_ id: Instruction.ID) -> String {
    raiser.function.callee(of: id, raiser.view)?.name ?? "an unknown function"
  }

  /// Loads that tests of types are made of are written with the test.
  private func load(_ id: Instruction.ID, _ state: inout State) throws {
    if (uses[id] ?? 0) == 0 { return }
    if raiser.typeOwner(id) != nil || raiser.typeFlags(id) != nil { return }
    if raiser.callSlotOwner(id) != nil { return }
    if raiser.exceptionType(id) != nil || raiser.debugFlag(id) != nil { return }
    try unknown("a load from memory", id, &state)
  }

  private func store(_ id: Instruction.ID, _ state: inout State) throws {
    let (base, offset) = raiser.function.offset(raiser.function.operand(0, of: id))
    // Cython keeps its types, builtins, code objects and constant tuples in static variables.
    if raiser.function.constant(base) != nil {
      switch raiser.object(raiser.function.operand(1, of: id)) {
      case .type, .builtin, .code, .tuple: return
      default: break
      }
    }
    if case .python(.functionDefaults) = raiser.function[base].operation {
      let owner = raiser.function.operand(0, of: base)
      let value = raiser.function.operand(1, of: id)
      let expression = try readBelowFunction(value, owner, &state)
      functions[Self.placeholder(owner)]?.defaults[Int(clamping: offset)] = expression
      return
    }
    guard case .python(.function) = raiser.function[base].operation else {
      return try unknown("a store into memory", id, &state)
    }
    let value = raiser.function.operand(1, of: id)
    // Counts say nothing; objects and the getter of defaults do.
    if let number = raiser.function.constant(value), raiser.program.image.isExecutable(number) {
      functions[Self.placeholder(base)]?.getter = number
      return
    }
    if let number = raiser.function.constant(value),
      ConstantExpressions(raiser.program).expression(number) == nil
    {
      return
    }
    let expression = try readBelowFunction(value, base, &state)
    functions[Self.placeholder(base)]?.fields[Int(clamping: offset)] = expression
  }

  /// Reads a value that was made before the function object that it is stored into.
  ///
  /// Defaults and annotations are stored one after the other, though all were made before.
  private func readBelowFunction(
    _ id: Instruction.ID, _ owner: Instruction.ID, _ state: inout State
  ) throws -> Expression {
    guard let index = state.stack.lastIndex(where: { $0.id == id }),
      state.stack[(index + 1)...].allSatisfy({ pending in
        if case .name(let name) = pending.expression, functions[name] != nil { return true }
        return isStored(pending.id, into: owner)
      })
    else { return try read([id], &state)[0] }
    return state.stack.remove(at: index).expression
  }

  /// Whether a value becomes a part of a function object in the block that makes that.
  private func isStored(_ value: Instruction.ID, into owner: Instruction.ID) -> Bool {
    guard let block = raiser.function[owner].block else { return false }
    return raiser.function[block].instructions.contains { id in
      guard raiser.function[id].operation == .machine(.store),
        raiser.function.operand(1, of: id) == value
      else { return false }
      let base = raiser.function.offset(raiser.function.operand(0, of: id)).base
      if base == owner { return true }
      guard case .python(.functionDefaults) = raiser.function[base].operation else { return false }
      return raiser.function.operand(0, of: base) == owner
    }
  }

  /// Marks a step that is not understood, or stops at it.
  private func unknown(
    _ reason: String, _ id: Instruction.ID, skipping count: Int = 0, _ state: inout State
  ) throws {
    guard isLenient else { throw failure(reason, id) }
    let operands = Array(raiser.function.operands(of: id).dropFirst(count)).filter { operand in
      state.stack.contains { $0.id == operand } || (try? expression(operand, state, [:])) != nil
    }
    let values = try read(operands, &state)
    try push(id, .notUnderstood(reason, values), &state)
  }

  static func placeholder(_ id: Instruction.ID) -> String { "\u{1}\(id.number)" }

  /// Puts a value on the stack, or into its variable.
  func push(
    _ id: Instruction.ID, _ expression: Expression, _ state: inout State,
    placement: Placement = .anywhere
  ) throws {
    let line = raiser.sites[id]?.line
    if variables.isVariable.contains(id), !isUnderConstruction(id) {
      try spillBelow(&state)
      return try assign(
        expression, toVariable: id, line: line ?? state.line, placement: placement, &state)
    }
    guard (uses[id] ?? 0) > 0 else {
      // A new empty container that nothing uses was made by Cython for itself.
      if [.list([]), .dictionary([]), .tuple([]), .set([])].contains(expression) { return }
      // So was a type that is compared with one that Cython handles in another way.
      if case .call(.name("type"), let arguments, []) = expression, arguments.count == 1,
        case .name = arguments[0]
      {
        return
      }
      return try emit(.expression(expression), line: line, &state)
    }
    state.stack.append(
      Pending(id: id, expression: expression, line: line, placement: placement))
  }

  private func spillBelow(_ state: inout State) throws {
    if !state.stack.isEmpty { try spill(&state) }
  }

  /// Adds a statement, behind everything that was evaluated before it.
  func emit(_ kind: Statement.Kind, line: Int?, _ state: inout State) throws {
    try spillBelow(&state)
    state.statements.append(Statement(kind, line: line ?? state.line))
  }

  private func step(
    _ id: Instruction.ID, _ operation: PythonOperation, _ state: inout State
  ) throws {
    let operands = raiser.operandsWithNone(of: id, operation)
    if unboxedParameter(id) != nil { return }
    if try closureStep(id, operation, operands, &state) { return }
    if operation == .asyncIterator {
      guard isRunByLoop(id) else { throw failure("an iterator that no loop runs", id) }
      return try push(id, try read(operands, &state)[0], &state)
    }
    if operation == .iterator {
      lowerEmptyDisplay(below: operands[0], &state)
      let value = try read(operands, &state)[0]
      return try push(id, isRunByLoop(id) ? value : .call(.name("iter"), [value], []), &state)
    }
    if operation == .set, operands.isEmpty, try setDisplay(id, &state) { return }
    if try appending(id, operation, &state) { return }
    if let simple = try simpleExpression(operation, operands, &state) {
      return try push(id, simple, &state, placement: placement(id, operation))
    }
    switch operation {
    case .truth, .notTruth:
      try truth(id, operands[0], operation == .notTruth, &state)
    case .call(let shape): try call(id, operands, raiser.function[shape], &state)
    case .callMethod(let name, let shape):
      let values = try read(operands, &state)
      let method = Expression.attribute(values[0], raiser.symbols[name])
      try push(
        id, self.call(method, operands, values, raiser.function[shape]), &state)
    case .format(let conversion):
      let values = try read(operands, &state)
      try push(id, formatted(values, conversion), &state)
    case .joinedString: try push(id, joined(try read(operands, &state)), &state)
    case .addEntry, .addEntries, .addItems, .appendToList, .addToSet, .addToDictionary:
      if displayedItems.contains(id) { return }
      try add(id, operation, operands, &state)
    case .next, .asyncNext: throw failure("an iterator that no loop runs", id)
    case .unpack:
      if unpackedByLoops.contains(id) { return }
      let value = try read(operands, &state)[0]
      let target = try unpackTarget(id, &state)
      try emit(.assign([target], value), line: raiser.sites[operands[0]]?.line, &state)
    case .element, .functionDefaults, .tryBegin, .finallyBegin, .saveHandled, .restoreHandled:
      return
    case .endHandled: try endHandling(id, &state)
    case .held: if (uses[id] ?? 0) > 0 { state.current[variables.name(of: id)] = id }
    case .caught(let part): try caught(id, part, &state)
    case .resume: try emit(.expression(.name(Self.resumePlaceholder)), line: nil, &state)
    case .exceptMatch:
      try push(id, .call(.name(Self.matchPlaceholder), try read(operands, &state), []), &state)
    default: try statement(id, operation, operands, &state)
    }
  }

  private func placement(_ id: Instruction.ID, _ operation: PythonOperation) -> Placement {
    guard case .binary(_, true) = operation else { return .anywhere }
    return raiser.textsInPlace.contains(id) ? .preferablyInPlace : .inPlace
  }

  /// Whether an iterator is a loop's own, so that nothing else sees it.
  private func isRunByLoop(_ iterator: Instruction.ID) -> Bool {
    var isRun = false
    for block in raiser.function.blockIDs {
      for id in raiser.function[block].instructions
      where raiser.function.operands(of: id).contains(iterator) {
        switch raiser.function[id].operation {
        case .python(.next), .python(.asyncNext):
          // A loop around would start again with the same iterator.
          guard !isRunAgain(block, raiser.function[iterator].block) else { return false }
          isRun = true
        case .python(.yieldFrom): isRun = true
        case .referenceCount: continue
        default: return false
        }
      }
      if let value = raiser.function[block].terminator.value,
        raiser.function.resolve(value) == iterator
      {
        return false
      }
    }
    return isRun
  }

  /// Whether a loop around a loop's head does not hold another block.
  private func isRunAgain(_ head: Block.ID, _ other: Block.ID?) -> Bool {
    loops.contains { outer, blocks in
      outer != head && blocks.contains(head) && !(other.map(blocks.contains) ?? true)
    }
  }

  /// Operations that are one expression of their operands, in their order.
  private func simpleExpression(
    _ operation: PythonOperation, _ operands: [Instruction.ID], _ state: inout State
  ) throws -> Expression? {
    func values() throws -> [Expression] { try read(operands, &state) }
    switch operation {
    case .global(let name), .className(let name):
      return .name(raiser.symbols[name])
    case .attribute(let name):
      let attribute = raiser.symbols[name]
      let object = try values()[0]
      // Cython looks that method up for a subscript (`__Pyx_PyObject_GetItem_Slow`).
      if attribute == "__class_getitem__", case .constant = object, let id = operands.first {
        throw failure("a subscript of a constant", id)
      }
      return isWritten(attribute: attribute)
        ? .attribute(object, attribute) : Self.call("getattr", object, attribute)
    case .item:
      let values = try values()
      return .item(values[0], values[1])
    case .slice:
      let parts = operands.filter { raiser.function.constant($0) != 0 }
      var values = try read(parts, &state)[...]
      let slots = operands.map { raiser.function.constant($0) == 0 ? nil : values.popFirst() }
      return .slice(
        slots[0].flatMap(Self.nonNone), slots[1].flatMap(Self.nonNone),
        slots[2].flatMap(Self.nonNone))
    case .binary(let binary, let isInPlace):
      var values = try values()
      if isInPlace, let name = onlyConstantName(operands[0], state) { values[0] = .name(name) }
      if binary == .add, values.contains(where: { $0.isFormatted || $0.isPossibleText }),
        values.allSatisfy({ $0.isFormatted || $0.isText || $0.isPossibleText })
      {
        return joined(values)
      }
      return .binary(values[0], binary.spelling, values[1])
    case .unary(let unary): return .unary(unary.spelling, try values()[0])
    case .compare(let comparison), .compareTruth(let comparison):
      let values = try values()
      return .comparison(values[0], [.init(comparison.spelling, values[1])])
    case .contains:
      let values = try values()
      return .comparison(values[0], [.init(.in, values[1])])
    case .isInstance: return .call(.name("isinstance"), try values(), [])
    case .isSubclass: return .call(.name("issubclass"), try values(), [])
    case .isCallable: return .call(.name("callable"), try values(), [])
    case .hasAttribute: return .call(.name("hasattr"), try values(), [])
    case .length, .entryCount: return .call(.name("len"), try values(), [])
    case .hash: return .call(.name("hash"), try values(), [])
    case .boxInteger where raiser.function.constant(operands[0]) != nil:
      return number(operands[0])
    case .boxInteger, .unboxInteger: return try values()[0]
    case .boxFloat:
      if raiser.function.constant(operands[0]) != nil { return try float(operands[0], state, [:]) }
      return try values()[0]
    case .boxBoolean:
      if raiser.function.constant(operands[0]) != nil { return try truth(operands[0], &state) }
      let value = try readCondition(operands[0], &state)
      let isTruth = value.isBoolean || isTruthVariable(operands[0])
      return isTruth ? value : .call(.name("bool"), [value], [])
    case .unboxFloat:
      if let last = state.stack.last, last.id == operands[0],
        case .call(.name("float"), _, _) = last.expression
      {
        return try values()[0]
      }
      return .call(.name("float"), try values(), [])
    case .tuple: return .tuple(try values())
    case .list: return .list(try values())
    case .set: return .set(try values())
    case .dictionary: return .dictionary([])
    default: return nil
    }
  }

  private static func nonNone(_ expression: Expression?) -> Expression? {
    expression == .some(.none) ? nil : expression
  }

  /// A truth test leaves its operand where it is if that may be the result.
  private func truth(
    _ id: Instruction.ID, _ operand: Instruction.ID, _ negates: Bool, _ state: inout State
  ) throws {
    let keeps = shared.contains(operand) && state.stack.last?.id == operand
    let value = try read([operand], &state, keeping: keeps ? [operand] : [])[0]
    // A test on which nothing depends asks the object all the same.
    guard (uses[id] ?? 0) > 0 else {
      let line = raiser.sites[id]?.line
      return try emit(.if(value, [Statement(.pass)], []), line: line, &state)
    }
    state.stack.append(
      Pending(id: id, expression: negates ? value.negated : value, line: raiser.sites[id]?.line))
  }

  // MARK: Calls

  private func call(
    _ id: Instruction.ID, _ operands: [Instruction.ID], _ shape: CallShape, _ state: inout State
  ) throws {
    if let written = writtenCalls.removeValue(forKey: id) { return try push(id, written, &state) }
    let values = try read(operands, &state)
    try push(id, call(values[0], operands, values, shape), &state)
  }

  /// A call of `callee`, with the arguments that come behind the first operand.
  private func call(
    _ callee: Expression, _ operands: [Instruction.ID], _ values: [Expression], _ shape: CallShape
  ) -> Expression {
    var arguments: [Expression] = []
    var keywords: [Expression.Keyword] = []
    for (argument, (operand, value)) in zip(shape.arguments, zip(operands, values).dropFirst()) {
      switch argument {
      case .positional:
        arguments.append(shape.arguments.count == 1 ? callee.iterable(value) : value)
      case .starred:
        // `f(*x)` makes a tuple of x.
        if case .call(.name("tuple"), let items, _) = value, items.count == 1 {
          arguments.append(.starred(items[0]))
        } else {
          arguments.append(.starred(value))
        }
      case .keyword(let name): keywords.append(.init(raiser.symbols[name], value))
      case .doubleStarred:
        let isCopy = raiser.dictionaryCopies.contains(operand)
        keywords += (isCopy ? Self.withoutCopy(value) : value).asKeywords
      }
    }
    return .call(callee, arguments, keywords)
  }

  /// A variable that is a dict is handed on as a copy behind `**`.
  private static func withoutCopy(_ value: Expression) -> Expression {
    if case .call(.attribute(let object, "copy"), [], []) = value, case .name = object {
      return object
    }
    return value
  }

  // MARK: Text

  private func formatted(_ values: [Expression], _ conversion: FormatConversion) -> Expression {
    var specification: [Expression.FormattedPart]?
    if values.count > 1 { specification = values[1].textParts }
    let kind: Expression.FormattedPart.Conversion? =
      switch conversion {
      case .none: nil
      case .string: .string
      case .representation: .representation
      case .ascii: .ascii
      }
    var value = values[0]
    var conversionKind = kind
    // `f'{o!r}'` calls repr first.
    if kind == nil, case .call(.name(let name), let arguments, let keywords) = value,
      arguments.count == 1, keywords.isEmpty,
      let found = [
        "str": Expression.FormattedPart.Conversion.string, "repr": .representation,
        "ascii": .ascii,
      ][name]
    {
      value = arguments[0]
      conversionKind = found
    }
    return .formatted([.value(value, conversionKind, specification)])
  }

  private func joined(_ values: [Expression]) -> Expression {
    Expression.formatted(values.flatMap(\.textParts).withEqualConversions).withPercentFormat
  }
}

extension FunctionStructurer {
  /// The parameter that a value is as a C number or truth value: one that is declared so is converted by
  /// itself.
  func unboxedParameter(_ id: Instruction.ID) -> Instruction.ID? {
    switch raiser.function[id].operation {
    case .python(.unboxFloat), .python(.unboxInteger): break
    case .python(.truth) where declaredTruths.contains(id): break
    default: return nil
    }
    let parameter = raiser.function.operand(0, of: id)
    if case .python(.parameter) = raiser.function[parameter].operation { return parameter }
    return nil
  }

  /// The truth tests that convert parameters which are declared `bool`, before anything in the body.
  ///
  /// The error of one has no line, or that of its parameter. Since Cython 3.1 code objects tell where a body
  /// starts.
  func findDeclaredTruths() -> Set<Instruction.ID> {
    guard let start = scope.bodyLine else { return [] }
    var result: Set<Instruction.ID> = []
    for block in flow.order {
      for id in raiser.function[block].instructions {
        if let line = raiser.sites[id]?.line, line >= start { return result }
        guard raiser.function[id].operation == .python(.truth),
          case .python(.parameter) = raiser.function[raiser.function.operand(0, of: id)].operation
        else { continue }
        result.insert(id)
      }
    }
    return result
  }

  /// The names of parameters that are declared to be truth values, and of shared variables that are.
  var truthParameters: Set<String> {
    Set(declaredTruths.compactMap { parameterName(raiser.function.operand(0, of: $0)) })
      .union(raiser.truthFields.map { scope.closures.name($0) })
  }

  /// The names of parameters that are declared to be floating-point numbers: they are converted to C
  /// `double`s, and nothing else reads them.
  var floatParameters: Set<String> {
    var converted: [Instruction.ID] = []
    for block in flow.order {
      for id in raiser.function[block].instructions
      where raiser.function[id].operation == .python(.unboxFloat) {
        converted.append(raiser.function.operand(0, of: id))
      }
    }
    return Set(converted.filter { uses[$0] == 1 }.compactMap { parameterName($0) })
  }
}

extension Raiser {
  /// The exception type that a value is, loaded from CPython's variable.
  func exceptionType(_ id: Instruction.ID) -> String? {
    function.exceptionName(id, view).flatMap {
      $0.hasPrefix("PyExc_") ? String($0.dropFirst(6)) : nil
    }
  }
}

extension [Expression.FormattedPart] {
  /// Parts of a `%` format, all of which are converted; a conversion of what is text is left out.
  fileprivate var withEqualConversions: Self {
    let hasConversion = contains { part in
      if case .value(_, .string?, nil) = part { true } else { false }
    }
    guard hasConversion else { return self }
    return map { part in
      if case .value(let value, nil, nil) = part { .value(value, .string, nil) } else { part }
    }
  }
}

extension Expression {
  /// Whether this is an f-string.
  fileprivate var isFormatted: Bool { if case .formatted = self { true } else { false } }

  fileprivate var isText: Bool { if case .constant(.string) = self { true } else { false } }
}

extension BinaryOperator {
  var spelling: Expression.BinaryOperator {
    switch self {
    case .add: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .matrixMultiply: .matrixMultiply
    case .divide: .divide
    case .floorDivide: .floorDivide
    case .remainder: .remainder
    case .power: .power
    case .leftShift: .leftShift
    case .rightShift: .rightShift
    case .and: .and
    case .or: .or
    case .exclusiveOr: .exclusiveOr
    }
  }
}

extension UnaryOperator {
  var spelling: Expression.UnaryOperator {
    switch self {
    case .negative: .negative
    case .positive: .positive
    case .invert: .invert
    }
  }
}

extension Comparison {
  var spelling: Expression.ComparisonOperator {
    switch self {
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .equal: .equal
    case .notEqual: .notEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    }
  }
}
