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
    var followed: [Step] = []
    for id in function.instructionIDs {
      if let offset = frame.offset(of: id, in: function) {
        values[id.index] = Targets(offsets: [offset])
        isDirect[id.index] = true
      } else if Self.passesPointers(id, function) {
        followed.append(Step(id, cellSize, function))
      }
    }
    var changed = true
    while changed {
      changed = false
      for step in followed where follow(step) { changed = true }
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

  /// A step that may pass pointers on, read once: it is followed many times.
  private struct Step {
    enum Kind {
      case phi
      case store
      case load
      /// What a cell of the frame holds behind a call.
      case cell(Int)
      /// A value and a distance from it.
      case moved(by: Int)
      case derived
      case none
    }

    let id: Instruction.ID
    let kind: Kind
    let operands: [Instruction.ID]

    init(_ id: Instruction.ID, _ cellSize: Int, _ function: borrowing Function) {
      self.id = id
      let operands = function.operands(of: id)
      switch function[id].operation {
      case .phi: (kind, self.operands) = (.phi, operands)
      case .machine(.store): (kind, self.operands) = (.store, operands)
      case .machine(.load):
        let isWhole = function.size(id) == cellSize
        (kind, self.operands) = (isWhole ? .load : .none, operands)
      case .after(let cell): (kind, self.operands) = (.cell(Int(cell.offset)), [])
      default:
        let (base, distance) = function.offset(id)
        let isMoved = base != id
        kind =
          isMoved ? .moved(by: Int(Opcode.signed(distance, function.pointerSize))) : .derived
        self.operands = isMoved ? [base] : operands
      }
    }
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
  private mutating func follow(_ step: Step) -> Bool {
    let index = step.id.index
    switch step.kind {
    case .phi:
      var changed = false
      for operand in step.operands {
        if isDirect[operand.index] { isDirect[index] = true }
        if values[index].formUnion(self[operand]) { changed = true }
      }
      return changed
    case .store: return followStore(to: step.operands[0], of: step.operands[1])
    case .load: return values[index].formUnion(content(at: step.operands[0]))
    case .cell(let offset): return values[index].formUnion(content(of: offset))
    case .moved(let distance):
      let base = step.operands[0]
      if isDirect[base.index] { isDirect[index] = true }
      guard !self[base].isEmpty else { return false }
      return values[index].formUnion(self[base].moved(by: distance))
    case .derived:
      // What was kept in the frame is a pointer at some times only; nobody counts with those.
      let isDerived = step.operands.contains { isDirect[$0.index] }
      if isDerived { isDirect[index] = true }
      return isDerived && values[index].formUnion(.unknown)
    case .none: return false
    }
  }

  private mutating func followStore(to address: Instruction.ID, of value: Instruction.ID) -> Bool {
    let stored = self[value]
    guard !stored.isEmpty else { return false }
    let places = self[address]
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

  private func content(at address: Instruction.ID) -> Targets {
    let places = self[address]
    var result = Targets()
    for place in places.offsets { _ = result.formUnion(content(of: place)) }
    return result
  }
}
