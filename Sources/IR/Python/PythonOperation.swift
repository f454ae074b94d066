/// What a raised instruction means in Python.
package enum PythonOperation: Hashable, BitwiseCopyable, Sendable {
  /// A constant of the module; does not raise.
  case constant(ConstantID)
}

/// A constant of the module, by its number in the module's table.
package struct ConstantID: Hashable, Comparable, BitwiseCopyable, Sendable {
  package let number: UInt32

  package init(_ number: UInt32) { self.number = number }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
