import Basics
import BinaryFormats
package import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Closure scopes, and the functions and generators that get them.
extension Raiser {
  /// The parameters that are stored into scopes.
  package var parametersInCells: [ScopeField: Int] {
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

  /// Makes the creation of closure scopes, and what is read from and stored into them, operations.
  ///
  /// ```c
  /// scope = (struct scope *) type.tp_new(&type, empty_tuple, NULL);     %9 = python.scope
  /// scope->x = v; … scope->x …                                      →   python.storeCell(x) %v …
  /// ```
  /// `generate_function_definitions` in `Cython/Compiler/Nodes.py`.
  func raiseScopes() {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .call {
        guard let type = typeOfNewScope(id) else { continue }
        become(id, .scope(type: type), [])
      }
    }
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .machine(.load) where function.isWord(id):
          guard let field = field(at: function.operand(0, of: id)) else { continue }
          if field.offset == function.layout.fields, let outer = outerValues[field.type] {
            function.forward(id, to: outer)
          } else {
            become(id, .cell(field), [])
          }
        case .machine(.store):
          guard let field = field(at: function.operand(0, of: id)) else { continue }
          raiseStore(id, field)
        default: continue
        }
      }
    }
  }

  private func typeOfNewScope(_ call: Instruction.ID) -> UInt64? {
    let target = function.operand(0, of: call)
    guard function[target].operation == .machine(.load),
      let slot = function.constant(function.operand(0, of: target)),
      let type = function.argument(0, of: call).flatMap({ function.constant($0) }),
      // `tp_alloc` in Include/cpython/object.h.
      slot == type &+ function.layout.offset(of: .allocate), isScopeType(type)
    else { return nil }
    return type
  }

  /// Whether a static type is that of a closure scope, by its name.
  func isScopeType(_ type: UInt64) -> Bool {
    guard let name = program.image.pointer(at: type &+ function.layout.typeName),
      let bytes = program.image.cString(at: name)
    else { return false }
    return String(decoding: bytes, as: UTF8.self).contains("__pyx_scope_struct_")
  }

  func field(at address: Instruction.ID) -> ScopeField? {
    if function.constant(address) != nil { return field(address, 0) }
    let (base, offset) = function.offset(address)
    return field(base, offset)
  }

  private func field(_ base: Instruction.ID, _ offset: UInt64) -> ScopeField? {
    if let number = function.constant(base) {
      guard let place = closure?.place(number &+ offset), let types = closure?.types else {
        return nil
      }
      return ScopeField(type: types[place.index], offset: place.offset)
    }
    guard case .scope(let type)? = operation(base) else { return nil }
    return ScopeField(type: type, offset: offset)
  }

  private func raiseStore(_ id: Instruction.ID, _ field: ScopeField) {
    let value = function.operand(1, of: id)
    if field.offset == function.layout.fields, let outer = chain(of: value) {
      outerScopes[field.type] = outer
      outerValues[field.type] = value
      function.remove(id)
    } else if isNull(value), function.isWord(value) {
      become(id, .deleteCell(field), [])
    } else if function.isWord(value) {
      if isStarParameter(value) { program.starCells.insert(field) }
      become(id, .storeCell(field), [value])
    }
  }

  /// Whether a value is the function's tuple of other positional arguments.
  func isStarParameter(_ value: Instruction.ID) -> Bool {
    guard case .parameter(let number)? = operation(value) else { return false }
    return Int(number) == starParameter
  }

  /// The names of variables in scopes, as far as tests for being bound say them, and functions that
  /// are kept there.
  package func namesOfCells() -> [ScopeField: String] {
    var result: [ScopeField: String] = [:]
    for variable in testedVariables {
      if let field = field(function.resolve(variable.base), variable.offset) {
        result[field] = variable.name
      }
    }
    return result
  }

  /// The types of a scope and of those around it, the innermost first; nil if a value is no scope.
  package func chain(of id: Instruction.ID) -> [UInt64]? {
    if case .scope(let type)? = operation(id) { return [type] + (outerScopes[type] ?? []) }
    guard let address = function.constant(id), let place = closure?.place(address),
      place.offset == 0, let types = closure?.types
    else { return nil }
    return Array(types[place.index...])
  }

  // MARK: Objects that are made in place

  /// Makes a function object or generator of memory that is filled in place.
  ///
  /// ```c
  /// op = PyObject_GC_New(…); op->func.m_ml = ml; op->func_qualname = qualname; …
  /// ```
  /// `__Pyx_CyFunction_Init` in `Cython/Utility/CythonFunction.c`, `__Pyx__Coroutine_NewInit` in
  /// `Coroutine.c`.
  func makeObjectInPlace(_ call: Instruction.ID) -> Bool {
    let stores = stores(into: call)
    guard
      let first = stores[function.layout.fields].flatMap({
        function.constant(function.operand(1, of: $0))
      })
    else { return false }
    if program.image.isExecutable(first) {
      // gi_name, in the order of `__pyx_CoroutineObject`.
      let texts = stores.sorted { $0.key < $1.key }.map { function.operand(1, of: $0.value) }
        .filter { text($0) != nil }
      guard let scope = stores[function.layout.words(3)].map({ function.operand(1, of: $0) }),
        let kind = generatorKind(function.argument(0, of: call))
      else { return false }
      let values = stores.values.map { function.operand(1, of: $0) }
      for store in stores.values { function.remove(store) }
      return become(
        call, .generator(body: first, kind: kind),
        [scope, nameOfGenerator(texts), codeOfGenerator(values)])
    }
    guard let code = program.word(at: first &+ function.layout.methodFunction),
      program.image.isExecutable(code),
      let name = stores[closureOffset - function.layout.words(4)].map({
        function.operand(1, of: $0)
      }),
      text(name) != nil
    else { return false }
    let closure = stores[closureOffset].map { function.operand(1, of: $0) }
    let codeObject = stores[closureOffset - function.layout.words(1)].map {
      function.operand(1, of: $0)
    }
    for (offset, store) in stores where offset <= closureOffset + function.layout.words(1) {
      function.remove(store)
    }
    return become(
      call, .function(definition: first, flags: 0), [name, closure ?? null, codeObject ?? null])
  }

  /// The stores into an object, by the distance from its start.
  private func stores(into object: Instruction.ID) -> [UInt64: Instruction.ID] {
    var result: [UInt64: Instruction.ID] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        let (base, offset) = function.offset(function.operand(0, of: id))
        if base == object, result[offset] == nil { result[offset] = id }
      }
    }
    return result
  }

  /// `__Pyx__Coroutine_New(type, body, code, closure, name, qualname, module)`.
  ///
  /// `__Pyx__Coroutine_NewInit` gets the memory instead of the type; `__Pyx_AsyncGen_New` is the only
  /// one that knows its type itself.
  func makeGenerator(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    var body: UInt64?
    var scope: Instruction.ID?
    let memory = arguments.first.flatMap {
      function.callee(of: $0, view)?.name == "_PyObject_GC_New" ? $0 : nil
    }
    let type = memory.map { function.argument(0, of: $0) } ?? arguments.first
    guard arguments.count > 3 else { return false }
    for argument in arguments {
      if let number = function.constant(argument), program.image.isExecutable(number) {
        body = body ?? number
      }
      if chain(of: argument) != nil { scope = argument }
    }
    guard let body, let scope else { return false }
    let kind: GeneratorKind
    if let known = generatorKind(type) {
      kind = known
    } else if memory == nil, arguments.first.flatMap({ function.constant($0) }) == body {
      kind = .asyncGenerator
    } else {
      return false
    }
    let texts = arguments.filter { text($0) != nil }
    if let memory { function.replace(memory, with: .undefined, []) }
    for store in stores(into: call).values { function.remove(store) }
    return become(
      call, .generator(body: body, kind: kind),
      [scope, nameOfGenerator(texts), codeOfGenerator(arguments)])
  }

  /// A call of a new generator's body.
  func runGenerator(_ call: Instruction.ID) -> Bool {
    guard let generator = function.generatorRun(by: call),
      case .generator? = operation(generator)
    else { return false }
    return become(call, .runGenerator, [generator])
  }

  /// What objects of a type of Cython's are.
  private func generatorKind(_ id: Instruction.ID?) -> GeneratorKind? {
    guard let id, case .type(let name)? = object(id) else { return nil }
    return switch name.split(separator: ".").last {
    case "generator": .generator
    case "coroutine", "iterable_coroutine": .coroutine
    case "async_generator": .asyncGenerator
    default: nil
    }
  }

  /// The shortest of a generator's name, its qualified name and that of its module is the first one,
  /// with.
  private func nameOfGenerator(_ texts: [Instruction.ID]) -> Instruction.ID {
    let own = texts.first { candidate in
      let name = text(candidate)?.string ?? ""
      return texts.contains { text($0)?.string?.hasSuffix("." + name) == true }
    }
    return own ?? texts.first ?? null
  }

  /// The code object of a generator among the values that it was made of, or null: those of generator
  /// expressions have one of their own since Cython 3.1.
  private func codeOfGenerator(_ values: [Instruction.ID]) -> Instruction.ID {
    values.first { if case .code? = object($0) { true } else { false } } ?? null
  }
}

extension CallRule {
  /// `__Pyx_Generator_New(body, …, scope, …)` → a generator.
  static let generators: [String: CallRule] = [
    "_PyObject_GC_New": CallRule { raiser, call, _ in raiser.makeObjectInPlace(call) },
    "__Pyx__Coroutine_New": CallRule { $0.makeGenerator($1, $2) },
    "__Pyx__Coroutine_NewInit": CallRule { $0.makeGenerator($1, $2) },
    "__Pyx_Generator_Next": .simple(.runGenerator, 0),
    "__Pyx_Generator_GetInlinedResult": .simple(.runGenerator, 0),
  ]
}
