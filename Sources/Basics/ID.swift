/// A four-byte name for one row of a ``Table``.
@frozen public struct ID<Row>: Hashable, Comparable, BitwiseCopyable, Sendable {
  public let number: UInt32

  @inlinable public init(_ number: UInt32) { self.number = number }

  /// The position of the row in its table.
  @inlinable public var index: Int { Int(number) }

  @inlinable public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

  @inlinable public static func == (left: Self, right: Self) -> Bool {
    left.number == right.number
  }

  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
