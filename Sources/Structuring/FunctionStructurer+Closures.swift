import Analysis
import IR
import PythonSyntax
import Raising
import Simplification

// Variables in closure scopes, and generators.
extension FunctionStructurer {
  /// Writes a step that reads or writes a shared variable, or has to do with a generator.
  ///
  /// - Returns: whether it was one.
  func closureStep(
    _ id: Instruction.ID, _ operation: PythonOperation, _ operands: [Instruction.ID],
    _ state: inout State
  ) throws -> Bool {
    let line = raiser.sites[id]?.line
    switch operation {
    case .scope: return true
    case .cell(let field): try readCell(id, field, &state)
    case .storeCell(let field): try storeCell(field, operands[0], line, &state)
    case .deleteCell: throw failure("a shared variable that is deleted", id)
    case .generator(let body, _): try generator(id, body, operands[0], &state)
    case .runGenerator:
      try push(id, try read(operands, &state)[0], &state)
    case .yield, .yieldFrom:
      // An iterator that is not read here is that of the generator.
      let value = try read(operands, &state)[0]
      let result: Expression
      if operation == .yield {
        // What a coroutine gives to its loop comes from an `await`.
        if scope.closures.generatorKind == .coroutine {
          throw failure("a coroutine that yields", id)
        }
        result = .yield(value == .none ? nil : value)
      } else {
        result = scope.closures.generatorKind == .generator ? .yieldFrom(value) : .await(value)
      }
      try push(id, result, &state)
    default: return false
    }
    return true
  }

  private func readCell(
    _ id: Instruction.ID, _ field: ScopeField, _ state: inout State
  ) throws {
    let name = scope.closures.name(field)
    cellNames.insert(name)
    if variables.isVariable.contains(id) {
      // A local variable may hold what is in the shared one.
      guard variables.name(of: id) == name else { return try push(id, .name(name), &state) }
      state.current[name] = id
    } else {
      state.stack.append(Pending(id: id, expression: .name(name), line: raiser.sites[id]?.line))
    }
  }

  private func storeCell(
    _ field: ScopeField, _ value: Instruction.ID, _ line: Int?, _ state: inout State
  ) throws {
    if generatorTypes.contains(field.type) {
      // What a generator expression gets is written there.
      generatorArguments[field] = value
      return
    }
    let name = scope.closures.name(field)
    if !scope.closures.own.contains(field.type) { nonlocals.insert(name) }
    // The value is in the variable already.
    if state.current[name] == value { return }
    if parameterName(value) == name, state.current.change(of: name, from: value) == nil {
      state.current[name] = value
      return
    }
    if state.stack.contains(where: { $0.id == value && isDefinition($0) }) {
      try spill(&state)
      if state.current[name] == value { return }
    }
    let expression = try readTarget([value], &state)[0]
    try assign(expression, to: .name(name), line: line, placement: lastPlacement, &state)
    state.current[name] = value
  }

