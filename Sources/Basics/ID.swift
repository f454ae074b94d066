/// A four-byte name for one row of a ``Table``.
package struct ID<Row>: Hashable, Comparable, BitwiseCopyable, Sendable {
  package let number: UInt32

  package init(_ number: UInt32) { self.number = number }

  /// The position of the row in its table.
  package var index: Int { Int(number) }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
