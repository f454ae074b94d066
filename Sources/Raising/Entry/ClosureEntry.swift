import IR
import Interpretation
package import RuntimeModel

/// The closure scopes that a function finds behind its function object, or a generator's body in its
/// generator, with an address made up for each.
package struct ClosureEntry: Sendable {
  /// The types of the scopes, the innermost first; each holds a pointer to the next one.
  package let types: [UInt64]
  /// What lies at addresses that are made up: pointers to scopes.
  package private(set) var pointers: [UInt64: UInt64] = [:]
  /// The generator, if the function is the body of one.
  package private(set) var generator: UInt64?

  /// No object and no code lies there.
  private static let base: UInt64 = 0x5800_0000
  private static let stride: UInt64 = 0x10000

  /// `pointer` is where the function finds the innermost scope.
  package init(_ types: [UInt64], pointer: UInt64, _ layout: ObjectLayout) {
    self.types = types
    link(pointer, layout)
  }

  /// The body of a generator, which finds its scope behind its first argument.
  ///
  /// `closure` of `__pyx_CoroutineObject` in `Cython/Utility/Coroutine.c` is its fourth word.
  package init(generatorWith types: [UInt64], _ layout: ObjectLayout) {
    self.types = types
    let generator = Self.base - Self.stride
    self.generator = generator
    link(generator + layout.generatorScope, layout)
  }

  private mutating func link(_ pointer: UInt64, _ layout: ObjectLayout) {
    var pointer = pointer
    for index in types.indices {
      pointers[pointer] = Self.address(of: index)
      // The outer scope is always the first field.
      pointer = Self.address(of: index) + layout.fields
    }
  }

  /// The address of a scope, by its place in the chain.
  package static func address(of index: Int) -> UInt64 { base + UInt64(index) * stride }

  /// The scope, and the distance in it, at an address.
  package func place(_ address: UInt64) -> (index: Int, offset: UInt64)? {
    guard address >= Self.base else { return nil }
    let index = Int(clamping: (address - Self.base) / Self.stride)
    return types.indices.contains(index) ? (index, (address - Self.base) % Self.stride) : nil
  }
}
