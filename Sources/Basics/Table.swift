/// An append-only array whose rows are named by a typed ``ID``.
///
/// A block can never be looked up with the name of an instruction.
package struct Table<Row> {
  private var rows: [Row] = []

  package init() {}

  package var count: Int { rows.count }

  /// The names of all rows, in the order in which they were appended.
  package var ids: some RandomAccessCollection<ID<Row>> {
    (0..<UInt32(rows.count)).lazy.map(ID.init)
  }

  package mutating func reserveCapacity(_ capacity: Int) { rows.reserveCapacity(capacity) }

  @discardableResult
  package mutating func append(_ row: Row) -> ID<Row> {
    rows.append(row)
    return ID(UInt32(rows.count - 1))
  }

  package subscript(id: ID<Row>) -> Row {
    get { rows[Int(id.number)] }
    _modify { yield &rows[Int(id.number)] }
  }
}

extension Table: Sendable where Row: Sendable {}
