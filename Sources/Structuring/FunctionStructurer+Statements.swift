import Basics
import IR
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import Simplification

// Steps that are statements, and the definitions among them.
extension FunctionStructurer {
  func statement(
    _ id: Instruction.ID, _ operation: PythonOperation, _ operands: [Instruction.ID],
    _ state: inout State
  ) throws {
    let line = raiser.sites[id]?.line
    switch operation {
    case .storeGlobal(let name):
      try store(to: .name(raiser.symbols[name]), operands, line, &state)
    case .storeClassName(let name):
      try store(to: .name(raiser.symbols[name]), [operands[1]], line, &state)
    case .storeAttribute(let name):
      let values = try readTarget([operands[1], operands[0]], &state)
      let attribute = raiser.symbols[name]
      // Of C numbers `x.n += 1` and `x.n = x.n + 1` are the same.
      if lastPlacement == .anywhere, isSum(operands[1]) { lastPlacement = .preferablyInPlace }
      guard isWritten(attribute: attribute) else {
        let call = Self.call("setattr", values[1], attribute, [values[0]])
        return try emit(.expression(call), line: line, &state)
      }
      try assign(
        values[0], to: .attribute(values[1], attribute), line: line, placement: lastPlacement,
        &state)
      forgetLine(ofStore: id, &state)
    case .storeItem: try storeItem(id, operands, line, &state)
    case .deleteAttribute(let name):
      let values = try read(operands, &state)
      let attribute = raiser.symbols[name]
      guard isWritten(attribute: attribute) else {
        return try emit(
          .expression(Self.call("delattr", values[0], attribute)), line: line, &state)
      }
      try emit(.delete([.attribute(values[0], attribute)]), line: line, &state)
    case .deleteItem:
      if case .python(.classNamespace) = raiser.function[operands[0]].operation {
        guard case .string(let text)? = raiser.object(operands[1]), let name = text.string else {
          throw failure("a name in a class that is no constant", id)
        }
        return try emit(.delete([.name(name)]), line: line, &state)
      }
      let values = try read(operands, &state)
      try emit(.delete([.item(values[0], values[1])]), line: line, &state)
    case .deleteGlobal(let name), .deleteClassName(let name):
      try emit(.delete([.name(raiser.symbols[name])]), line: line, &state)
    case .raise where operands.isEmpty: try emit(.raise(nil, cause: nil), line: line, &state)
    case .raise:
      let values = try read(operands, &state)
      try emit(
        .raise(values[0], cause: values.count > 1 ? values[1] : nil), line: line, &state)
    case .readUnbound(let name, let isFree):
      guard let name = raiser.cText(at: name), Identifiers.isValid(name) else {
        throw failure("an unbound variable without a name", id)
      }
      try emit(.readUnbound(name, isFree: isFree), line: line, &state)
    case .failAssertion:
      var message = try read(operands, &state).first
      // A tuple holds the arguments of the exception.
      if case .tuple(let items)? = message, items.count == 1 { message = items[0] }
      try emit(
        .raise(
          .call(.name("\u{1}AssertionError"), message.map { [$0] } ?? [], []), cause: nil),
        line: line, &state)
    case .function: try function(id, &state)
    case .importModule, .importDotted, .importFrom:
      try importStep(id, operation, operands, &state)
    case .metaclass, .classNamespace, .makeClass:
      try classStep(id, operation, operands, &state)
    default: throw failure("an operation without a form", id)
    }
  }

  /// Says that nobody knows the line of a statement that stores what is at hand into a C structure: nothing in
  /// it can fail.
  private func forgetLine(ofStore id: Instruction.ID, _ state: inout State) {
    guard raiser.plainStores.contains(id), let last = state.statements.last,
      case .assign(let targets, let value) = last.kind, targets.count == 1
    else { return }
    switch value {
    case .constant, .name: state.statements[state.statements.count - 1].line = nil
    default: return
    }
  }

  /// Whether a value is the result of arithmetic with C numbers.
  private func isSum(_ id: Instruction.ID) -> Bool {
    guard case .python(.boxInteger) = raiser.function[id].operation else { return false }
    switch raiser.function[raiser.function.operand(0, of: id)].operation {
    case .machine(.add), .machine(.subtract), .machine(.multiply): return true
    default: return false
    }
  }

  /// Reads a value and the parts of a target; the value may come from an in-place operator.
  func readTarget(_ ids: [Instruction.ID], _ state: inout State) throws -> [Expression] {
    lastPlacement = .anywhere
    if let index = state.stack.lastIndex(where: { $0.id == ids[0] }) {
      lastPlacement = state.stack[index].placement
      state.stack[index].placement = .anywhere
    }
    return try read(ids, &state)
  }

