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
  struct Targets: Hashable {
    /// In ascending order.
    fileprivate(set) var offsets: [Int] = []
    /// Whether it may point anywhere in the frame.
    fileprivate(set) var isUnknown = false

    static let unknown = Targets(offsets: [], isUnknown: true)

    var isEmpty: Bool { offsets.isEmpty && !isUnknown }

    fileprivate func union(_ other: Targets) -> Targets {
      // A pointer that moves along is not followed.
      let all = Set(offsets).union(other.offsets)
      guard !isUnknown, !other.isUnknown, all.count <= 16 else { return .unknown }
      return Targets(offsets: all.sorted())
    }

    fileprivate func moved(by distance: Int) -> Targets {
      let moved = offsets.map { $0.addingReportingOverflow(distance) }
      if moved.contains(where: \.overflow) { return .unknown }
      return Targets(offsets: moved.map(\.partialValue).sorted(), isUnknown: isUnknown)
    }
  }

  private let cellSize: Int
  /// What each value may point at, by its number in the table.
  private var values: [Int32]
  /// Whether a value is made from an address in the frame without having been kept there.
  private var isDirect: [Bool]
  /// Values that were made since.
  private var newValues: [Instruction.ID: Int32] = [:]
  /// What each cell of the frame may hold at any time.
  private var contents: [Int: Int32] = [:]
  /// What any cell may hold.
  private var everywhere = TargetTable.none
  private var table = TargetTable()

  /// `entry` is where cells of the frame point when the function starts, by their offset.
  init(
    _ frame: StackFrame, cellSize: Int, entry: [Int: Int] = [:], _ function: borrowing Function
  ) {
    self.cellSize = cellSize
    for (place, target) in entry where place & (cellSize - 1) == 0 {
      contents[place] = table.number(of: Targets(offsets: [target]))
    }
    values = Array(repeating: TargetTable.none, count: function.instructionCount)
    isDirect = Array(repeating: false, count: function.instructionCount)
    var followed: [Step] = []
    let objects = Self.countedObjects(frame, function)
    for id in function.instructionIDs where !objects.contains(id) {
      if let offset = frame.offset(of: id, in: function) {
        values[id.index] = table.number(of: Targets(offsets: [offset]))
        isDirect[id.index] = true
      } else if Self.passesPointers(id, function) {
        followed.append(Step(id, cellSize, function))
      }
    }
    var changed = true
    while changed {
      changed = false
      for step in followed where follow(step, function) { changed = true }
    }
  }

  /// The values whose references are counted: objects, which never lie in the frame, though a cell may
  /// hold them at one time and a pointer into the frame at another.
  private static func countedObjects(
    _ frame: StackFrame, _ function: borrowing Function
  ) -> IDSet<Instruction> {
    var result = IDSet<Instruction>(capacity: function.instructionCount)
    for id in function.instructionIDs where function[id].block != nil {
      switch function[id].operation {
      case .referenceCount: result.insert(function.operand(0, of: id))
      case .machine(.store):
        let place = function.operand(0, of: id)
        guard let (opcode, count, change) = function.machine(function.operand(1, of: id)),
          opcode == .add || opcode == .subtract, function[count].operation == .machine(.load),
          function.operand(0, of: count) == place, let number = function.constant(change),
          number == 1 || number == Opcode.mask(function.size(change)),
          frame.offset(of: place, in: function) == nil
        else { continue }
        result.insert(place)
      default: continue
      }
    }
    return result
  }

  /// Where a value may point.
  subscript(_ id: Instruction.ID) -> Targets { table.targets[Int(number(of: id))] }

  private func number(of id: Instruction.ID) -> Int32 {
    id.index < values.count ? values[id.index] : newValues[id] ?? TargetTable.none
  }

  /// Notes that a value stands for an older one.
  mutating func note(_ value: Instruction.ID, standsFor old: Instruction.ID) {
    guard value.index >= values.count else { return }
    newValues[value] = table.union(number(of: value), number(of: old))
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
    /// The first two operands; the step itself where there are fewer.
    let left: Instruction.ID
    let right: Instruction.ID

    init(_ id: Instruction.ID, _ cellSize: Int, _ function: borrowing Function) {
      self.id = id
      let count = function.operandCount(of: id)
      right = count > 1 ? function.operand(1, of: id) : id
      switch function[id].operation {
      case .phi: (kind, left) = (.phi, id)
      case .after(let cell): (kind, left) = (.cell(Int(cell.offset)), id)
      case .machine(.store): (kind, left) = (.store, function.operand(0, of: id))
      case .machine(.load):
        let isWhole = function.size(id) == cellSize
        (kind, left) = (isWhole ? .load : .none, function.operand(0, of: id))
      default:
        let (base, distance) = function.offset(id)
        let isMoved = base != id
        kind =
          isMoved ? .moved(by: Int(Opcode.signed(distance, function.pointerSize))) : .derived
        left = isMoved ? base : count > 0 ? function.operand(0, of: id) : id
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
  private mutating func follow(_ step: Step, _ function: borrowing Function) -> Bool {
    switch step.kind {
    case .phi:
      var changed = false
      for position in 0..<function.operandCount(of: step.id) {
        let operand = function.operand(position, of: step.id)
        if isDirect[operand.index] { isDirect[step.id.index] = true }
        if add(number(of: operand), to: step.id) { changed = true }
      }
      return changed
    case .store: return followStore(to: step.left, of: step.right)
    case .load: return addContents(at: step.left, to: step.id)
    case .cell(let offset): return addContent(of: offset, to: step.id)
    case .moved(let distance):
      if isDirect[step.left.index] { isDirect[step.id.index] = true }
      let base = number(of: step.left)
      guard base != TargetTable.none else { return false }
      return add(table.moved(base, by: distance), to: step.id)
    case .derived:
      // What was kept in the frame is a pointer at some times only; nobody counts with those.
      guard isDirect[step.left.index] || isDirect[step.right.index] else { return false }
      isDirect[step.id.index] = true
      return add(TargetTable.unknown, to: step.id)
    case .none: return false
    }
  }

  private mutating func add(_ targets: Int32, to value: Instruction.ID) -> Bool {
    let old = values[value.index]
    guard targets != TargetTable.none, targets != old else { return false }
    let all = table.union(old, targets)
    values[value.index] = all
    return all != old
  }

  private mutating func followStore(to address: Instruction.ID, of value: Instruction.ID) -> Bool {
    let stored = number(of: value)
    guard stored != TargetTable.none else { return false }
    let places = self[address]
    if places.isUnknown {
      let old = everywhere
      everywhere = table.union(old, stored)
      return everywhere != old
    }
    var changed = false
    for place in places.offsets {
      let old = contents[place & -cellSize] ?? TargetTable.none
      let all = table.union(old, stored)
      contents[place & -cellSize] = all
      if all != old { changed = true }
    }
    return changed
  }

  private mutating func addContent(of cell: Int, to value: Instruction.ID) -> Bool {
    let own = add(contents[cell & -cellSize] ?? TargetTable.none, to: value)
    return add(everywhere, to: value) || own
  }

  private mutating func addContents(
    at address: Instruction.ID, to value: Instruction.ID
  ) -> Bool {
    guard number(of: address) != TargetTable.none else { return false }
    var changed = false
    for place in self[address].offsets where addContent(of: place, to: value) { changed = true }
    return changed
  }
}

/// The sets of places that occur in a function, each once: most values share a few of them.
private struct TargetTable {
  static let none: Int32 = 0
  static let unknown: Int32 = 1

  private struct Pair: Hashable {
    let left: Int32
    let right: Int32
  }

  private struct Shift: Hashable {
    let set: Int32
    let distance: Int
  }

  private(set) var targets: [FramePointers.Targets] = [.init(), .unknown]
  private var numbers: [FramePointers.Targets: Int32] = [.init(): none, .unknown: unknown]
  private var unions: [Pair: Int32] = [:]
  private var shifts: [Shift: Int32] = [:]

  mutating func number(of set: FramePointers.Targets) -> Int32 {
    if let known = numbers[set] { return known }
    let number = Int32(targets.count)
    targets.append(set)
    numbers[set] = number
    return number
  }

  mutating func union(_ left: Int32, _ right: Int32) -> Int32 {
    if left == right || right == Self.none || left == Self.unknown { return left }
    if left == Self.none || right == Self.unknown { return right }
    let pair = Pair(left: left, right: right)
    if let known = unions[pair] { return known }
    let union = number(of: targets[Int(left)].union(targets[Int(right)]))
    unions[pair] = union
    return union
  }

  mutating func moved(_ set: Int32, by distance: Int) -> Int32 {
    let shift = Shift(set: set, distance: distance)
    if let known = shifts[shift] { return known }
    let moved = number(of: targets[Int(set)].moved(by: distance))
    shifts[shift] = moved
    return moved
  }
}
