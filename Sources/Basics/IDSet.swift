/// A set of names of one ``Table``'s rows: one bit for each row up to the highest member.
///
/// Names are small numbers that lie close together, so that a bit tells sooner than a hash would. The
/// members come in ascending order, the same in every run.
@frozen public struct IDSet<Row>: Sequence, Equatable, Sendable {
  @usableFromInline var words: [UInt64] = []

  @inlinable static var bits: Int { UInt64.bitWidth }

  @inlinable public init() {}

  /// An empty set with room for the rows of a table of `count`.
  @inlinable public init(capacity count: Int) {
    words = Array(repeating: 0, count: (count + Self.bits - 1) / Self.bits)
  }

  @inlinable public func contains(_ id: ID<Row>) -> Bool {
    let word = id.index / Self.bits
    return word < words.count && words[word] & Self.bit(id) != 0
  }

  /// Puts a name in.
  ///
  /// - Returns: whether it was not there before.
  @inlinable @discardableResult
  public mutating func insert(_ id: ID<Row>) -> Bool {
    let word = id.index / Self.bits
    if word >= words.count {
      words += repeatElement(0, count: word + 1 - words.count)
    }
    defer { words[word] |= Self.bit(id) }
    return words[word] & Self.bit(id) == 0
  }

  @inlinable static func bit(_ id: ID<Row>) -> UInt64 { 1 << UInt64(id.index % bits) }

  @inlinable public func makeIterator() -> AnyIterator<ID<Row>> {
    var position = 0
    var rest = words.first ?? 0
    return AnyIterator {
      while rest == 0 {
        position += 1
        guard position < words.count else { return nil }
        rest = words[position]
      }
      defer { rest &= rest - 1 }
      return ID(UInt32(position * Self.bits + rest.trailingZeroBitCount))
    }
  }

  /// Sets are equal by their members, however much room they have.
  @inlinable public static func == (left: Self, right: Self) -> Bool {
    let (long, short) =
      left.words.count < right.words.count
      ? (right.words, left.words) : (left.words, right.words)
    return long.starts(with: short) && long.dropFirst(short.count).allSatisfy { $0 == 0 }
  }
}