  private func store(
    to target: Expression, _ operands: [Instruction.ID], _ line: Int?, _ state: inout State
  ) throws {
    if case .name(let name) = target, scope.kind == .function { globals.insert(name) }
    let value = try readTarget([operands[0]], &state)[0]
    try assign(value, to: target, line: line, placement: lastPlacement, &state)
  }

  private func storeItem(
    _ id: Instruction.ID, _ operands: [Instruction.ID], _ line: Int?, _ state: inout State
  ) throws {
    if case .python(.classNamespace) = raiser.function[operands[0]].operation {
      guard case .string(let text)? = raiser.object(operands[1]), let name = text.string else {
        throw failure("a name in a class that is no constant", id)
      }
      let value = try readTarget([operands[2]], &state)[0]
      return try assign(
        value, to: .name(name), line: line, placement: lastPlacement, &state)
    }
    if let type = raiser.function.constant(operands[0])
      .flatMap({ raiser.program.extensionTypes.type(withDictionary: $0) })
    {
      return try storeMember(of: type.name, operands, line, &state)
    }
    let values = try readTarget([operands[2], operands[0], operands[1]], &state)
    try assign(
      values[0], to: .item(values[1], values[2]), line: line, placement: lastPlacement, &state)
  }

  /// Writes what the body of an extension type defines into a class statement.
  ///
  /// The module's own code puts it into the type's dictionary piece by piece; the type itself was made
  /// before.
  private func storeMember(
    of type: String, _ operands: [Instruction.ID], _ line: Int?, _ state: inout State
  ) throws {
    guard case .string(let text)? = raiser.object(operands[1]), let name = text.string else {
      throw NotUnderstood("a name in a class that is no constant")
    }
    let value = try readTarget([operands[2]], &state)[0]
    try assign(value, to: .name(name), line: line, placement: lastPlacement, &state)
    let member = state.statements.removeLast()
    if case .class(var definition)? = state.statements.last?.kind, definition.name == type {
      definition.body.append(member)
      state.statements[state.statements.count - 1].kind = .class(definition)
    } else {
      state.statements.append(
        Statement(.class(ClassDefinition(name: type, body: [member])), line: nil))
    }
  }

  // MARK: Assignment

  /// Assigns to a name, attribute or item; functions, classes and imports bind their own names.
  func assign(
    _ value: Expression, to target: Expression, line: Int?, placement: Placement = .anywhere,
    _ state: inout State
  ) throws {
    if case .name(let name) = target {
      if try define(name, value, [], line, &state) { return }
      if try bindImport(name, value, line, &state) { return }
    }
    if placement != .anywhere, case .binary(target, let binary, let right) = value {
      return try emit(.augmentedAssign(target, binary, right), line: line, &state)
    }
    if placement == .inPlace {
      return try assignInPlace(value, to: target, line: line, &state)
    }
    try emit(.assign([target], value), line: line, &state)
  }

  /// Assigns what an in-place operator makes of another value than its target's.
  ///
  /// ```
  /// x = y op= z     →      x = y
  ///                        x op= z
  /// ```
  /// Compilers know what a variable was given.
  private func assignInPlace(
    _ value: Expression, to target: Expression, line: Int?, _ state: inout State
  ) throws {
    guard case .binary(let left, let binary, let right) = value, case .name(let name) = target,
      scope.kind == .function, !globals.contains(name), !nonlocals.contains(name),
      !cellNames.contains(name), !right.mentions({ $0 == name })
    else { throw NotUnderstood("an in-place operator on something else than its target") }
    try emit(.assign([target], left), line: nil, &state)
    try emit(.augmentedAssign(target, binary, right), line: line, &state)
  }

  /// Writes `def` or `class` if a value is a new function or class, decorated or not.
  private func define(
    _ name: String, _ value: Expression, _ decorators: [Expression], _ line: Int?,
    _ state: inout State
  ) throws -> Bool {
    switch value {
    case .name(let placeholder):
      if let reference = functions[placeholder] {
        var definition = try scope.define(reference)
        guard definition.name == name || reference.isPrivate(as: name) else { return false }
        definition.decorators = decorators
        if decorators.contains(where: \.isOverload), definition.body.allSatisfy(\.isIdle) {
          definition.body = [Statement(.expression(.constant(.ellipsis)))]
        }
        functions[placeholder] = nil
        try emit(.function(definition), line: nil, &state)
        return true
      }
      if let (definition, line) = finishedClasses[placeholder], definition.name == name {
        var definition = definition
        definition.decorators = decorators
        finishedClasses[placeholder] = nil
        try emit(.class(definition), line: line, &state)
        return true
      }
      return false
    case .call(let decorator, let arguments, let keywords)
    where arguments.count == 1 && keywords.isEmpty:
      return try define(name, arguments[0], decorators + [decorator], line, &state)
    default: return false
    }
  }

