import Basics
package import IR

/// Replaces loads from the stack frame by the values that were stored there.
///
/// ```
/// store stack-24, %7        store stack-24, %7
/// call %f                   call %f
/// %9 = load stack-24   →    (%9 is %7)
/// ```
/// Calls that get a pointer into the frame may change what lies there; what they leave behind is a
/// value of its own. Stores stay, for whoever reads the frame by other means.
package struct PromoteStack<Effects: CallEffects>: ~Copyable {
  private let frame: StackFrame
  private let effects: Effects
  private let order: [Block.ID]
  private let positions: [Int]
  private var reaching: ReachingDefinitions
  /// Width of a cell in bytes.
  private let cellSize: Int
  /// The number of each cell by its offset; cells are aligned.
  private let numbers: [Int: Int]
  private let offsets: [Int]
  /// What points into the frame.
  private var pointers: FramePointers
  /// What earlier passes took for unknown after a call, by call.
  private var unknowns: [Instruction.ID: [Instruction.ID]] = [:]
  /// The lowest offset whose address has been stored outside the frame, so that any call may write there.
  private var lowestEscape: Int?

  /// - Parameters:
  ///   - function: the function.
  ///   - machine: the processor.
  ///   - effects: what calls may do to the frame.
  ///   - entryPointers: where cells of the frame point in the frame when the function starts, by their
  ///     offset.
  /// - Returns: whether any load was replaced.
  @discardableResult
  package static func run(
    on function: inout Function, machine: Machine, effects: Effects,
    entryPointers: [Int: Int] = [:]
  ) -> Bool {
    let decided = StackFrame(&function, machine).decideComparisons(in: &function)
    var pass = PromoteStack(&function, machine, effects, entryPointers)
    return pass.run(&function) || decided
  }

  private init(
    _ function: inout Function, _ machine: Machine, _ effects: Effects, _ entryPointers: [Int: Int]
  ) {
    let frame = StackFrame(&function, machine)
    self.frame = frame
    self.effects = effects
    cellSize = machine.cellSize
    pointers = FramePointers(
      frame, cellSize: machine.cellSize, entry: entryPointers, function)
    order = function.reversePostorder()
    var accessed = Self.accessedCells(order, frame, machine.cellSize, function)
    for id in function.instructionIDs {
      guard case .after(let cell) = function[id].operation, cell.kind == .stack else { continue }
      accessed.insert(Int(cell.offset))
      unknowns[function.operand(0, of: id), default: []].append(id)
    }
    let sorted = accessed.sorted()
    offsets = sorted
    numbers = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
    var positions = [Int](repeating: 0, count: function.blockIDs.count)
    for (position, block) in order.enumerated() { positions[block.index] = position }
    self.positions = positions
    var predecessors: [[Int]] = []
    for block in order {
      predecessors.append(function[block].predecessors.map { positions[$0.index] })
    }
    reaching = ReachingDefinitions(
      blocks: order, predecessors: predecessors,
      cells: sorted.map { Cell(.stack, offset: Int32(clamping: $0)) },
      widths: sorted.map { _ in machine.cellSize })
  }

  /// The cells of the frame that the function loads or stores at known places.
  private static func accessedCells(
    _ order: [Block.ID], _ frame: StackFrame, _ cellSize: Int, _ function: borrowing Function
  ) -> Set<Int> {
    var offsets: Set<Int> = []
    for block in order {
      for id in function[block].instructions {
        guard let (offset, width) = access(id, frame, function) else { continue }
        offsets.formUnion(cells(from: offset, width: width, cellSize))
      }
    }
    return offsets
  }

  private static func access(
    _ id: Instruction.ID, _ frame: StackFrame, _ function: borrowing Function
  ) -> (offset: Int, width: Int)? {
    let width: Int
    switch function[id].operation {
    case .machine(.load): width = function.size(id)
    case .machine(.store): width = function.size(function.operand(1, of: id))
    default: return nil
    }
    return frame.offset(of: function.operand(0, of: id), in: function).map { ($0, width) }
  }

  private static func cells(from offset: Int, width: Int, _ cellSize: Int) -> [Int] {
    Array(stride(from: offset & -cellSize, to: offset + width, by: cellSize))
  }

  private mutating func run(_ function: inout Function) -> Bool {
    guard !offsets.isEmpty else { return false }
    var changed = false
    for (position, block) in order.enumerated() {
      for id in function[block].instructions where visit(id, position, &function) {
        changed = true
      }
      reaching.markFilled(position)
    }
    reaching.finish(&function)
    while function.removeTrivialPhis() {}
    return changed
  }

  private mutating func visit(
    _ id: Instruction.ID, _ position: Int, _ function: inout Function
  ) -> Bool {
    switch function[id].operation {
    case .machine(.load):
      guard let (offset, width) = Self.access(id, frame, function),
        let value = read(offset, width, position, &function)
      else { return false }
      pointers.note(value, standsFor: id)
      function.forward(id, to: value)
      return true
    case .machine(.store):
      store(id, position, &function)
      return resolveUnknowns(after: id, position, &function)
    case .call:
      let appended = appendArray(to: id, position, &function)
      call(id, position, &function)
      return resolveUnknowns(after: id, position, &function) || appended
    default: break
    }
    return false
  }

  private mutating func read(
    _ offset: Int, _ width: Int, _ position: Int, _ function: inout Function
  ) -> Instruction.ID? {
    let inner = offset & (cellSize - 1)
    if inner == 0, width == cellSize * 2 {
      // A number that two cells hold.
      guard let low = read(offset, cellSize, position, &function),
        let high = read(offset + cellSize, cellSize, position, &function)
      else { return nil }
      return function.binary(.concatenate, high, low, width: width)
    }
    guard inner + width <= cellSize, let cell = numbers[offset - inner] else { return nil }
    let whole = reaching.read(cell, in: position, &function)
    return width == cellSize ? whole : function.extract(whole, inner, width: width)
  }

  private mutating func store(
    _ id: Instruction.ID, _ position: Int, _ function: inout Function
  ) {
    let value = function.operand(1, of: id)
    // A pointer that is kept in the frame itself is a register that was spilled.
    if let escaped = frame.offset(of: value, in: function),
      frame.offset(of: function.operand(0, of: id), in: function) == nil
    {
      lowestEscape = min(escaped, lowestEscape ?? escaped)
    }
    guard let (offset, width) = Self.access(id, frame, function) else {
      let places = pointers[function.operand(0, of: id)]
      clobber(places, bytes: function.size(value), by: id, position)
      return
    }
    for cell in Self.cells(from: offset, width: width, cellSize) {
      guard let number = numbers[cell] else { continue }
      if width == cellSize, offset == cell {
        reaching.define(number, value, in: position)
      } else if offset <= cell, offset + width >= cell + cellSize {
        let part = function.extract(value, cell - offset, width: cellSize)
        reaching.define(number, part, in: position)
      } else if offset >= cell, offset + width <= cell + cellSize {
        let old = reaching.read(number, in: position, &function)
        let new = function.replaceBytes(of: old, offset - cell, with: value)
        reaching.define(number, new, in: position)
      } else {
        let nothing = function.undefined(width: cellSize)
        reaching.define(number, nothing, in: position)
      }
    }
  }

  /// Gives a call the arguments that lie in an array in the frame.
  ///
  /// ```
  /// store stack-24, %7
  /// store stack-16, %8
  /// call PyObject_Vectorcall, %f, stack-24, 2, 0   →   call …, %f, stack-24, 2, 0, %7, %8
  /// ```
  private mutating func appendArray(
    to call: Instruction.ID, _ position: Int, _ function: inout Function
  ) -> Bool {
    guard let array = effects.argumentArray(of: call, in: function),
      let start = frame.offset(of: function.operand(array.argument + 1, of: call), in: function),
      start & (cellSize - 1) == 0
    else { return false }
    var operands = function.operands(of: call)
    guard operands.count <= array.declared + 1 else { return false }
    while operands.count <= array.declared {
      operands.append(function.constant(0, width: function.pointerSize))
    }
    if let position = array.countArgument {
      operands[position + 1] = function.constant(
        UInt64(clamping: array.count), width: function.pointerSize)
    }
    for index in 0..<array.count {
      let (offset, overflows) = start.addingReportingOverflow(index * function.pointerSize)
      guard !overflows, let cell = numbers[offset] else { return false }
      operands.append(reaching.read(cell, in: position, &function))
    }
    function.setOperands(of: call, operands)
    return array.count > 0
  }

  /// Forgets what a call may overwrite.
  private mutating func call(_ id: Instruction.ID, _ position: Int, _ function: inout Function) {
    if let lowestEscape { clobber(from: lowestEscape, bytes: nil, by: id, position) }
    for index in 1..<max(1, function.operandCount(of: id)) {
      let argument = function.operand(index, of: id)
      guard let offset = frame.offset(of: argument, in: function) else {
        let places = pointers[argument]
        if !places.isEmpty {
          let bytes = effects.bytesWritten(by: id, through: index - 1, in: function)
          clobber(places, bytes: bytes, by: id, position)
        }
        continue
      }
      let bytes = effects.bytesWritten(by: id, through: index - 1, in: function)
      clobber(from: offset, bytes: bytes, by: id, position)
    }
  }

  /// Replaces what was unknown after a call by what is known now.
  private mutating func resolveUnknowns(
    after call: Instruction.ID, _ position: Int, _ function: inout Function
  ) -> Bool {
    var changed = false
    for id in unknowns[call] ?? [] {
      guard case .after(let cell) = function[id].operation, function.resolve(id) == id,
        let number = numbers[Int(cell.offset)]
      else { continue }
      let value = reaching.read(number, in: position, &function)
      guard function.resolve(value) != id, function.size(value) == function.size(id) else {
        continue
      }
      pointers.note(value, standsFor: id)
      function.forward(id, to: value)
      changed = true
    }
    return changed
  }

  /// Forgets what lies where a pointer may point.
  private mutating func clobber(
    _ places: FramePointers.Targets, bytes: Int?, by step: Instruction.ID, _ position: Int
  ) {
    if places.isUnknown, bytes != 0 { clobber(from: .min, bytes: nil, by: step, position) }
    for offset in places.offsets {
      clobber(from: offset, bytes: bytes, by: step, position)
    }
  }

  private mutating func clobber(
    from offset: Int, bytes: Int?, by call: Instruction.ID, _ position: Int
  ) {
    let end = bytes.map { offset.addingReportingOverflow($0).partialValue } ?? .max
    for (number, cell) in offsets.enumerated() where cell + cellSize > offset && cell < end {
      reaching.clobber(number, by: call, in: position)
    }
  }
}
