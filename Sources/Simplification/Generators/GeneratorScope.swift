package import IR

/// The scope of a generator.
package struct GeneratorScope {
  /// The address that stands for it.
  package let address: UInt64
  /// The distance of the first variable.
  package let start: UInt64
  /// The distance of the first field behind the variables; nil if it is not known.
  package let size: UInt64?
  /// The parameters that are stored into it when the generator is made, by the distance of the field.
  package let parameters: [UInt64: Int]

  /// What the function with the scope makes.
  package let kind: GeneratorKind

  package init(
    address: UInt64, start: UInt64, size: UInt64?, parameters: [UInt64: Int], kind: GeneratorKind
  ) {
    self.kind = kind
    self.address = address
    self.start = start
    self.size = size
    self.parameters = parameters
  }
}