  private func function(_ id: Instruction.ID, _ state: inout State) throws {
    guard let reference = raiser.functionReference(id) else {
      throw failure("a function without a name", id)
    }
    let placeholder = Self.placeholder(id)
    functions[placeholder] = reference
    state.stack.append(
      Pending(id: id, expression: .name(placeholder), line: raiser.sites[id]?.line))
  }

  /// What waits, with a lambda in the place of what stands for it: its defaults are known once it is
  /// used.
  func finished(_ pending: Pending) throws -> Pending {
    guard case .name(let placeholder) = pending.expression,
      let reference = functions[placeholder], reference.isLambda
    else { return pending }
    functions[placeholder] = nil
    var result = pending
    result.expression = try lambda(reference, pending.id)
    return result
  }

  /// `lambda a: b` for a function that only returns.
  private func lambda(_ reference: FunctionReference, _ id: Instruction.ID) throws -> Expression {
    let definition = try scope.define(reference)
    switch definition.body.first?.kind {
    case nil: return .lambda(definition.parameters, .none)
    case .return(let value)? where definition.body.count == 1:
      return .lambda(definition.parameters, value ?? .none)
    case .expression(let value)? where definition.body.count == 1:
      return .lambda(definition.parameters, value)
    case .if?:
      guard let value = returned(by: definition.body[...]) else { fallthrough }
      return .lambda(definition.parameters, value)
    default:
      let reason = "a lambda whose body is not understood"
      guard isLenient else { throw failure(reason, id) }
      return .lambda(
        definition.parameters, .notUnderstood(reason))
    }
  }

  /// What statements return that do nothing but choose.
  private func returned(by statements: ArraySlice<Statement>) -> Expression? {
    switch statements.first?.kind {
    case .return(let value?)?: return value
    case .if(let test, let body, let rest)?:
      guard let first = returned(by: body[...]),
        let second = returned(by: rest.isEmpty ? statements.dropFirst() : rest[...])
      else { return nil }
      return .choice(test, first, second)
    default: return nil
    }
  }

  // MARK: Imports

  private func importStep(
    _ id: Instruction.ID, _ operation: PythonOperation, _ operands: [Instruction.ID],
    _ state: inout State
  ) throws {
    let placeholder = Self.placeholder(id)
    let line = raiser.sites[id]?.line
    switch operation {
    case .importModule(let name, let level):
      var names: [String]?
      if let list = operands.first {
        guard case .list(let items) = try read([list], &state)[0] else {
          throw failure("an import of names that are no constants", id)
        }
        names = items.compactMap {
          if case .constant(.string(let text)) = $0 { text.string } else { nil }
        }
      }
      importedModules[placeholder] = ImportedModule(
        name: raiser.symbols[name], level: Int(level), fromList: names, line: line)
    case .importDotted(let name):
      importedModules[placeholder] = ImportedModule(
        name: raiser.symbols[name], level: 0, fromList: ["*"], line: line)
    case .importFrom(let name):
      guard importedModules[Self.placeholder(operands[0])] != nil else {
        throw failure("a name taken from something else than an imported module", id)
      }
      if raiser.symbols[name] == "*" { return try importAll(from: operands[0], line, &state) }
      importedNames[placeholder] = (Self.placeholder(operands[0]), raiser.symbols[name])
    default: break
    }
    if variables.isVariable.contains(id), !isModule(operation) || (uses[id] ?? 0) == 0 {
      return try assign(.name(placeholder), toVariable: id, line: line, &state)
    }
    if isModule(operation) {
      // Names are taken from the module later; only its own binding waits on the stack.
      if importedModules[placeholder]?.fromList == nil || operation.isDotted
        || importedModules[placeholder]?.fromList == ["*"]
      {
        if variables.isVariable.contains(id) {
          return try assign(.name(placeholder), toVariable: id, line: line, &state)
        }
        state.stack.append(Pending(id: id, expression: .name(placeholder), line: line))
      }
      return
    }
    state.stack.append(Pending(id: id, expression: .name(placeholder), line: line))
  }

  /// Writes `from m import *`.
  private func importAll(
    from id: Instruction.ID, _ line: Int?, _ state: inout State
  ) throws {
    if state.stack.contains(where: { $0.id == id }) { _ = try read([id], &state) }
    guard let module = importedModules[Self.placeholder(id)] else {
      throw failure("all names of something else than an imported module", id)
    }
    try emit(
      .importFrom(module: module.name, level: max(module.level, 0), [.init("*")]),
      line: module.line ?? line, &state)
  }

