import Basics
import IR
import ModuleRecovery
import Simplification

/// A pointer that goes along an array, by the same step in each turn of a loop.
struct PointerWalk {
  let pointer: Instruction.ID
  /// Where it starts.
  let start: Instruction.ID
  /// The size of an element, in bytes.
  let step: UInt64
  /// The loads of elements, and how far behind the pointer each lies.
  var loads: [(load: Instruction.ID, distance: UInt64)] = []
  /// The comparisons with the end, and whether the pointer stands on the left there.
  var tests: [Test] = []

  struct Test {
    let comparison: Instruction.ID
    let isLeft: Bool
    /// By how many bytes what is compared lies behind the pointer.
    let ahead: UInt64
    /// How many elements lie between the first one and where the comparison changes.
    let count: UInt64
  }
}

// Loops over arrays that go from place to place.
extension Raiser {
  /// How a pointer goes along an array, if nothing but loads and comparisons with the end reads it.
  func walk(_ pointer: Instruction.ID) -> PointerWalk? {
    var start: Instruction.ID?
    var step: UInt64?
    for operand in function.operands(of: pointer) {
      let (base, distance) = function.offset(operand)
      if base == pointer {
        guard step == nil || step == distance else { return nil }
        step = distance
      } else {
        guard start == nil || start == operand else { return nil }
        start = operand
      }
    }
    guard let start, let step, [1, 2, 4, 8].contains(step) else { return nil }
    var walk = PointerWalk(pointer: pointer, start: start, step: step)
    let frame = StackFrame(&function, program.machine)
    for reader in readers() where reader != pointer {
      let reads = function.operands(of: reader).contains { function.offset($0).base == pointer }
      guard reads, !isSum(reader), !isSpill(reader, in: frame) else { continue }
      guard note(reader, in: &walk) else { return nil }
    }
    return walk.loads.isEmpty || walk.tests.isEmpty ? nil : walk
  }

  /// Starts where an array ends that a loop went along before, instead of where the pointer stands then.
  ///
  /// ```
  /// p = phi a, p + 4; …; if p + 4 != e: goto next turn     →     …
  /// q = phi p + 4, q + 4                                         q = phi e, q + 4
  /// ```
  func startBehindWalks() {
    var ends: [Instruction.ID: (end: Instruction.ID, exit: Block.ID)] = [:]
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        case .equal(let left, let right) = site.condition.form,
        function[site.target].predecessors == [block]
      else { continue }
      for (moved, end) in [(left, right), (right, left)] {
        let pointer = function.offset(moved).base
        if pointer != moved, function.isPhi(pointer),
          function.operands(of: pointer).contains(moved)
        {
          ends[moved] = (end, site.target)
        }
      }
    }
    for block in function.reversePostorder() {
      for phi in function[block].instructions where function.isPhi(phi) {
        let operands = function.operands(of: phi).enumerated().map { edge, operand in
          guard let (end, exit) = ends[operand],
            isStraight(from: exit, to: function[block].predecessors[edge])
          else { return operand }
          return end
        }
        function.setOperands(of: phi, operands)
      }
    }
  }

  /// Whether control comes to a block on one way only, by another one.
  private func isStraight(from start: Block.ID, to end: Block.ID) -> Bool {
    var block = end
    for _ in 0..<32 {
      if block == start { return true }
      guard function[block].predecessors.count == 1 else { return false }
      block = function[block].predecessors[0]
    }
    return false
  }

  /// Whether a step only adds a number; what reads the sum counts as reading the pointer.
  private func isSum(_ id: Instruction.ID) -> Bool {
    function.offset(id).base != id
  }

  /// Whether a step keeps a value in the stack frame, from where its readers have got it already.
  private func isSpill(_ id: Instruction.ID, in frame: StackFrame) -> Bool {
    function[id].operation == .machine(.store)
      && frame.offset(of: function.operand(0, of: id), in: function) != nil
  }

  private func note(_ reader: Instruction.ID, in walk: inout PointerWalk) -> Bool {
    if function[reader].operation == .machine(.load) {
      walk.loads.append((reader, function.offset(function.operand(0, of: reader)).offset))
      return true
    }
    guard let (opcode, left, right) = function.machine(reader), opcode.isComparison else {
      return false
    }
    for (place, end) in [(left, right), (right, left)] {
      let (base, ahead) = function.offset(place)
      guard base == walk.pointer, let size = distance(from: walk.start, to: end),
        (size &- ahead) % walk.step == 0
      else { continue }
      walk.tests.append(
        PointerWalk.Test(
          comparison: reader, isLeft: place == left, ahead: ahead,
          count: (size &- ahead) / walk.step))
      return true
    }
    return false
  }

  private func distance(from start: Instruction.ID, to end: Instruction.ID) -> UInt64? {
    if let first = function.constant(start), let last = function.constant(end) {
      return last &- first
    }
    let (base, first) = function.offset(start)
    let (other, last) = function.offset(end)
    return base == other ? last &- first : nil
  }

  /// Counts the elements instead.
  ///
  /// - Returns: the number of elements before the current one.
  func count(_ walk: PointerWalk) -> Instruction.ID? {
    guard let block = function[walk.pointer].block else { return nil }
    let width = function.pointerSize
    let counter = function.appendPhi(width: width, to: block)
    let next = function.binary(
      .add, counter, function.constant(1, width: width), width: width)
    function.setOperands(
      of: counter,
      function.operands(of: walk.pointer).map {
        $0 == walk.start ? function.constant(0, width: width) : next
      })
    for test in walk.tests {
      guard case .machine(let opcode) = function[test.comparison].operation else { continue }
      let end = function.constant(test.count, width: width)
      let (left, right) = test.isLeft ? (counter, end) : (end, counter)
      function.forward(test.comparison, to: function.binary(opcode, left, right, width: 1))
    }
    return counter
  }
}

extension Opcode {
  fileprivate var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .signedLess, .signedLessOrEqual: true
    default: false
    }
  }
}