  /// The types of the scopes of the generators that the function makes.
  static func generatorTypes(_ raiser: Raiser) -> Set<UInt64> {
    var result: Set<UInt64> = []
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        guard case .python(.generator) = raiser.function[id].operation,
          let type = raiser.chain(of: raiser.function.operand(0, of: id))?.first
        else { continue }
        result.insert(type)
      }
    }
    return result
  }

  /// Gives values that are stored into a shared variable at once the variable's name.
  func nameCells() {
    for block in flow.order {
      var made: Set<Instruction.ID> = []
      var named: Set<Instruction.ID> = []
      for id in raiser.function[block].instructions {
        switch raiser.function[id].operation {
        case .python(.cell(let field)):
          if (uses[id] ?? 0) > 1, !variables.isReleased(id), holdsOnly(field, id) {
            variables.insert(id)
            variables.setName(scope.closures.name(field), of: id)
          }
        case .python(.storeCell(let field)):
          let value = raiser.function.operand(0, of: id)
          guard isNamed(value, made, in: block), named.insert(value).inserted else { continue }
          variables.insert(value)
          variables.setName(scope.closures.name(field), of: value)
        case .phi, .python(.element): made.insert(id)
        case .referenceCount, .undefined, .machine: continue
        default: made = [id]
        }
      }
    }
  }

  /// Whether nothing but what is read from a shared variable shares a variable with a value.
  private func holdsOnly(_ field: ScopeField, _ id: Instruction.ID) -> Bool {
    variables.members(of: id).allSatisfy { member in
      raiser.function[member].operation == .python(.cell(field)) || raiser.function.isPhi(member)
    }
  }

  /// Gives function objects, or what their decorators make of them, the names of the functions.
  ///
  /// A decorator is looked up before the function is made that it is called with.
  func nameDefinitions() {
    guard scope.kind == .function else { return }
    for block in flow.order {
      let steps = raiser.function[block].instructions
      for (index, id) in steps.enumerated() {
        guard let reference = raiser.functionReference(id),
          let name = reference.localName
        else { continue }
        var value = id
        for step in steps[(index + 1)...] {
          guard case .python(.call) = raiser.function[step].operation, readers(of: value) == 1,
            raiser.function.operandCount(of: step) == 2,
            raiser.function.operand(1, of: step) == value,
            steps[..<index].contains(raiser.function.operand(0, of: step))
          else { continue }
          value = step
        }
        if (uses[value] ?? 0) > 0 {
          variables.insert(value)
          variables.setName(String(name), of: value)
        }
      }
    }
  }

  /// How many steps read a value, other than to store something into it.
  private func readers(of value: Instruction.ID) -> Int {
    guard uses[value] != 1 else { return 1 }
    var count = 0
    for block in flow.order {
      for id in raiser.function[block].instructions {
        switch raiser.function[id].operation {
        case .machine, .referenceCount: continue
        default:
          if raiser.function.operands(of: id).contains(value) { count += 1 }
        }
      }
      if let result = raiser.function[block].terminator.value,
        raiser.function.resolve(result) == value
      {
        count += 1
      }
    }
    return count
  }

  /// Whether a value is a new function that is written by `def`.
  func isDefinition(_ pending: Pending) -> Bool {
    guard scope.kind == .function, variables.isVariable.contains(pending.id),
      case .name(let placeholder) = pending.expression
    else { return false }
    return functions[placeholder] != nil
  }

  /// Writes the definitions that what waits starts with: what is evaluated behind a definition is
  /// evaluated behind its statement.
  func writeDefinitions(_ state: inout State) throws {
    let definitions = state.stack.prefix(while: isDefinition)
    guard !definitions.isEmpty else { return }
    let rest = state.stack.dropFirst(definitions.count)
    state.stack = Array(definitions)
    try spill(&state)
    state.stack = Array(rest)
  }

  private func isNamed(
    _ value: Instruction.ID, _ made: Set<Instruction.ID>, in block: Block.ID
  ) -> Bool {
    switch raiser.function[value].operation {
    case .python(.next), .python(.asyncNext): return true
    case .python(.element): return made.contains(value)
    case .phi: return made.contains(value) && (uses[value] ?? 0) >= 1
    case .python(.cell), .python(.list), .python(.dictionary), .python(.set), .python(.function):
      return false
    default: return made.contains(value) && (uses[value] ?? 0) > 1 && !shared.contains(value)
    }
  }

  // MARK: Generator expressions

  private func generator(
    _ id: Instruction.ID, _ body: UInt64, _ closure: Instruction.ID, _ state: inout State
  ) throws {
    guard let types = raiser.chain(of: closure) else {
      throw failure("a generator whose scope is not known", id)
    }
    let code = try scope.closures.generator(body, types)
    guard var expression = Self.generatorExpression(code.statements), let type = types.first else {
      throw failure("a generator of an unknown form", id)
    }
    let arguments = code.arguments.compactMap {
      generatorArguments[ScopeField(type: type, offset: $0)]
    }
    guard arguments.count == code.arguments.count else {
      throw failure("a generator whose arguments are not known", id)
    }
    for (number, value) in try read(arguments, &state).enumerated() {
      let name = ClosureNames.argumentName(number)
      expression = expression.replacing { $0 == .name(name) ? value : nil }
    }
    guard !expression.mentions({ $0.hasPrefix(".") }) else {
      throw failure("a generator of an unknown form", id)
    }
    try push(id, expression, &state)
  }

  /// The expression that a body is the code of.
  ///
  /// ```
  /// for x in y: yield f(x)                           (f(x) for x in y)
  /// for x in y: if f(x): return True ‖ return False  →  any(f(x) for x in y)
  /// return [f(x) for x in y]                         list(f(x) for x in y)
  /// ```
  /// Cython runs generators that builtins read at once in place
  /// (`_handle_simple_function_any` in `Cython/Compiler/Optimize.py`).
  static func generatorExpression(_ statements: [Statement]) -> Expression? {
    guard let first = statements.first else { return nil }
    if case .return(let value?) = first.kind,
      case .comprehension(let kind, let item, let mapped, let generators) = value
    {
      switch kind {
      case .list:
        return .call(.name("list"), [.comprehension(.generator, item, value: nil, generators)], [])
      case .set:
        return .call(.name("set"), [.comprehension(.generator, item, value: nil, generators)], [])
      case .dictionary:
        guard let mapped else { return nil }
        let pair = Expression.tuple([item, mapped])
        return .call(.name("dict"), [.comprehension(.generator, pair, value: nil, generators)], [])
      case .generator: return nil
      }
    }
    var generators: [Expression.Generator] = []
    var kind = first.kind
    while true {
      switch kind {
      case .for(let target, let iterable, let items, let rest, let isAsync):
        let body = items.withoutContinue
        guard rest.isEmpty, body.count == 1 else { return nil }
        generators.append(.init(target, iterable, [], isAsync: isAsync))
        kind = body[0].kind
      case .if(let test, let items, let rest):
        let body = items.withoutContinue
        guard rest.isEmpty, body.count == 1, let last = generators.popLast() else { return nil }
        if case .return(let result?) = body[0].kind {
          generators.append(last)
          return quantifier(test, result, generators, statements.dropFirst())
        }
        generators.append(
          .init(last.target, last.iterable, last.conditions + [test], isAsync: last.isAsync))
        kind = body[0].kind
      case .expression(.yield(let value)):
        guard statements.dropFirst().allSatisfy({ $0.kind == .return(nil) }) else { return nil }
        return .comprehension(.generator, value ?? .none, value: nil, generators)
      default: return nil
      }
    }
  }

  /// `any(…)` or `all(…)`, by what is returned where the test holds, and behind the loop.
  private static func quantifier(
    _ test: Expression, _ result: Expression, _ generators: [Expression.Generator],
    _ rest: ArraySlice<Statement>
  ) -> Expression? {
    guard rest.count == 1, case .return(let other?)? = rest.first?.kind else { return nil }
    let (name, item): (String, Expression)
    switch (result, other) {
    case (.constant(.true), .constant(.false)): (name, item) = ("any", test)
    case (.constant(.false), .constant(.true)): (name, item) = ("all", test.negated)
    default: return nil
    }
    return .call(.name(name), [.comprehension(.generator, item, value: nil, generators)], [])
  }
}

extension Expression {
  /// An argument of a call of this, without the list that Cython makes of a generator before it calls
  /// something that takes any iterable: `''.join(…)`, `tuple(…)`
  /// (`_handle_simple_method_unicode_join` in `Cython/Compiler/Optimize.py`).
  func iterable(_ argument: Expression) -> Expression {
    guard case .call(.name("list"), let items, _) = argument, items.count == 1,
      case .comprehension(.generator, _, _, _) = items[0]
    else { return argument }
    switch self {
    case .attribute(_, "join"), .name("tuple"), .name("sorted"), .name("frozenset"):
      return items[0]
    default: return argument
    }
  }
}

extension [Statement] {
  /// One statement for `if x: continue` and what follows it: `if not x: …`.
  fileprivate var withoutContinue: [Statement] {
    guard count == 2, case .if(let test, let body, let rest) = self[0].kind, rest.isEmpty,
      body.count == 1, body[0].kind == .continue
    else { return self }
    return [Statement(.if(test.negated, [self[1]], []), line: self[0].line)]
  }
}
