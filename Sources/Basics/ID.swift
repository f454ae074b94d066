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

  /// Names are small numbers that nobody can choose to collide: mixing them is enough, and takes a tenth
  /// of the time of the hash that resists such choices.
  @inlinable public func _rawHashValue(seed: Int) -> Int {
    let mixed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: seed)
    return Int(truncatingIfNeeded: mixed ^ mixed >> 32)
  }
}
