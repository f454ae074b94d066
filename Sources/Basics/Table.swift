/// An append-only array whose rows are named by a typed ``ID``.
///
/// A block can never be looked up with the name of an instruction. Everything is inlinable: without
/// that, other modules would reach every row through generic code that is not specialised.
@frozen public struct Table<Row> {
  @usableFromInline var rows: [Row] = []

  @inlinable public init() {}

  @inlinable public var count: Int { rows.count }

  /// The names of all rows, in the order in which they were appended.
  @inlinable public var ids: IDs<Row> { IDs(count: UInt32(rows.count)) }

  @inlinable public mutating func reserveCapacity(_ capacity: Int) {
    rows.reserveCapacity(capacity)
  }

  @inlinable @discardableResult
  public mutating func append(_ row: Row) -> ID<Row> {
    rows.append(row)
    return ID(UInt32(rows.count - 1))
  }

  @inlinable public subscript(id: ID<Row>) -> Row {
    _read { yield rows[Int(id.number)] }
    _modify { yield &rows[Int(id.number)] }
  }
}

extension Table: Sendable where Row: Sendable {}

/// The names of the rows of a ``Table``.
@frozen public struct IDs<Row>: RandomAccessCollection, Sendable {
  @usableFromInline let number: UInt32

  @inlinable init(count: UInt32) { number = count }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { Int(number) }
  @inlinable public subscript(position: Int) -> ID<Row> { ID(UInt32(position)) }
}
