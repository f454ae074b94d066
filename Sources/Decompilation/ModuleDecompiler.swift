import Basics
import BinaryFormats
import Interpretation
package import ModuleRecovery
package import PythonSyntax
import Raising
import RuntimeModel
import Structuring

/// Turns an opened module into Python.
package final class ModuleDecompiler {
  private let module: OpenedModule
  private let versions: VersionEvidence
  private var reports: [FunctionReport] = []
  private let supervision: Supervision
  private lazy var functions = FunctionDecompiler(module, versions, supervision)

  /// A module as Python, and how far each function came.
  package struct Result {
    package let source: Module
    package let reports: [FunctionReport]
  }

  package init(
    _ module: OpenedModule, _ versions: VersionEvidence, _ supervision: Supervision = Supervision()
  ) {
    self.module = module
    self.supervision = supervision
    self.versions = versions
  }

  package func run() -> Result {
    var body = keepsAnnotationText ? moduleBody().withPlainAnnotations() : moduleBody()
    body += listedFunctions()
    let natives = nativeDefinitions()
    reports = (functions.reports + reports).withLowestRungs
    body += lostFunctions()
    addExtensionTypes(to: &body, natives)
    if !natives.isEmpty { ParameterNames.fill(in: &body) }
    body = body.inUsualFormats
    let docstring = module.state.definition.docstring.flatMap { Text(utf8: $0) }
    return Result(
      source: Module(
        header: [], docstring: docstring.map { .string($0) }, body: body), reports: reports)
  }

  /// The functions of the module's own table: Cython makes no function objects for them without
  /// `binding` (Cython/Compiler/ModuleNode.py, `generate_method_table`).
  private func listedFunctions() -> [Statement] {
    let known = Set(functions.reports.map(\.address))
    return methodTables.table(at: module.state.definition.methods).compactMap { method in
      guard !known.contains(method.function) else { return nil }
      let reference = FunctionReference(
        definition: method.address, qualifiedName: method.name, code: nil, scopes: [])
      return Statement(.function(functions.definition(reference)))
    }
  }

  /// What tables and code objects tell of functions, if nothing else tells of any.
  private func lostFunctions() -> [Statement] {
    guard reports.allSatisfy({ $0.name == "<module>" }) else { return [] }
    let inTypes = Set(ExtensionTypes(module).find().flatMap { $0.methods.map(\.address) })
    let methods = methodTables.all().filter {
      !inTypes.contains($0.address) && !Self.ownMethods.contains($0.name)
    }
    let reason = NotUnderstood("a function whose place is not known")
    var result: [Statement] = []
    func add(_ name: String, _ parameters: Parameters, _ line: Int?, _ address: UInt64) {
      let definition = FunctionDefinition(
        name: name, parameters: parameters, body: FunctionDecompiler.missingBody(reason))
      result.append(Statement(.function(definition)))
      reports.append(
        FunctionReport(
          name: name, line: line, address: address, rung: .outline, reason: reason.reason,
          reasonAddress: nil))
    }
    for address in module.state.codeObjects {
      guard case .code(let code)? = module.state.values[address], let name = code.name.string,
        Identifiers.isValid(name), !name.hasPrefix("__pyx_")
      else { continue }
      let parameters = ParameterRecovery(code, module.state.layout).parameters
      add(name, parameters, code.firstLine, methods.first { $0.name == name }?.function ?? 0)
    }
    for method in methods where functions.codesByName[method.name] == nil {
      add(method.name, method.parameters, nil, method.function)
    }
    return result
  }

  /// Methods of the types that Cython brings along (Cython/Utility/Coroutine.c, AsyncGen.c,
  /// CythonFunction.c and ObjectHandling.c).
  private static let ownMethods: Set<String> = [
    "send", "throw", "close", "asend", "athrow", "aclose", "__aiter__", "__anext__", "__await__",
    "__reduce__", "__reduce_ex__", "__annotate_cython__", "CythonUnboundCMethod",
  ]

  private var methodTables: MethodTables { MethodTables(module.image, module.state.layout) }

  /// The functions that C code calls, by the type of which they are methods.
  private func nativeDefinitions() -> [UInt64?: [FunctionDefinition]] {
    guard module.program.hasExtensionTypes || !module.program.calledFunctions.isEmpty else {
      return [:]
    }
    var result: [UInt64?: [FunctionDefinition]] = [:]
    let known = Set(functions.reports.map(\.address))
    for type in ExtensionTypes(module).find() {
      for method in type.specialMethods where !known.contains(method.address) {
        result[type.address, default: []].append(functions.definition(method))
      }
    }
    let names = Set(functions.reports.map(\.name))
    var done: Set<UInt64> = []
    functions.findCalledFunctions(besides: hiddenFunctions())
    // Each may call others.
    while let address = hiddenFunctions().subtracting(done).min() {
      done.insert(address)
      guard let native = NativeFunction(hiddenAt: address, module.program),
        !names.contains(native.name)
      else { continue }
      result[native.type, default: []].append(functions.definition(native))
    }
    return result
  }

  /// Where the functions start that are declared with `cdef`, as far as calls and tables of methods tell.
  private func hiddenFunctions() -> Set<UInt64> {
    var result = module.program.calledFunctions
    for type in module.program.extensionTypes.all {
      guard var entry = type.methodTable else { continue }
      while result.count < 1 << 16, let address = module.program.word(at: entry) {
        // What a type takes over from one of another module stands in its table, too.
        if module.image.isExecutable(address) {
          result.insert(address)
        } else if !module.program.extensionTypes.isEntryOfForeign(address) {
          break
        }
        entry &+= module.state.layout.words(1)
      }
    }
    return result
  }

  /// Completes the classes that are extension types, adds those that no statement makes, before what may
  /// refer to them, and the functions that C code calls.
  private func addExtensionTypes(
    to body: inout [Statement], _ natives: [UInt64?: [FunctionDefinition]]
  ) {
    for function in natives[nil] ?? [] { body.insertByLine(Statement(.function(function))) }
    let types = ExtensionTypes(module).find()
    guard !types.isEmpty else { return }
    forgetPickling(in: &body)
    let known = Set(reports.map(\.address))
    var missing: [Statement] = []
    for type in types {
      let index = body.firstIndex { statement in
        if case .class(let definition) = statement.kind { return definition.name == type.name }
        return false
      }
      var definition = ClassDefinition(name: type.name, body: [])
      if let index, case .class(let found) = body[index].kind { definition = found }
      reports += type.complete(
        &definition, base: baseName(of: type.address), besides: known,
        with: natives[type.address] ?? [])
      if definition.body.isEmpty { definition.body = [Statement(.pass)] }
      if let index {
        body[index].kind = .class(definition)
        body[index].comments.append(ExtensionTypes.ExtensionType.comment)
      } else {
        missing.append(
          Statement(.class(definition), comments: [ExtensionTypes.ExtensionType.comment]))
      }
    }
    if let own = reports.firstIndex(where: { $0.name == "<module>" && $0.rung == .structured }) {
      let reason = NotUnderstood("extension types, of which not everything is read")
      reports.remove(at: own)
      report(.partial, reason)
    }
    let start = body.prefix { statement in
      switch statement.kind {
      case .import, .importFrom, .comment: true
      default: false
      }
    }
    body.insert(contentsOf: missing, at: start.count)
  }

  /// Leaves out what Cython adds for `pickle`.
  private func forgetPickling(in body: inout [Statement]) {
    body.removeAll { statement in
      guard case .function(let function) = statement.kind else { return false }
      return function.name.hasPrefix("__pyx_unpickle_")
    }
    reports.removeAll { report in
      let name = report.name.split(separator: ".").last.map(String.init) ?? ""
      return ExtensionTypes.added.contains(name) || name.hasPrefix("__pyx_unpickle_")
    }
  }

  /// The name of the type that an extension type of the module extends, if that is one as well.
  private func baseName(of type: UInt64) -> String? {
    let types = module.program.extensionTypes
    return types.type(at: type).flatMap { types.type(at: $0.base) }?.name
  }

  private var keepsAnnotationText: Bool {
    versions.cython.map { $0 >= CythonVersion(3, 0) } ?? false
  }

  /// The statements of the module, or its definitions alone if those cannot be had; none if going
  /// through its code took too long or ended the process.
  private func moduleBody() -> [Statement] {
    let start = EntryState(moduleBoundary: module.state.boundary)
    let address = module.state.definition.execute
    supervision.observe(.begin(address: address, name: "<module>"))
    defer { supervision.observe(.end) }
    var problem = supervision.skipped[address].map { NotUnderstood($0, at: address) }
    for isLenient in [false, true] where supervision.skipped[address] == nil {
      do {
        let body = try functions.body(
          from: start, scope: .module, isLenient: isLenient)
        report(isLenient ? .partial : .structured, problem)
        return body.filter { !$0.isTestDictionary }
      } catch {
        functions.forgetReports()
        problem = problem ?? error
      }
    }
    report(.outline, problem)
    guard supervision.skipped[address] == nil else { return [] }
    return functions.definitions(from: start, scope: .module)
  }

  private func report(_ rung: Rung, _ problem: NotUnderstood?) {
    reports.append(
      FunctionReport(
        name: "<module>", line: 1, address: module.state.definition.execute, rung: rung,
        reason: problem?.reason, reasonAddress: problem?.address))
  }
}

extension Statement {
  /// `__test__ = {}`, which Cython adds at the end of every module.
  fileprivate var isTestDictionary: Bool {
    if case .assign([.name("__test__")], .dictionary) = kind { true } else { false }
  }
}
