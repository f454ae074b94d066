import Basics
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import RuntimeModel
import Simplification
import Structuring

// Functions without function objects.
extension FunctionDecompiler {
  /// The definition of a function that C code calls, with its body as far as it is understood.
  func definition(_ native: NativeFunction) -> FunctionDefinition {
    supervision.observe(.begin(address: native.address, name: native.name))
    defer { supervision.observe(.end) }
    switch native.parameters {
    case .fixed(let names):
      let isOpen =
        native.isHidden
        && module.program.optionalArgumentsIndex(ofCFunction: native.address) != nil
      let problem = NotUnderstood("optional arguments that are C numbers")
      return definition(native, names, defaults: [], problem: isOpen ? problem : nil)
    case .optional(let names, let defaults):
      return definition(native, names, defaults: defaults)
    case .packed:
      let wrapper = WrapperParameters(native.address, module) { [unowned self] signature, end in
        let result = run(native.address, signature, upTo: end)
        return result.isRefused ? nil : result.snapshot
      }
      return definition(
        native, wrapper.code(named: native.lastName), unknown: wrapper.problem,
        defaults: wrapper.defaults?.known ?? []
      ) { [unowned self] _ throws(NotUnderstood) in
        guard let signature = wrapper.signature else {
          throw NotUnderstood(
            "arguments that are taken apart in an unknown way", at: native.address)
        }
        let snapshot = try completed(
          run(native.address, signature).snapshot, native.address, signature)
        var state = EntryState(snapshot, scopes: [], layout: layout, closureOffset: closureOffset)
        state.starParameter = signature.starParameter
        return state
      }
    }
  }

  /// The definition of a function that gets its arguments one by one.
  ///
  /// - Parameters:
  ///   - native: the function.
  ///   - names: the names of the parameters.
  ///   - defaults: the objects that stand for the last ones.
  ///   - problem: what else is not known of the function.
  /// - Returns: the definition, marked if a default is not known.
  private func definition(
    _ native: NativeFunction, _ names: [String], defaults: [UInt64?],
    problem: NotUnderstood? = nil
  ) -> FunctionDefinition {
    var code = CodeObject()
    code.name = Text(native.lastName)
    code.variableNames = names.map { Text($0) }
    code.argumentCount = names.count
    let expressions = ConstantExpressions(module.program)
    let known = defaults.map { $0.flatMap { $0 == 0 ? nil : expressions.expression($0) } }
    let behind = known.reversed().prefix { $0 != nil }.compactMap(\.self)
    let unknown =
      behind.count < known.count
      ? NotUnderstood("a default that the module's own code makes") : problem
    return definition(native, code, unknown: unknown, defaults: behind.reversed()) {
      [unowned self] _ throws(NotUnderstood) in
      guard let state = state(of: native) else { throw NotUnderstood("unknown arguments") }
      return state
    }
  }

  /// What a function that gets its arguments one by one finds at its start.
  private func state(of native: NativeFunction) -> EntryState? {
    let (count, optional): (Int, Int)
    switch native.parameters {
    case .fixed(let names): (count, optional) = (names.count, 0)
    case .optional(let names, let defaults): (count, optional) = (names.count, defaults.count)
    case .packed: return nil
    }
    var state = EntryState(
      nativeAt: native.address, parameterCount: count, optional: optional, of: native.type,
      module.program.machine, layout)
    let types = module.program.parameterTypes[native.address] ?? [:]
    state.parameterTypes = types.compactMapValues(\.self)
    return state
  }

  private func definition(
    _ native: NativeFunction, _ code: CodeObject, unknown: NotUnderstood?,
    defaults: [Expression], from start: (CodeObject) throws(NotUnderstood) -> EntryState
  ) -> FunctionDefinition {
    let subject = Subject(
      name: native.name, key: native.address, address: native.address, code: code,
      unknown: unknown)
    let body = recoveredBody(of: subject) { code throws(NotUnderstood) in
      var state = try start(code)
      state.ownType = native.type
      state.ownPath = native.name
      state.result = native.result
      return state
    } otherwise: {
      []
    }
    let parameters = ParameterRecovery(code, fields: [0: .tuple(defaults)], layout).parameters
    return FunctionDefinition(name: native.lastName, parameters: parameters, body: body)
  }

  /// Finds out how many objects a C function uses, and those that it calls; nil for one of which that is not
  /// known.
  ///
  /// Functions hand their arguments on to others, which may call them again: an argument that goes round and
  /// is looked at nowhere is none.
  func parameterCounts(ofNative address: UInt64) -> [UInt64: Int?] {
    let program = module.program
    guard !program.isCounting else { return [:] }
    program.isCounting = true
    defer { program.isCounting = false }
    var uses: [UInt64: ParameterUses] = [:]
    var pending = [address]
    while let next = pending.popLast() {
      guard uses[next] == nil else { continue }
      guard uses.count < Self.countingLimit else { return [address: nil] }
      let type = module.program.cFunctionPath(at: next)?.type?.address
      let start = EntryState(
        nativeAt: next, parameterCount: Self.mostParameters, of: type, module.program.machine,
        layout)
      let found = raisedAnyway(from: start)?.parameterUses ?? .unknown(Self.mostParameters)
      uses[next] = found
      pending += found.handed.map(\.callee)
    }
    var counts = uses.mapValues(\.direct)
    var changed = true
    while changed {
      changed = false
      for (function, found) in uses {
        for handing in found.handed where handing.place < counts[handing.callee] ?? 0 {
          guard counts[function] ?? 0 < handing.count else { continue }
          counts[function] = handing.count
          changed = true
        }
      }
    }
    return uses.reduce(into: [:]) { result, entry in
      let count = counts[entry.key] ?? 0
      result[entry.key] = .some(entry.value.doubtful > count ? nil : count)
    }
  }

  /// Finds out which `cdef` functions are called, and of which extension types their parameters are: callers
  /// tell, whose own parameters must be known first.
  ///
  /// - Parameter functions: those that are known to exist.
  func findCalledFunctions(besides functions: Set<UInt64>) {
    let program = module.program
    var read: [UInt64: [Int: UInt64?]] = [:]
    for _ in 0..<Self.countingLimit {
      let all = functions.union(program.calledFunctions).sorted()
      let open = all.filter { read[$0] == nil || read[$0] != program.parameterTypes[$0] ?? [:] }
      guard let next = open.first(where: { program.parameterTypes[$0] != nil }) ?? open.first else {
        return
      }
      read[next] = program.parameterTypes[next] ?? [:]
      if let native = NativeFunction(hiddenAt: next, program), let start = state(of: native) {
        _ = raisedAnyway(from: start)
      } else if let path = program.cFunctionPath(at: next) {
        // What it calls may be clear nevertheless.
        let optional = program.optionalArgumentsIndex(ofCFunction: next)
        var start = EntryState(
          nativeAt: next, parameterCount: optional ?? Self.mostParameters, of: path.type?.address,
          program.machine, layout)
        start.parameterTypes = (program.parameterTypes[next] ?? [:]).compactMapValues(\.self)
        _ = raisedAnyway(from: start)
      }
    }
  }

  /// More functions than call each other in a module.
  private static let countingLimit = 4096
  /// What calling conventions hand on in registers at most.
  private static let mostParameters = 6
}
