import BinaryFormats
package import ModuleRecovery

/// What a function that still has its symbol touches.
package struct NamedFunctionFeatures {
  package let name: String
  package let fingerprint: UInt64
  /// The features themselves, separated by blanks.
  package let words: String
  /// The helper that the features tell, whatever the symbol says.
  package let helper: String?

  /// Every function of a module that a symbol names, by address.
  package static func all(in module: OpenedModule) -> [NamedFunctionFeatures] {
    let collector = FeatureCollector(module.program)
    let functions = module.program.image.symbols.filter { $0.isFunction && $0.address != 0 }
    return functions.sorted { ($0.address, $0.name) < ($1.address, $1.name) }.map { symbol in
      let features = collector.features(of: symbol.address)
      return NamedFunctionFeatures(
        name: symbol.name, fingerprint: features.fingerprint,
        words: features.names.joined(separator: " "),
        helper: module.program.helpers.name(tellingBy: symbol.address))
    }
  }
}
