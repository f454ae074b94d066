import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import RuntimeModel
import Simplification
import Spelling
import Structuring

// Functions in functions, and generators.
extension FunctionDecompiler {
  /// Where the statements of a function start: behind the parsing of its arguments, or in the body of
  /// the generator that it makes.
  func bodyStart(
    _ reference: FunctionReference, _ code: CodeObject, _ wrapper: UInt64
  ) throws(NotUnderstood) -> EntryState {
    let start = try innerStart(reference, code, wrapper)
    guard let raiser = raised(from: start),
      let generator = raiser.returnedGenerator(named: reference.name)
    else {
      // Generators, coroutines and asynchronous generators: Include/cpython/code.h.
      guard code.flags & 0x2A0 == 0 else {
        throw NotUnderstood("a generator that is made in an unknown way", at: wrapper)
      }
      return start
    }
    if generator.kind != .generator { asyncDefinitions.insert(reference.definition) }
    let (body, scopes) = (generator.body, generator.scopes)
    let around = namesAround(scopes)
    let candidates = code.generatorNames.map { names in
      names.filter { !around.contains($0) || code.parameterNames.contains($0) }
    }
    var first: EntryState?
    for names in candidates {
      var state = EntryState(
        generatorBody: body, kind: generator.kind, scopes: scopes,
        parameters: raiser.parametersInCells(of: scopes.first), variableCount: names.count,
        machine: module.program.machine, layout: layout)
      state.starParameter = start.starParameter
      guard let inner = raised(from: state) else {
        throw NotUnderstood(problems[body] ?? "a generator's body", at: body)
      }
      learnNames(inner)
      nameParameters(of: state, code)
      if nameFields(of: scopes, names) { return state }
      first = first ?? state
    }
    return first ?? start
  }

  /// The fields that a generator's parameters are stored into are known by that.
  private func nameParameters(of state: EntryState, _ code: CodeObject) {
    guard let type = state.closure?.types.first, let parameters = state.generatorScope?.parameters
    else { return }
    for (offset, parameter) in parameters where parameter < code.parameterNames.count {
      cellNames[ScopeField(type: type, offset: offset)] = code.parameterNames[parameter]
    }
  }

  private func innerStart(
    _ reference: FunctionReference, _ code: CodeObject, _ wrapper: UInt64
  ) throws(NotUnderstood) -> EntryState {
    let start = try entry(reference, code, wrapper)
    return forwardedStart(start) ?? start
  }

  /// Where a function's own code starts if its wrapper only hands its arguments on: calls of inner
  /// functions that are known go there directly.
  private func forwardedStart(_ start: EntryState) -> EntryState? {
    guard let raiser = raised(from: start) else { return nil }
    let machine = module.program.machine
    if let forwarding = raiser.forwarding, let result = raiser.result(of: forwarding),
      let required = words(of: forwarding.arguments, start, raiser),
      let optional = words(of: forwarding.optional, start, raiser)
        .flatMap({ start.words(ofStructureAt: forwarding.structure, layout) ?? $0 })
    {
      var state = EntryState(
        start, forwardingTo: forwarding.target, required, optional: optional, machine, layout)
      state.result = result
      state.parameterTypes = raiser.testedParameterTypes
      return state
    }
    let blocks = raiser.function.reversePostorder()
    guard blocks.count == 1, case .return(let value) = raiser.function[blocks[0]].terminator else {
      return nil
    }
    let call = raiser.function.resolve(value)
    guard raiser.function[call].operation == .call,
      let target = raiser.function.constant(raiser.function.operand(0, of: call)),
      module.image.isExecutable(target), module.program.function(at: target) != nil
    else { return nil }
    for id in raiser.function[blocks[0]].instructions where id != call {
      switch raiser.function[id].operation {
      case .phi, .referenceCount, .undefined, .python(.parameter): continue
      default: return nil
      }
    }
    return words(of: Array(raiser.function.operands(of: call).dropFirst()), start, raiser).map {
      var state = EntryState(start, forwardingTo: target, $0, machine, layout)
      state.parameterTypes = raiser.testedParameterTypes
      return state
    }
  }

