import Basics
package import IR
package import Interpretation
package import ModuleRecovery
package import Raising
import RuntimeModel
import Structuring

/// Every function of a module, raised.
package struct FunctionCatalogue {
  /// A function of the module.
  package struct Entry {
    /// The qualified name; `<module>` for the module's own code.
    package let name: String
    /// The names of the parameters and what kinds they are of.
    package let signature: String
    /// The function in terms of Python; nil if it cannot be read.
    package let raiser: Raiser?
    /// Where the `PyMethodDef` stands, and the function that it names.
    package var definition: UInt64?
    package var wrapper: UInt64?
    /// Where the function's own code starts: behind the parsing of its arguments.
    package var body: UInt64?
    package var code: CodeObject?
    /// Whether ``body`` is what a generator or coroutine runs.
    package var isGenerator = false
    /// The names of the parameters, and of the other variables in the order of the code object.
    package var parameters: [String] { code?.parameterNames ?? [] }
    package var variables: [String] { code?.localNames ?? [] }
  }

  /// How much must be understood of a function for it to be raised.
  package enum Demand: Sendable {
    /// All of it.
    case whole
    /// Nothing: what is not understood stays in it as machine code.
    case anything
  }

  /// The module's own code first, inner functions behind those around them.
  package private(set) var entries: [Entry] = []
  private let functions: FunctionDecompiler
  private let demand: Demand

  package init(
    _ module: OpenedModule, _ versions: VersionEvidence, _ demand: Demand = .whole
  ) {
    functions = FunctionDecompiler(module, versions)
    self.demand = demand
    let start = EntryState(moduleBoundary: module.state.boundary)
    let raiser = raised(from: start)
    var entry = Entry(name: "<module>", signature: "", raiser: raiser)
    entry.body = start.snapshot.address
    entries.append(entry)
    if let raiser { append(functionsOf: raiser, named: nil, module, depth: 0) }
  }

  /// The names of variables in closure scopes, as far as they are known.
  package var cellNames: [ScopeField: String] { functions.cellNames }

  private func raised(from start: EntryState) -> Raiser? {
    functions.raised(from: start)
      ?? (demand == .anything ? functions.raisedAnyway(from: start) : nil)
  }

  private mutating func append(
    functionsOf raiser: Raiser, named name: String?, _ module: OpenedModule, depth: Int
  ) {
    guard depth < 12 else { return }
    for reference in raiser.functions {
      let code = functions.codeObject(reference)
      let wrapper =
        module.program.word(at: reference.definition &+ functions.layout.methodFunction) ?? 0
      let start = code.flatMap { try? functions.bodyStart(reference, $0, wrapper) }
      let inner =
        start.flatMap { raised(from: $0) }
        ?? (demand == .anything ? functions.raisedAnyway(at: wrapper) : nil)
      if demand == .anything, let inner, let code { functions.learnNames(inner, code) }
      var entry = Entry(
        name: reference.qualifiedName, signature: code?.signature ?? "", raiser: inner)
      entry.definition = reference.definition
      entry.wrapper = wrapper
      entry.body = start?.snapshot.address
      entry.code = code
      entry.isGenerator = start?.generatorScope != nil
      entries.append(entry)
      if let inner {
        append(functionsOf: inner, named: reference.qualifiedName, module, depth: depth + 1)
      }
    }
    for generator in raiser.generators {
      let start = functions.state(of: generator, in: raiser)
      let inner = raised(from: start)
      let name = (name.map { $0 + ".<locals>." } ?? "") + "<genexpr>"
      var entry = Entry(name: name, signature: "", raiser: inner)
      entry.body = start.snapshot.address
      entry.isGenerator = true
      entries.append(entry)
      if let inner { append(functionsOf: inner, named: name, module, depth: depth + 1) }
    }
  }
}

extension CodeObject {
  /// The parameters as text that tells signatures apart.
  fileprivate var signature: String {
    let kinds = [argumentCount, positionalOnlyCount, keywordOnlyCount, flags & 12]
    return "\(kinds) \(parameterNames)"
  }
}
