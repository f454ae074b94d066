import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import RuntimeModel
import Structuring

// Functions in functions, and generators.
extension FunctionDecompiler {
  /// Where the statements of a function start: behind the parsing of its arguments, or in the body of
  /// the generator that it makes.
  func bodyStart(
    _ reference: FunctionReference, _ code: CodeObject, _ wrapper: UInt64
  ) throws(NotUnderstood) -> EntryState {
    let start = try entry(reference, code, wrapper)
    guard let raiser = raised(from: start),
      let (body, scopes) = raiser.returnedGenerator(named: reference.name)
    else {
      guard code.flags & 0x20 == 0 else {
        throw NotUnderstood("a generator that is made in an unknown way", at: wrapper)
      }
      return start
    }
    let names = code.generatorNames(without: namesAround(scopes))
    var parameters: [UInt64: Int] = [:]
    for (field, parameter) in raiser.parametersInCells where field.type == scopes.first {
      parameters[field.offset] = parameter
    }
    let state = EntryState(
      generatorBody: body, scopes: scopes, parameters: parameters, variableCount: names.count,
      machine: module.program.machine, layout: layout)
    guard let inner = raised(from: state) else {
      throw NotUnderstood(problems[body] ?? "a generator's body", at: body)
    }
    learnNames(inner)
    nameFields(of: scopes, names)
    return state
  }

  /// Where the variables of a scope start; a pointer to the scope around it may stand before them.
  func firstField(of scopes: [UInt64]) -> UInt64 { layout.words(scopes.count > 1 ? 3 : 2) }

  /// The names of variables in the scopes around the innermost one.
  private func namesAround(_ scopes: [UInt64]) -> Set<String> {
    let outer = Set(scopes.dropFirst())
    return Set(cellNames.filter { outer.contains($0.key.type) }.values)
  }

  /// Gives the fields of a generator's scope the names of its variables, which stand there sorted
  /// (`generate_closure…` sorts entries by name in `Cython/Compiler/ParseTreeTransforms.py`).
  private func nameFields(of scopes: [UInt64], _ names: [String]) {
    guard let type = scopes.first else { return }
    let start = firstField(of: scopes)
    var fields: [ScopeField: String] = [:]
    for (index, name) in names.sorted(by: {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }).enumerated() {
      fields[ScopeField(type: type, offset: start + layout.words(index))] = name
    }
    // Evidence of another order means that there are other fields.
    let isConsistent = cellNames.allSatisfy { field, name in
      field.type != type || fields[field] == nil || fields[field] == name
    }
    if isConsistent { cellNames.merge(fields) { known, _ in known } }
  }

  /// Learns the names of variables that a function and those in it share.
  func learnNames(_ raiser: Raiser, depth: Int = 0) {
    cellNames.merge(raiser.namesOfCells()) { known, _ in known }
    guard depth < 6 else { return }
    for (body, scopes) in raiser.generators {
      let state = EntryState(
        generatorBody: body, scopes: scopes, machine: module.program.machine, layout: layout)
      if let inner = raised(from: state) { learnNames(inner, depth: depth + 1) }
    }
    for reference in raiser.functions where reference.scopes?.isEmpty == false {
      guard let code = codeObject(reference),
        let start = try? entry(
          reference, code,
          module.program.word(at: reference.definition &+ layout.methodFunction) ?? 0),
        let inner = raised(from: start)
      else { continue }
      learnNames(inner, depth: depth + 1)
    }
  }

  /// Learns the names of the scopes that a function makes for its inner functions.
  func learnNames(_ raiser: Raiser, _ code: CodeObject) {
    learnNames(raiser)
    for (field, parameter) in raiser.parametersInCells where parameter < code.parameterCount {
      cellNames[field] = cellNames[field] ?? code.parameterNames[parameter]
    }
    let generators = Set(raiser.generators.compactMap(\.scopes.first))
    for type in raiser.scopeTypes where !generators.contains(type) {
      solveNames(of: type, raiser, code)
    }
  }