  /// What stands for values that are parameters or constants.
  private func words(
    of values: [Instruction.ID], _ start: EntryState, _ raiser: Raiser
  ) -> [UInt64]? {
    var words: [UInt64] = []
    for value in values.map({ raiser.function.resolve($0) }) {
      if case .python(.parameter(let number)) = raiser.function[value].operation {
        guard let word = start.parameters.filter({ $0.value == Int(number) }).keys.min() else {
          return nil
        }
        words.append(word)
      } else if let number = raiser.function.constant(value) {
        words.append(number)
      } else {
        return nil
      }
    }
    return words
  }

  /// Where the variables of a scope start; a pointer to the scope around it may stand before them.
  func firstField(of scopes: [UInt64]) -> UInt64 { layout.field(scopes.count > 1 ? 1 : 0) }

  /// The names of variables in the scopes around the innermost one.
  private func namesAround(_ scopes: [UInt64]) -> Set<String> {
    let outer = Set(scopes.dropFirst())
    return Set(cellNames.filter { outer.contains($0.key.type) }.values)
  }

  /// Gives the fields of a generator's scope the names of its variables, which stand there sorted
  /// (`generate_closure…` sorts entries by name in `Cython/Compiler/ParseTreeTransforms.py`).
  ///
  /// Of several fields for one name, the last one belongs to the function or to its last comprehension.
  ///
  /// - Returns: whether that agrees with what else is known of them.
  private func nameFields(of scopes: [UInt64], _ names: [String]) -> Bool {
    guard let type = scopes.first else { return false }
    var fields: [ScopeField: String] = [:]
    var last: [String: ScopeField] = [:]
    var offset = firstField(of: scopes)
    for name in names.sorted(by: {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }) {
      let field = field(at: offset, of: type)
      fields[field] = name
      last[name] = field
      offset = field.offset + width(of: field)
    }
    // Evidence of another order means that there are other fields.
    let isConsistent = cellNames.allSatisfy { field, name in
      field.type != type || fields[field] == name
    }
    guard isConsistent else { return false }
    for (name, field) in last { cellNames[field] = cellNames[field] ?? name }
    return true
  }

  /// The field that starts at a place of a scope, or behind the gap there: objects stand at whole words,
  /// truth values at halves of them.
  private func field(at offset: UInt64, of type: UInt64) -> ScopeField {
    let field = ScopeField(type: type, offset: offset)
    if truthFields.contains(field) { return field }
    let size = layout.words(1)
    return ScopeField(type: type, offset: (offset + size - 1) / size * size)
  }

  private func width(of field: ScopeField) -> UInt64 {
    truthFields.contains(field) ? 4 : layout.words(1)
  }

  /// Learns the names of variables that a function and those in it share.
  func learnNames(_ raiser: Raiser, depth: Int = 0) {
    cellNames.merge(raiser.namesOfCells()) { known, _ in known }
    truthFields.formUnion(raiser.truthFields)
    guard depth < 6 else { return }
    for generator in raiser.generators {
      guard let inner = raised(from: state(of: generator, in: raiser)) else { continue }
      learnNames(inner, depth: depth + 1)
    }
    for reference in raiser.functions where reference.scopes?.isEmpty == false {
      guard let code = codeObject(reference),
        let start = try? innerStart(
          reference, code,
          module.program.word(at: reference.definition &+ layout.methodFunction) ?? 0),
        let inner = raised(from: start)
      else { continue }
      guard let generator = inner.returnedGenerator(named: reference.name) else {
        learnNames(inner, depth: depth + 1)
        continue
      }
      let state = EntryState(
        generatorBody: generator.body, kind: generator.kind, scopes: generator.scopes,
        parameters: inner.parametersInCells(of: generator.scopes.first),
        machine: module.program.machine, layout: layout)
      if let body = raised(from: state) { learnNames(body, depth: depth + 1) }
    }
  }

