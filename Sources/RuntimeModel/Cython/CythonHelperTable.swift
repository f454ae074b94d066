/// Which helper function of Cython's has which features, from builds of every supported version.
package enum CythonHelperTable {
  /// The name of the helper whose features have a fingerprint; several names, separated by `|`, if
  /// only the arguments of a call can tell them apart.
  package static func name(fingerprint: UInt64) -> String? { names[fingerprint] }

  private static let names: [UInt64: String] = {
    var names: [UInt64: String] = [:]
    for row in rows.split(separator: "\n") {
      let fields = row.split(separator: " ")
      guard let name = fields.first else { continue }
      for field in fields.dropFirst() {
        if let fingerprint = UInt64(field, radix: 16) { names[fingerprint] = String(name) }
      }
    }
    return names
  }()
}
