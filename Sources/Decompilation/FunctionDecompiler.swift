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

/// Decompiles single functions of a module.
package final class FunctionDecompiler {
  enum Scope {
    case module
    case function(CodeObject)
    /// The body of a generator expression, with the code object that it has since Cython 3.1.
    case generatorExpression(CodeObject?)
  }

  let module: OpenedModule
  private let versions: VersionEvidence
  let supervision: Supervision
  var reports: [FunctionReport] = []
  /// The offset of the field with the positional defaults in a function object.
  private let defaultsOffset: Int
  let layout: ObjectLayout
  /// Where a function object points at its closure scope.
  let closureOffset: UInt64
  /// Whether `__Pyx_PyObject_FastCallMethod` is Cython's own: `PyObject_VectorcallMethod` came with
  /// CPython 3.9.
  private let looksMethodsUpLast: Bool
  /// Functions that were raised, the module's own code first.
  private var recent: [(key: RaisedKey, raiser: Raiser)] = []

  /// A body of a generator is raised before it is known how many variables its scope holds.
  private struct RaisedKey: Hashable {
    let address: UInt64
    let scopeSize: UInt64?
    /// A generator's body is read with and without what its function stores into its scope.
    let parameters: [UInt64: Int]

    init(_ start: EntryState) {
      address = start.snapshot.address
      scopeSize = start.generatorScope?.size
      parameters = start.generatorScope?.parameters ?? [:]
    }
  }
  /// Functions that could not be raised.
  private var failed: Set<RaisedKey> = []
  /// What keeps functions from being understood as a whole, by the address of their code.
  private(set) var problems: [UInt64: String] = [:]
  /// The names of variables in closure scopes.
  var cellNames: [ScopeField: String] = [:]
  /// The fields of closure scopes that hold a truth value.
  var truthFields: Set<ScopeField> = []
  /// The names that were made up for others.
  var inventedCells: [ScopeField: String] = [:]
  /// The definitions of coroutines and asynchronous generators, by address.
  var asyncDefinitions: Set<UInt64> = []
  /// Where the steps of functions stand in the C source, by the address of their definition.
  var cLines: [UInt64: CLineTable] = [:]
  /// Those of the body that was written last.
  private(set) var lastCLines: CLineTable?
  /// The defaults that wrappers know, by where these start.
  private var defaultsOfWrappers: [UInt64: WrapperDefaults] = [:]
  /// What became of functions, by the address of their definition: a module that is not understood
  /// at once is gone through several times.
  private var bodies: [UInt64: (statements: [Statement], reports: [FunctionReport])] = [:]

  /// The code objects by their names.
  private(set) lazy var codesByName: [String: [CodeObject]] = {
    var result: [String: [CodeObject]] = [:]
    for address in module.state.codeObjects {
      guard case .code(let code)? = module.state.values[address], let name = code.name.string
      else { continue }
      result[name, default: []].append(code)
    }
    return result
  }()

  init(
    _ module: OpenedModule, _ versions: VersionEvidence, _ supervision: Supervision = Supervision()
  ) {
    self.module = module
    self.supervision = supervision
    self.versions = versions
    let cython = versions.cython ?? CythonVersion(3, 0)
    let minor = versions.python?.minor ?? 11
    let isLate = minor >= 12
    looksMethodsUpLast = minor < 9 && cython >= CythonVersion(3, 1)
    let layout = module.state.layout
    self.layout = layout
    // Function objects hold a vectorcall function since CPython 3.8; Cython 3.0 adds one for 3.7.
    let missing = minor >= 8 || (minor == 7 && cython >= CythonVersion(3, 0)) ? 0 : 1
    // `PyCMethodObject` has a class since CPython 3.9.
    let hasClass = minor >= 9 && !(isLate && cython >= CythonVersion(3, 1))
    closureOffset = layout.field((cython >= CythonVersion(3, 0) && hasClass ? 12 : 11) - missing)
    // `struct __pyx_CyFunctionObject` in Cython/Utility/CythonFunction.c.
    if cython < CythonVersion(3, 1) {
      // `defaults_size` came with 0.29.16; before, two numbers shared a word of 64 bits.
      let isOld = cython.minor == 29 && cython.patch.map { $0 < 16 } == true
      let numbers = isOld ? layout.pointerSize == 8 ? 2 : 1 : 0
      defaultsOffset = Int(layout.field(17 - missing - numbers))
    } else {
      defaultsOffset = Int(layout.field((isLate ? 14 : 15) - missing))
    }
    module.program.countParameters = { [weak self] in self?.parameterCounts(ofNative: $0) ?? [:] }
  }

  func forgetReports() { reports = [] }

  /// The modules of the package whose types were looked for, shared by all that are read for one of them.
  private final class Neighbours {
    /// By name; nil for those that are not at hand, or are being read.
    var known: [String: FunctionDecompiler?] = [:]
    /// More modules than one takes types from, and these from others.
    static let limit = 64
  }

  private var neighbours = Neighbours()

  /// Another module of the package, with its extension types and their fields; nil if it is not at hand, or this
  /// one is read for its sake.
  ///
  /// Each is read once, however many take types from it.
  private func neighbour(_ name: String) -> FunctionDecompiler? {
    guard name != module.state.qualifiedName else { return nil }
    if let known = neighbours.known[name] { return known }
    neighbours.known[name] = .some(nil)
    guard neighbours.known.count <= Neighbours.limit, let other = module.neighbour(name) else {
      return nil
    }
    let functions = FunctionDecompiler(other.module, other.versions)
    functions.neighbours = neighbours
    // What is read for the sake of this module finds it being read.
    if neighbours.known[module.state.qualifiedName] == nil {
      neighbours.known[module.state.qualifiedName] = .some(nil)
    }
    functions.nameFields()
    neighbours.known[name] = functions
    return functions
  }

  /// Whether the fields of extension types have got their names.
  private var hasNamedFields = false

  private func nameFields() {
    guard !hasNamedFields else { return }
    hasNamedFields = true
    ForeignTypes(module) { [unowned self] in neighbour($0) }.find()
    FieldNames(
      module, raise: { [unowned self] in raisedAnyway(at: $0) },
      raiseMethod: { [unowned self] in
        raisedAnyway(
          from: EntryState(
            nativeAt: $0, parameterCount: 1, of: $1, module.program.machine, layout))
      }
    ).find()
  }

  // MARK: Bodies

  /// The statements of a function from its own code on.
  func body(
    from start: EntryState, scope: Scope, isLenient: Bool
  ) throws(NotUnderstood) -> [Statement] {
    guard let raiser = isLenient ? salvaged(from: start, scope) : raised(from: start) else {
      let reason = problems[start.snapshot.address] ?? "machine code that cannot be followed"
      throw NotUnderstood(reason, at: start.snapshot.address)
    }
    var locals = LocalEvidence()
    if case .function = scope { locals = raiser.locals }
    do {
      let statements = try FunctionStructurer.statements(
        raiser, locals, structuringScope(scope, raiser, start), isLenient: isLenient)
      lastCLines = CLineTable(
        raiser.allSites.compactMap { site in
          // Later versions hand on 0.
          site.cLine.flatMap { $0 > 0 ? (site.line, $0) : nil }
        }, hasAssignmentExpressions: versions.cython.map { $0 >= CythonVersion(3, 0) } ?? true)
      guard !statements.areNestedTooDeeply else {
        throw NotUnderstood("statements that are nested too deeply", at: start.snapshot.address)
      }
      return statements
    } catch let problem as NotUnderstood {
      throw problem
    } catch {
      throw NotUnderstood("an internal error: \(error)", at: start.snapshot.address)
    }
  }

  /// A function in terms of Python, not yet structured.
  func raised(from start: EntryState) -> Raiser? {
    let key = RaisedKey(start)
    if let known = recent.first(where: { $0.key == key }) { return known.raiser }
    guard !failed.contains(key) else { return nil }
    guard let raiser = raisedAnew(from: start) else {
      failed.insert(key)
      return nil
    }
    // The module's own code is asked for again and again, others while their inner ones are.
    if recent.count > 32 { recent.remove(at: 1) }
    recent.append((key, raiser))
    return raiser
  }

  /// A function in terms of Python, also if it was raised before.
  func raisedAnew(from start: EntryState) -> Raiser? {
    nameFields()
    guard let prepared = PreparedFunction(module.program, from: start) else { return nil }
    if let problem = prepared.problem {
      problems[start.snapshot.address] = problem
      return nil
    }
    return raised(prepared)
  }

  /// A function of which as much as possible is to be written, whatever keeps it from being
  /// understood.
  private func salvaged(from start: EntryState, _ scope: Scope) -> Raiser? {
    if case .module = scope { return raised(from: start) ?? raisedAnyway(from: start) }
    let key = RaisedKey(start)
    // It is changed, and must not be found again.
    let known = recent.firstIndex { $0.key == key }.map { recent.remove(at: $0).raiser }
    let raiser = known ?? raisedAnyway(from: start)
    raiser?.cutUnknownErrors()
    return raiser
  }

  /// A function as far as it can be read, whatever keeps it from being understood as a whole.
  func raisedAnyway(from start: EntryState) -> Raiser? {
    guard let prepared = PreparedFunction(module.program, from: start) else { return nil }
    return raised(prepared)
  }

  /// A C function that takes its own arguments apart.
  func raisedAnyway(at address: UInt64) -> Raiser? {
    guard let prepared = PreparedFunction(module.program, at: address) else { return nil }
    return raised(prepared)
  }

  private func raised(_ prepared: consuming PreparedFunction) -> Raiser {
    let raiser = Raiser(
      prepared, module.program, symbols: SymbolTable(), closureOffset: closureOffset,
      looksMethodsUpLast: looksMethodsUpLast)
    raiser.run()
    return raiser
  }

  /// Where the code of a function starts; `<module>` is the module's own.
  func start(of name: String) -> EntryState? {
    let module = EntryState(moduleBoundary: self.module.state.boundary)
    if name == "<module>" { return module }
    guard let raiser = raised(from: module) else { return nil }
    return start(of: name, in: raiser, depth: 0)
  }

  /// `f.<locals>.genexpr2` is the third generator expression in `f`.
  private func start(of name: String, in raiser: Raiser, depth: Int) -> EntryState? {
    for reference in raiser.functions {
      guard name == reference.qualifiedName || name.hasPrefix(reference.qualifiedName + "."),
        depth < 8, let code = codeObject(reference),
        let start = try? bodyStart(
          reference, code,
          module.program.word(at: reference.definition &+ layout.methodFunction) ?? 0)
      else { continue }
      if name == reference.qualifiedName { return start }
      guard let inner = raised(from: start) else { continue }
      if let found = self.start(of: name, in: inner, depth: depth + 1) { return found }
      let last = name.dropFirst(reference.qualifiedName.count)
      guard last.hasPrefix(".<locals>.genexpr") else { continue }
      let index = Int(last.dropFirst(".<locals>.genexpr".count)) ?? 0
      guard inner.generators.indices.contains(index) else { continue }
      return state(of: inner.generators[index], in: inner)
    }
    return nil
  }

  // MARK: Definitions

  /// The definition of a function object, with its body as far as it is understood.
  func definition(_ reference: FunctionReference) -> FunctionDefinition {
    supervision.observe(
      .begin(
        address: module.program.word(at: reference.definition &+ layout.methodFunction) ?? 0,
        name: reference.qualifiedName))
    defer { supervision.observe(.end) }
    let code = codeObject(reference)
    let reference = withAllDefaults(reference, code)
    let isOld = versions.cython.map { $0 < CythonVersion(3, 0) } ?? false
    let recovery = ParameterRecovery(
      code, fields: reference.fields, defaultsOffset: defaultsOffset, layout,
      namesText: isOld && versions.python?.major != 2)
    var parameters = recovery.parameters
    if code == nil,
      let method = MethodTables(module.image, layout).method(at: reference.definition)
    {
      parameters = method.parameters
    }
    var result = FunctionDefinition(
      name: reference.name, parameters: parameters, returns: recovery.returns,
      docstring: docstring(reference.definition), body: [], line: code.map(\.firstLine))
    result.body = body(of: reference, code)
    if let prefix = PrivateNames.prefix(in: reference.qualifiedName) {
      result.body = result.body.withPrivateNames(prefix)
    }
    if let code, !code.lineTable.isEmpty, recovery.returns == .name("bool") {
      result.body = result.body.returningTruths
    }
    result.isAsync =
      asyncDefinitions.contains(reference.definition) || code.map { $0.flags & 0x280 != 0 } ?? false
    // The function's own report comes behind those of the functions in it.
    guard let code, reports.last?.rung == .structured else { return result }
    var spelt = respelt(result, reference, code)
    let bound = Set(code.parameterNames).union(cellNames.values)
    spelt.body = spelt.body.withoutUnboundChoices(parameters: bound)
    if reference.isLost {
      let reason = "the decorators and defaults of a definition whose place is not known"
      reports[reports.count - 1].lower(to: .partial, because: reason)
      spelt.body.insert(Statement(.comment, comments: ["decython: partial: \(reason)"]), at: 0)
    }
    return spelt
  }

  /// The spelling of a function that fits the positions of its steps, as far as they are known.
  private func respelt(
    _ definition: FunctionDefinition, _ reference: FunctionReference, _ code: CodeObject
  ) -> FunctionDefinition {
    // Of generators and coroutines little more than the head is listed.
    guard code.flags & 0x2A0 == 0 else { return definition }
    let variables = definition.body.ownNames(of: code.listedNames)
    if !code.lineTable.isEmpty,
      let table = PositionTable(code.lineTable, firstLine: code.firstLine)
    {
      var search = SpellingSearch(table)
      return search.best(of: definition, variables: variables)
    }
    guard let table = cLines[reference.definition], !table.isEmpty, !definition.isAsync,
      !definition.body.yield
    else {
      return definition
    }
    var search = SpellingSearch(table)
    return search.best(of: definition, variables: variables)
  }

  /// A reference whose fields hold the defaults that its getter makes, or that its wrapper knows.
  private func withAllDefaults(
    _ reference: FunctionReference, _ code: CodeObject?
  ) -> FunctionReference {
    var result = reference
    if let getter = reference.getter, !reference.defaults.isEmpty,
      let values = DefaultsGetter(module.program).values(getter, reference.defaults)
    {
      result.fields[defaultsOffset] = values.positional
      result.fields[defaultsOffset + layout.pointerSize] = values.keywordOnly
    } else if let known = wrapperDefaults(reference, code)?.known, !known.isEmpty {
      result.fields[defaultsOffset] = .tuple(known)
    }
    return result
  }

  /// The defaults of a function whose object may have none: until Cython 3.0 that holds for `cpdef`.
  func wrapperDefaults(
    _ reference: FunctionReference, _ code: CodeObject?
  ) -> WrapperDefaults? {
    guard module.program.hasExtensionTypes, reference.fields[defaultsOffset] == nil,
      reference.getter == nil, let code, code.keywordOnlyCount == 0, code.flags & 0xC == 0,
      let flags = module.program.word(at: reference.definition &+ layout.methodFlags),
      flags & 0xC == 0,
      let wrapper = module.program.word(at: reference.definition &+ layout.methodFunction)
    else { return nil }
    if let cached = defaultsOfWrappers[wrapper] { return cached }
    let signature = WrapperSignature(
      flags: flags, positionalCount: code.argumentCount, keywordOnlyNames: [],
      hasStarArguments: false, hasStarKeywords: false)
    let found = WrapperDefaults(signature, module.program) { [unowned self] signature, end in
      let result = run(wrapper, signature, upTo: end)
      return result.isRefused ? nil : result.snapshot
    }
    defaultsOfWrappers[wrapper] = found
    return found
  }

  /// The extension type of which a function is a method.
  private func ownType(_ reference: FunctionReference) -> UInt64? {
    let path = reference.qualifiedName.split(separator: ".")
    guard path.count == 2 else { return nil }
    return module.program.extensionTypes.all.first { $0.name == path[0] }?.address
  }

  func codeObject(_ reference: FunctionReference) -> CodeObject? {
    guard let address = reference.code else { return madeUpCode(reference) }
    guard case .code(let code)? = module.program.object(at: address) else { return nil }
    return code
  }

  private func docstring(_ definition: UInt64) -> Expression.Constant? {
    guard let pointer = module.program.word(at: definition &+ layout.methodDocumentation),
      pointer != 0,
      let bytes = module.image.cString(at: pointer), let text = Text(utf8: Array(bytes))
    else { return nil }
    return .string(text)
  }

  private func body(of reference: FunctionReference, _ code: CodeObject?) -> [Statement] {
    if let known = bodies[reference.definition] {
      reports += known.reports
      return known.statements
    }
    let count = reports.count
    let statements = recoveredBody(of: reference, code)
    bodies[reference.definition] = (statements, Array(reports[count...]))
    return statements
  }

  private func recoveredBody(
    of reference: FunctionReference, _ code: CodeObject?
  ) -> [Statement] {
    let wrapper = module.program.word(at: reference.definition &+ layout.methodFunction) ?? 0
    let subject = Subject(
      name: reference.qualifiedName, key: reference.definition, address: wrapper, code: code,
      unknown: unknownDefaults(reference, code))
    return recoveredBody(of: subject) { [unowned self] code throws(NotUnderstood) in
      try bodyStart(reference, code, wrapper)
    } otherwise: { [unowned self] in
      innerDefinitions(reference, code, wrapper)
    }
  }

  func entry(
    _ reference: FunctionReference, _ code: CodeObject?, _ wrapper: UInt64
  ) throws(NotUnderstood) -> EntryState {
    guard let code else { throw NotUnderstood("a function without a code object", at: wrapper) }
    guard let scopes = reference.scopes else {
      throw NotUnderstood("a closure of an unknown form", at: wrapper)
    }
    let signature = WrapperSignature(
      flags: module.program.word(at: reference.definition &+ layout.methodFlags) ?? 0,
      positionalCount: code.argumentCount,
      keywordOnlyNames: Array(
        code.variableNames.dropFirst(code.argumentCount).prefix(code.keywordOnlyCount)),
      hasStarArguments: code.flags & 4 != 0, hasStarKeywords: code.flags & 8 != 0)
    let method = signature.ofMethod
    var convention = signature.mustBeMethod ? method ?? signature : signature
    var result = run(wrapper, convention)
    if result.isRefused, let method {
      convention = method
      result = run(wrapper, method)
    }
    let snapshot = try completed(result.snapshot, wrapper, convention)
    var state = EntryState(
      snapshot, scopes: scopes, layout: layout, closureOffset: closureOffset)
    state.ownType = ownType(reference)
    state.ownPath = reference.qualifiedName
    state.starParameter = convention.starParameter
    return state
  }

  /// What a run of a wrapper left behind, with what it asked about its arguments.
  func completed(
    _ snapshot: WrapperSnapshot?, _ wrapper: UInt64, _ signature: WrapperSignature
  ) throws(NotUnderstood) -> WrapperSnapshot {
    guard let snapshot else {
      throw NotUnderstood("arguments that are taken apart in an unknown way", at: wrapper)
    }
    let machineCode = module.program.wholeFunction(at: wrapper)
    let answered = WrapperRun.answers(module.interpreter, wrapper, signature, snapshot) {
      machineCode?.reaches($1, from: $0) ?? false
    }
    guard let answered else {
      throw NotUnderstood("a question that is asked while arguments are taken apart", at: wrapper)
    }
    return answered
  }

  /// Runs a wrapper until it has taken its arguments apart.
  func run(
    _ wrapper: UInt64, _ signature: WrapperSignature, upTo end: UInt64? = nil
  ) -> (snapshot: WrapperSnapshot?, isRefused: Bool) {
    let machineCode = module.program.wholeFunction(at: wrapper)
    let run = WrapperRun(module.interpreter, signature) {
      machineCode?.reaches($1, from: $0) ?? false
    }
    return (run.run(wrapper, upTo: end), run.isRefused)
  }
}

extension CodeObject {
  /// How many names of the code object are parameters.
  var parameterCount: Int {
    argumentCount + keywordOnlyCount + (flags & 4 != 0 ? 1 : 0) + (flags & 8 != 0 ? 1 : 0)
  }

  /// The parameters: positional ones, keyword-only ones, `*` and `**`.
  var parameterNames: [String] {
    variableNames.prefix(parameterCount).map { Identifiers.sanitized($0.string ?? "") }
  }

  /// The other variables, each once.
  var localNames: [String] {
    var seen = Set(parameterNames)
    return listedNames.filter { seen.insert($0).inserted }
  }

  /// The other variables; those of comprehensions may be listed again.
  var listedNames: [String] {
    variableNames.dropFirst(parameterCount)
      .map { Identifiers.sanitized($0.string ?? "") }
      .filter { $0 != "genexpr" && $0 != "lambda" }
  }
}

extension FunctionReference {
  /// The last component of the qualified name.
  var name: String { qualifiedName.split(separator: ".").last.map(String.init) ?? qualifiedName }
}