  /// Where the body of a generator expression starts that a function makes.
  func state(of generator: MadeGenerator, in raiser: Raiser) -> EntryState {
    EntryState(
      generatorBody: generator.body, kind: generator.kind, scopes: generator.scopes,
      parameters: raiser.argumentFields(of: generator.scopes.first),
      machine: module.program.machine, layout: layout)
  }

  /// Learns the names of the scopes that a function makes for its inner functions.
  func learnNames(_ raiser: Raiser, _ code: CodeObject) {
    learnNames(raiser)
    for (field, parameter) in raiser.parametersInCells where parameter < code.parameterCount {
      cellNames[field] = cellNames[field] ?? code.parameterNames[parameter]
    }
    for (field, name) in raiser.functionsInCells {
      cellNames[field] = cellNames[field] ?? name
    }
    let generators = Set(raiser.generators.compactMap(\.scopes.first))
    for type in raiser.scopeTypes where !generators.contains(type) {
      solveNames(of: type, raiser, code)
    }
  }

  /// Names fields between others whose names are known: names stand there sorted.
  private func solveNames(of type: UInt64, _ raiser: Raiser, _ code: CodeObject) {
    let start: UInt64 = layout.field(raiser.outerScopes[type] == nil ? 0 : 1)
    guard let size = module.image.pointer(at: type &+ layout.typeBasicSize), size > start,
      size < 0x800
    else { return }
    var offsets: [UInt64] = []
    var next = field(at: start, of: type)
    while next.offset < size {
      offsets.append(next.offset)
      next = field(at: next.offset + width(of: next), of: type)
    }
    let known = offsets.map { cellNames[ScopeField(type: type, offset: $0)] }
    let names = Set(code.parameterNames + code.localNames).subtracting(raiser.privateNames).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    var index = 0
    while index < offsets.count {
      guard known[index] == nil else {
        index += 1
        continue
      }
      let end = known[index...].firstIndex { $0 != nil } ?? offsets.count
      let low = index > 0 ? known[index - 1].flatMap { names.firstIndex(of: $0) } : -1
      let high = end < offsets.count ? known[end].flatMap { names.firstIndex(of: $0) } : names.count
      if let low, let high, high - low - 1 == end - index {
        for position in index..<end {
          let name = names[low + 1 + position - index]
          cellNames[ScopeField(type: type, offset: offsets[position])] = name
        }
      }
      index = end
    }
  }

  /// The variables that a function binds itself, if any of its statements reads them.
  func ownVariables(_ start: EntryState, _ code: CodeObject) -> Set<String> {
    let isGenerator = start.closure?.generator != nil
    let types = start.closure?.types ?? []
    let outer = Set(types.dropFirst(isGenerator ? 1 : 0))
    let around = cellNames.merging(inventedCells) { known, _ in known }
      .filter { outer.contains($0.key.type) }.values
    let own = Set(code.localNames).union(inventedCells.values)
    return own.subtracting(code.parameterNames).subtracting(around)
  }

  /// A name for the variable in a field, which no other field has.
  private func inventedName(of field: ScopeField) -> String {
    if let name = inventedCells[field] { return name }
    let base = "_cell\(field.offset / layout.words(1))"
    let taken = inventedCells.filter { $0.key.offset == field.offset }.count
    let name = taken == 0 ? base : "\(base)_\(taken + 1)"
    inventedCells[field] = name
    return name
  }

  // MARK: Structuring