  private func isModule(_ operation: PythonOperation) -> Bool {
    switch operation {
    case .importModule, .importDotted: true
    default: false
    }
  }

  /// Writes an import if a value is an imported module or a name of one.
  private func bindImport(
    _ name: String, _ value: Expression, _ line: Int?, _ state: inout State
  ) throws -> Bool {
    guard case .name(let placeholder) = value else { return false }
    if let module = importedModules[placeholder] {
      let top = String(module.name.split(separator: ".").first ?? "")
      if module.fromList == nil {
        let alias = name == top ? nil : name
        if alias != nil, module.name.contains(".") { return false }
        try emit(.import([.init(module.name, as: alias)]), line: module.line, &state)
      } else {
        let alias = name == module.name ? nil : name
        try emit(.import([.init(module.name, as: alias)]), line: module.line, &state)
      }
      return true
    }
    guard let (modulePlaceholder, imported) = importedNames[placeholder],
      let module = importedModules[modulePlaceholder]
    else { return false }
    let entry = Statement.ImportedName(imported, as: imported == name ? nil : name)
    if lastImport == modulePlaceholder, state.stack.isEmpty,
      case .importFrom(let path, let level, let names)? = state.statements.last?.kind
    {
      state.statements[state.statements.count - 1].kind = .importFrom(
        module: path, level: level, names + [entry])
    } else {
      try emit(
        .importFrom(module: module.name, level: max(module.level, 0), [entry]), line: module.line,
        &state)
      lastImport = modulePlaceholder
    }
    return true
  }

  // MARK: Classes

  private func classStep(
    _ id: Instruction.ID, _ operation: PythonOperation, _ operands: [Instruction.ID],
    _ state: inout State
  ) throws {
    switch operation {
    case .metaclass: return
    case .classNamespace(let name):
      // metaclass, bases, qualified name, keywords, docstring
      var construction = ClassUnderConstruction(
        name: raiser.symbols[name], start: state.statements.count, line: raiser.sites[id]?.line)
      // They wait in the order in which they were evaluated.
      let parts: Set<Instruction.ID> = [operands[0], operands[1], operands[3]]
      let waiting = state.stack.map(\.id).filter(parts.contains)
      let values = try read(waiting, &state)
      var expressions = Dictionary(uniqueKeysWithValues: zip(waiting, values))
      // What something came between is in variables.
      for part in operands[0...1] where expressions[part] == nil && isGiven(part) {
        expressions[part] = try expression(part, state, [:])
      }
      switch expressions[operands[1]] {
      case .tuple(let bases): construction.bases = bases
      case nil: break
      default: try noteMissing("a class with bases that are no display", id, &state)
      }
      if case .dictionary(let entries)? = expressions[operands[3]] {
        construction.keywords = entries.map { entry in
          if case .constant(.string(let text))? = entry.key, let name = text.string {
            return .init(name, entry.value)
          }
          return .init(nil, entry.value)
        }
      } else if expressions[operands[3]] != nil || isGiven(operands[3]) {
        try noteMissing("a class with keywords that are no display", id, &state)
      }
      if let metaclass = expressions[operands[0]],
        !construction.keywords.contains(where: { $0.name == "metaclass" })
      {
        construction.keywords.append(.init("metaclass", metaclass))
      }
      if case .string(let text)? = raiser.object(operands[4]) {
        construction.docstring = .string(text)
      }
      construction.suspended = state.stack
      state.stack = []
      classes[id] = construction
    case .makeClass:
      guard let construction = classes.removeValue(forKey: operands[2]),
        construction.start <= state.statements.count
      else { throw failure("a class without a namespace", id) }
      let definition = construction.finish(&state)
      let placeholder = Self.placeholder(id)
      finishedClasses[placeholder] = (definition, construction.line)
      if variables.isVariable.contains(id) {
        return try assign(.name(placeholder), toVariable: id, line: construction.line, &state)
      }
      state.stack.append(Pending(id: id, expression: .name(placeholder), line: construction.line))
    default: break
    }
  }

  /// Whether a part of a class statement stands in the source; compilers may know that there is none.
  private func isGiven(_ part: Instruction.ID) -> Bool {
    switch raiser.function[part].operation {
    case .python(.metaclass), .undefined, .after: false
    default: raiser.function.constant(part) != 0
    }
  }
}

extension PythonOperation {
  fileprivate var isDotted: Bool {
    if case .importDotted = self { true } else { false }
  }
}

extension Expression {
  /// Whether this is `typing.overload`: what it decorates is never run, and has no body.
  fileprivate var isOverload: Bool {
    switch self {
    case .name("overload"): true
    case .attribute(.name, "overload"): true
    default: false
    }
  }
}

extension Statement {
  fileprivate var isIdle: Bool { kind == .pass }
}
