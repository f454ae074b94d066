import Analysis
import Basics
import IR
import Simplification

// Loops that count.
extension Raiser {
  /// Tests loops over a range of numbers at their head, one after the other.
  ///
  /// Compilers test such a loop at its end, and before it only if it may not run at all.
  ///
  /// - Returns: whether there was one.
  func testCountedLoops() -> Bool {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    for (position, header) in flow.order.enumerated() {
      guard function[header].predecessors.count == 2 else { continue }
      let sides = function[header].predecessors
      let isBack = sides.map { dominators.dominates(position, flow.position(of: $0)) }
      guard let index = isBack.firstIndex(of: true), let other = isBack.firstIndex(of: false)
      else { continue }
      if testCountedLoop(header, latch: sides[index], entry: sides[other]) { return true }
    }
    return false
  }

  private func testCountedLoop(_ header: Block.ID, latch: Block.ID, entry: Block.ID) -> Bool {
    guard case .branch(_, let first, let second) = function[latch].terminator,
      first != second, first == header || second == header
    else { return false }
    let exit = first == header ? second : first
    for counter in function[header].instructions where function.isPhi(counter) {
      restoreStep(of: counter, header, latch: latch, entry: entry, exit: exit)
      guard let (start, step) = count(counter, header, latch: latch, entry: entry),
        let condition = function[latch].terminator.value
      else { continue }
      let question = CountQuestion(condition: function.resolve(condition), holds: first == header)
      guard let limit = limit(question, counter, step) else { continue }
      let isGuarded = isGuard(entry, exit, start, limit, step, header)
      guard isGuarded || runsAtLeastOnce(start, limit, step) else { continue }
      let test =
        step > 0
        ? function.binary(.signedLess, counter, limit, width: 1)
        : function.binary(.signedLess, limit, counter, width: 1)
      function.testAtHead(
        RotatedLoop(
          header: header, latch: latch, entry: entry, exit: exit, isGuarded: isGuarded), test)
      if !isGuarded { readAtHead(function[header].predecessors[0], latch) }
      while function.removeTrivialPhis() {}
      return true
    }
    return false
  }

  /// Counts up in a loop of two turns.
  ///
  /// ```
  /// i = phi 0, 1; … if i == 0: goto next turn     →     i = phi 0, i + 1; … if i != 1: goto next turn
  /// ```
  private func restoreStep(
    of counter: Instruction.ID, _ header: Block.ID, latch: Block.ID, entry: Block.ID,
    exit: Block.ID
  ) {
    guard let from = function[header].predecessors.firstIndex(of: entry),
      let back = function[header].predecessors.firstIndex(of: latch),
      let start = function.constant(function.operand(from, of: counter)),
      let next = function.constant(function.operand(back, of: counter)), next == start &+ 1,
      case .branch(let condition, let first, _) = function[latch].terminator
    else { return }
    let test = Condition(function.resolve(condition), in: function)
    guard case .equal(counter, let number) = test.form, let value = function.constant(number) else {
      return
    }
    // Whether the next turn comes if the two are equal.
    let goesOn = test.isPositive == (first == header)
    guard value == (goesOn ? start : next) else { return }
    let size = function.size(counter)
    let sum = function.binary(.add, counter, function.constant(1, width: size), width: size)
    var operands = function.operands(of: counter)
    operands[back] = sum
    function.setOperands(of: counter, operands)
    let last = function.constant(next, width: size)
    let opcode: Opcode = first == header ? .notEqual : .equal
    function.setValue(
      ofTerminator: latch, to: function.binary(opcode, counter, last, width: 1))
  }

  /// Reads what the last turn of a loop made where the loop is tested now.
  private func readAtHead(_ head: Block.ID, _ latch: Block.ID) {
    var body: Set<Block.ID> = [head, latch]
    var pending = [latch]
    while let block = pending.popLast() {
      for predecessor in function[block].predecessors where body.insert(predecessor).inserted {
        pending.append(predecessor)
      }
    }
    guard let back = function[head].predecessors.firstIndex(of: latch) else { return }
    var known: [Instruction.ID: Instruction.ID] = [:]
    for phi in function[head].instructions where function.isPhi(phi) {
      known[function.operand(back, of: phi)] = phi
    }
    for block in function.reversePostorder() where !body.contains(block) {
      for id in function[block].instructions {
        let isPhi = function.isPhi(id)
        let operands = function.operands(of: id).enumerated().map { index, operand in
          isPhi && body.contains(function[block].predecessors[index])
            ? operand : known[operand] ?? operand
        }
        function.setOperands(of: id, operands)
      }
      if let value = function[block].terminator.value, let phi = known[function.resolve(value)] {
        function.setValue(ofTerminator: block, to: phi)
      }
    }
  }

