import Basics
import IR

/// Which places in the stack frame each value of a function may point at.
///
/// A pointer that is kept in the frame is followed through the stores and loads of its cell, in
/// whatever order they happen, so that a loop which keeps one is no reason to know nothing.
/// ```
/// %5 = phi stack-32, %6
/// store %5, %7                  →     %5 and %6 point at stack-32 and nowhere else
/// %6 = after.stack-80 %…
/// ```
struct FramePointers {
  /// The places that one value may point at; none if it is no pointer into the frame.
  struct Targets: Equatable {
    fileprivate(set) var offsets: Set<Int> = []
    /// Whether it may point anywhere in the frame.
    fileprivate(set) var isUnknown = false

    static let unknown = Targets(offsets: [], isUnknown: true)

    var isEmpty: Bool { offsets.isEmpty && !isUnknown }

    /// - Returns: whether anything was added.
    fileprivate mutating func formUnion(_ other: Targets) -> Bool {
      guard !isUnknown, !other.isEmpty else { return false }
      let count = offsets.count
      offsets.formUnion(other.offsets)
      // A pointer that moves along is not followed.
      isUnknown = other.isUnknown || offsets.count > 16
      if isUnknown { offsets = [] }
      return isUnknown || offsets.count != count
    }

    fileprivate func moved(by distance: Int) -> Targets {
      let moved = offsets.map { $0.addingReportingOverflow(distance) }
      if moved.contains(where: \.overflow) { return .unknown }
      return Targets(offsets: Set(moved.map(\.partialValue)), isUnknown: isUnknown)
    }
  }

  private let frame: StackFrame
  private let cellSize: Int
  private var values: [Targets]
  /// Whether a value is made from an address in the frame without having been kept there.
  private var isDirect: [Bool]
  /// Values that were made since.
  private var newValues: [Instruction.ID: Targets] = [:]
  /// What each cell of the frame may hold at any time.
  private var contents: [Int: Targets] = [:]
  /// What any cell may hold.
  private var everywhere = Targets()

  init(_ frame: StackFrame, cellSize: Int, _ function: borrowing Function) {
    self.frame = frame
    self.cellSize = cellSize
    values = Array(repeating: Targets(), count: function.instructionCount)
    isDirect = Array(repeating: false, count: function.instructionCount)
    var followed: [Instruction.ID] = []
    for id in function.instructionIDs {
      if let offset = frame.offset(of: id, in: function) {
        values[id.index] = Targets(offsets: [offset])
        isDirect[id.index] = true
      } else if Self.passesPointers(id, function) {
        followed.append(id)
      }
    }
    var changed = true
    while changed {
      changed = false
      for id in followed where follow(id, function) { changed = true }
    }
  }

  /// Where a value may point.
  subscript(_ id: Instruction.ID) -> Targets {
    id.index < values.count ? values[id.index] : newValues[id] ?? Targets()
  }

  /// Notes that a value stands for an older one.
  mutating func note(_ value: Instruction.ID, standsFor old: Instruction.ID) {
    guard value.index >= values.count else { return }
    _ = newValues[value, default: Targets()].formUnion(self[old])
  }

  private static func passesPointers(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    switch function[id].operation {
    case .phi, .machine(.add), .machine(.subtract), .machine(.and), .machine(.or): true
    case .machine(.load), .machine(.store): function[id].block != nil
    case .after(let cell): cell.kind == .stack
    default: false
    }
  }

  /// - Returns: whether something new was found.
  private mutating func follow(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    switch function[id].operation {
    case .phi:
      var changed = false
      for operand in function.operands(of: id) {
        if isDirect[operand.index] { isDirect[id.index] = true }
        if values[id.index].formUnion(self[operand]) { changed = true }
      }
      return changed
    case .machine(.store): return followStore(id, function)
    case .machine(.load):
      guard function.size(id) == cellSize else { return false }
      return values[id.index].formUnion(content(at: function.operand(0, of: id), function))
    case .after(let cell):
      return values[id.index].formUnion(content(of: Int(cell.offset)))
    default:
      let (base, distance) = function.offset(id)
      if base != id {
        if isDirect[base.index] { isDirect[id.index] = true }
        let moved = Int(Opcode.signed(distance, function.pointerSize))
        return values[id.index].formUnion(self[base].moved(by: moved))
      }
      // What was kept in the frame is a pointer at some times only; nobody counts with those.
      let isDerived = function.operands(of: id).contains { isDirect[$0.index] }
      if isDerived { isDirect[id.index] = true }
      return isDerived && values[id.index].formUnion(.unknown)
    }
  }

  private mutating func followStore(
    _ id: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    let stored = self[function.operand(1, of: id)]
    guard !stored.isEmpty else { return false }
    let places = self[function.operand(0, of: id)]
    if places.isUnknown { return everywhere.formUnion(stored) }
    var changed = false
    for place in places.offsets
    where contents[place & -cellSize, default: Targets()].formUnion(stored) {
      changed = true
    }
    return changed
  }

  private func content(of cell: Int) -> Targets {
    var result = contents[cell & -cellSize] ?? Targets()
    _ = result.formUnion(everywhere)
    return result
  }

  private func content(
    at address: Instruction.ID, _ function: borrowing Function
  ) -> Targets {
    let places = self[address]
    var result = Targets()
    for place in places.offsets { _ = result.formUnion(content(of: place)) }
    return result
  }
}