  /// Names fields between others whose names are known: names stand there sorted.
  private func solveNames(of type: UInt64, _ raiser: Raiser, _ code: CodeObject) {
    let start: UInt64 = layout.words(raiser.outerScopes[type] == nil ? 2 : 3)
    guard let size = module.image.pointer(at: type &+ layout.typeBasicSize), size > start,
      size < 0x800
    else { return }
    let offsets = Array(stride(from: start, to: size, by: layout.pointerSize))
    let known = offsets.map { cellNames[ScopeField(type: type, offset: $0)] }
    let names = Set(code.parameterNames + code.localNames).sorted {
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

  // MARK: Structuring

  func structuringScope(
    _ scope: Scope, _ raiser: Raiser, _ start: EntryState
  ) -> StructuringScope {
    var own = Set(raiser.scopeTypes)
    if start.closure?.generator != nil, let type = start.closure?.types.first { own.insert(type) }
    var invented: [ScopeField: String] = [:]
    let closures = ClosureNames(
      isGenerator: start.closure?.generator != nil, own: own,
      name: { [unowned self] field in
        if let name = cellNames[field] { return name }
        let name = invented[field] ?? "_cell\(field.offset / layout.words(1))"
        invented[field] = name
        return name
      },
      fieldName: { [unowned self] offset in
        start.closure?.types.first.flatMap { cellNames[ScopeField(type: $0, offset: offset)] }
      },
      generator: { [unowned self] in try generatorBody($0, $1) })
    func make(_ kind: StructuringScope.Kind, _ code: CodeObject?) -> StructuringScope {
      let shared = Set(cellNames.filter { own.contains($0.key.type) }.values)
      return StructuringScope(
        kind: kind, parameters: code?.parameterNames ?? [],
        variables: code?.localNames.filter { !shared.contains($0) } ?? [], closures: closures,
        define: { [unowned self] in definition($0) })
    }
    switch scope {
    case .module: return make(.module, nil)
    case .function(let code):
      learnNames(raiser, code)
      return make(.function, code)
    case .generatorExpression(let code):
      learnNames(raiser)
      return make(.function, code)
    }
  }

  /// The statements of a generator expression.
  private func generatorBody(
    _ address: UInt64, _ scopes: [UInt64]
  ) throws(NotUnderstood) -> [Statement] {
    let start = EntryState(
      generatorBody: address, scopes: scopes, machine: module.program.machine, layout: layout)
    return try body(from: start, scope: .generatorExpression(nil), isLenient: false)
  }
}

extension CodeObject {
  /// The variables of a generator that live in its scope.
  func generatorNames(without outer: Set<String>) -> [String] {
    (parameterNames + localNames).filter { !outer.contains($0) || parameterNames.contains($0) }
  }
}

extension Raiser {
  /// The generators that the function makes: their bodies, and the types of their scopes.
  var generators: [(body: UInt64, scopes: [UInt64])] {
    var result: [(body: UInt64, scopes: [UInt64])] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .python(.generator(let body)) = function[id].operation,
          let scopes = chain(of: function.operand(0, of: id))
        else { continue }
        result.append((body, scopes))
      }
    }
    return result
  }

  /// The generator that the function returns, if it is one that is named like the function itself;
  /// Cython 0.29 does not mark the code objects of generators.
  func returnedGenerator(named name: String) -> (body: UInt64, scopes: [UInt64])? {
    for block in function.reversePostorder() {
      guard case .return(let value) = function[block].terminator else { continue }
      let generator = function.resolve(value)
      guard case .python(.generator(let body)) = function[generator].operation,
        case .string(let text)? = object(function.operand(1, of: generator)), text.string == name,
        let scopes = chain(of: function.operand(0, of: generator))
      else { continue }
      return (body, scopes)
    }
    return nil
  }

  /// The function objects that the function makes.
  var functions: [FunctionReference] {
    var result: [FunctionReference] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if let reference = functionReference(id) { result.append(reference) }
      }
    }
    return result
  }

  /// The parameters that are stored into scopes.
  var parametersInCells: [ScopeField: Int] {
    var result: [ScopeField: Int] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .python(.storeCell(let field)) = function[id].operation,
          case .python(.parameter(let number)) = function[function.operand(0, of: id)].operation,
          result[field] == nil
        else { continue }
        result[field] = Int(number)
      }
    }
    return result
  }

  /// The types of the scopes that the function makes.
  var scopeTypes: [UInt64] {
    var result: [UInt64] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .python(.scope(let type)) = function[id].operation, !result.contains(type) {
          result.append(type)
        }
      }
    }
    return result
  }
}
