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
      var code = CodeObject()
      code.name = Text(native.lastName)
      code.variableNames = names.map { Text($0) }
      code.argumentCount = names.count
      return definition(native, code, unknown: nil, defaults: []) { [unowned self] _ in
        EntryState(
          nativeAt: native.address, parameterCount: names.count, of: native.type,
          module.program.machine, layout)
      }
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
        return EntryState(snapshot, scopes: [], layout: layout, closureOffset: closureOffset)
      }
    }
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

  /// How many objects a C function uses; nil if that is not known.
  func parameterCount(ofNative address: UInt64) -> Int? {
    guard countingDepth < Self.countingLimit else { return nil }
    countingDepth += 1
    defer { countingDepth -= 1 }
    let type = module.program.cFunctionPath(at: address)?.type?.address
    let start = EntryState(
      nativeAt: address, parameterCount: Self.mostParameters, of: type, module.program.machine,
      layout)
    return raisedAnyway(from: start)?.usedParameterCount
  }

  /// How many functions deep calls are followed for that.
  private static let countingLimit = 12
  /// What calling conventions hand on in registers at most.
  private static let mostParameters = 6
}
