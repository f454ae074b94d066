import Basics
import Interpretation
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
  }

  /// The module's own code first, inner functions behind those around them.
  package private(set) var entries: [Entry] = []
  private let functions: FunctionDecompiler

  package init(_ module: OpenedModule, _ versions: VersionEvidence) {
    functions = FunctionDecompiler(module, versions)
    let raiser = functions.raised(from: EntryState(moduleBoundary: module.state.boundary))
    entries.append(Entry(name: "<module>", signature: "", raiser: raiser))
    if let raiser { append(functionsOf: raiser, named: nil, module, depth: 0) }
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
      let inner = start.flatMap { functions.raised(from: $0) }
      entries.append(
        Entry(
          name: reference.qualifiedName, signature: code?.signature ?? "", raiser: inner))
      if let inner {
        append(functionsOf: inner, named: reference.qualifiedName, module, depth: depth + 1)
      }
    }
    for generator in raiser.generators {
      let inner = functions.raised(from: functions.state(of: generator, in: raiser))
      let name = (name.map { $0 + ".<locals>." } ?? "") + "<genexpr>"
      entries.append(Entry(name: name, signature: "", raiser: inner))
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