  func structuringScope(
    _ scope: Scope, _ raiser: Raiser, _ start: EntryState
  ) -> StructuringScope {
    var own = Set(raiser.scopeTypes)
    if start.closure?.generator != nil, let type = start.closure?.types.first { own.insert(type) }
    let closures = ClosureNames(
      generatorKind: start.generatorScope?.kind, own: own,
      name: { [unowned self] field in
        cellNames[field] ?? inventedName(of: field)
      },
      fieldName: { [unowned self] offset in
        start.closure?.types.first.flatMap { cellNames[ScopeField(type: $0, offset: offset)] }
      },
      generator: { [unowned self] in try generatorBody(in: raiser, $0, $1) })
    func make(
      _ kind: StructuringScope.Kind, _ code: CodeObject?, arguments: [String]? = nil
    ) -> StructuringScope {
      // Each variable of a generator expression has a field, which its code may do without.
      let cells = arguments == nil ? nil : raiser.cells
      let shared = Set(
        cellNames.filter { own.contains($0.key.type) && cells?.contains($0.key) ?? true }.values)
      return StructuringScope(
        kind: kind, parameters: arguments ?? code?.parameterNames ?? [],
        variables: code?.localNames.filter { !shared.contains($0) } ?? [],
        listedNames: code?.listedNames ?? [],
        keywordParameter: code.flatMap { $0.flags & 8 != 0 ? $0.parameterNames.last : nil },
        bodyLine: code.flatMap { Self.bodyLine(of: $0) },
        closures: closures,
        define: { [unowned self] in definition($0) })
    }
    switch scope {
    case .module: return make(.module, nil)
    case .function(let code):
      learnNames(raiser, code)
      return make(.function, code)
    case .generatorExpression(let code):
      learnNames(raiser)
      let arguments = start.generatorScope?.parameters.count ?? 0
      return make(
        .function, code, arguments: (0..<arguments).map(ClosureNames.argumentName))
    }
  }

  /// The line of the first node behind the head of a function, where positions are listed.
  private static func bodyLine(of code: CodeObject) -> Int? {
    guard !code.lineTable.isEmpty,
      let table = PositionTable(code.lineTable, firstLine: code.firstLine)
    else { return nil }
    return table.positions.first { $0.line > code.firstLine }?.line
  }

  /// The statements of a generator expression that a function makes, and the fields of its scope with
  /// its arguments.
  private func generatorBody(
    in raiser: Raiser, _ address: UInt64, _ scopes: [UInt64]
  ) throws(NotUnderstood) -> GeneratorExpressionBody {
    guard let generator = raiser.generators.first(where: { $0.body == address }) else {
      throw NotUnderstood("a generator of an unknown form", at: address)
    }
    let start = state(of: generator, in: raiser)
    let arguments = raiser.argumentFields(of: scopes.first)
    if let code = generator.code { nameFields(of: scopes, besides: Set(arguments.keys), code) }
    let statements = try body(
      from: start, scope: .generatorExpression(generator.code), isLenient: false)
    return GeneratorExpressionBody(
      statements: statements, arguments: arguments.sorted { $0.value < $1.value }.map(\.key))
  }

  /// Gives the fields of a generator expression's scope the names of its variables, if there are as many.
  private func nameFields(
    of scopes: [UInt64], besides arguments: Set<UInt64>, _ code: CodeObject
  ) {
    guard let type = scopes.first,
      let size = module.image.pointer(at: type &+ layout.typeBasicSize), size < 0x800
    else { return }
    let start = firstField(of: scopes)
    let fields = stride(from: start, to: max(start, size), by: UInt64.Stride(layout.pointerSize))
      .filter { !arguments.contains($0) }
    let names = code.localNames.sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    guard fields.count == names.count else { return }
    for (offset, name) in zip(fields, names) {
      let field = ScopeField(type: type, offset: offset)
      cellNames[field] = cellNames[field] ?? name
    }
  }
}

extension CodeObject {
  /// What the variables of a generator that live in its scope may be, the likeliest first.
  ///
  /// A variable of a comprehension has a field of its own even if another one has its name, and all
  /// generator expressions have one called `genexpr` together, though it is listed for each of them.
  var generatorNames: [[String]] {
    var all = parameterNames
    var hasExpression = false
    for name in variableNames.dropFirst(parameterCount) {
      let name = Identifiers.sanitized(name.string ?? "")
      if name == "lambda" || name == "genexpr" && hasExpression { continue }
      if name == "genexpr" { hasExpression = true }
      all.append(name)
    }
    let unique = parameterNames + localNames
    return [all, unique + (hasExpression ? ["genexpr"] : []), unique].reduce(into: []) {
      if !$0.contains($1) { $0.append($1) }
    }
  }
}