  /// A condition, and whether it must hold.
  private struct CountQuestion {
    let condition: Instruction.ID
    let holds: Bool
  }

  /// Where a phi starts and what is added to it in each turn.
  private func count(
    _ phi: Instruction.ID, _ header: Block.ID, latch: Block.ID, entry: Block.ID
  ) -> (start: Instruction.ID, step: Int64)? {
    guard let from = function[header].predecessors.firstIndex(of: entry),
      let back = function[header].predecessors.firstIndex(of: latch),
      let (opcode, value, number) = function.machine(function.operand(back, of: phi)),
      opcode == .add, value == phi, let step = function.constant(number)
    else { return nil }
    let signed = Opcode.signed(step, function.size(number))
    guard signed != 0, abs(signed) < 1 << 31 else { return nil }
    return (function.operand(from, of: phi), signed)
  }

  /// What the counter is compared with, if the loop goes on as long as the next number is before it.
  private func limit(
    _ question: CountQuestion, _ counter: Instruction.ID, _ step: Int64
  ) -> Instruction.ID? {
    let size = function.size(counter)
    let amount = function.constant(UInt64(bitPattern: step) & Opcode.mask(size), width: size)
    let next = function.binary(.add, counter, amount, width: size)
    if let limit = limit(question, of: next, step) { return limit }
    guard let limit = limit(question, of: counter, step), function.constant(limit) != nil else {
      return nil
    }
    return function.binary(.add, limit, amount, width: size)
  }

  private func limit(
    _ question: CountQuestion, of value: Instruction.ID, _ step: Int64
  ) -> Instruction.ID? {
    let condition = Condition(question.condition, in: function)
    let holds = condition.isPositive == question.holds
    switch condition.form {
    case .equal(let left, let right) where abs(step) == 1 && !holds:
      return left == value ? right : right == value ? left : nil
    case .less(let left, let right) where holds:
      return step > 0 && left == value ? right : step < 0 && right == value ? left : nil
    case .lessOrEqual(let left, let right) where !holds:
      return step > 0 && right == value ? left : step < 0 && left == value ? right : nil
    case .lessOrEqual(let left, let right) where holds && step > 0 && left == value:
      return beyond(right, 1)
    case .less(let left, let right) where !holds && step > 0 && right == value:
      return beyond(left, 1)
    case .lessOrEqual(let left, let right) where holds && step < 0 && right == value:
      return beyond(left, -1)
    case .less(let left, let right) where !holds && step < 0 && left == value:
      return beyond(right, -1)
    default: return nil
    }
  }

  private func beyond(_ value: Instruction.ID, _ amount: Int64) -> Instruction.ID {
    let size = function.size(value)
    let number = function.constant(UInt64(bitPattern: amount) & Opcode.mask(size), width: size)
    return function.binary(.add, value, number, width: size)
  }

  /// Whether the block before a loop goes to its exit if there is nothing to count.
  private func isGuard(
    _ entry: Block.ID, _ exit: Block.ID, _ start: Instruction.ID, _ limit: Instruction.ID,
    _ step: Int64, _ header: Block.ID
  ) -> Bool {
    guard case .branch(let condition, let first, let second) = function[entry].terminator,
      first == exit || second == exit, first != second
    else { return false }
    let question = CountQuestion(condition: function.resolve(condition), holds: first == header)
    if self.limit(question, of: start, step) == limit { return true }
    // Lengths are not negative.
    let form = Condition(question.condition, in: function)
    guard case .equal(let left, let right) = form.form, form.isPositive != question.holds,
      step == 1, function.constant(start) == 0
    else { return false }
    return left == limit && right == start || right == limit && left == start
  }

  private func runsAtLeastOnce(
    _ start: Instruction.ID, _ limit: Instruction.ID, _ step: Int64
  ) -> Bool {
    guard let first = function.constant(start), let last = function.constant(limit) else {
      return false
    }
    let (low, high) = (
      Opcode.signed(first, function.size(start)), Opcode.signed(last, function.size(limit))
    )
    return step > 0 ? low < high : low > high
  }
}
