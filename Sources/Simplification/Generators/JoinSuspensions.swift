import Analysis
package import IR
import RuntimeModel

/// Makes one function of the pieces between a generator's suspensions.
///
/// ```
/// choose [gen + label]: 0 → B0, 1 → B1                B0: …
/// B0: …; store gen + label, 1; return %v       →          %y = python.yield %v
/// B1: if sent == 0: goto error …                          if %y == 0: goto error …
/// ```
/// Every label is stored once and is one target of the dispatch at the start
/// (`generate_yield_code` in `Cython/Compiler/ExprNodes.py`). Temporaries that are alive are kept in
/// fields behind those of the variables; they become places in the frame, so that they are followed
/// like other spilled values.
package struct JoinSuspensions {
  /// Where the generator lies.
  let generator: UInt64
  let scope: GeneratorScope
  let none: UInt64
  let facts: any ModuleFacts
  /// What was read from and stored into the scope's variables, by the distance of the field.
  package internal(set) var accesses: [(value: Instruction.ID, offset: UInt64)] = []
  var label: UInt64 = 0
  /// The first blocks behind each resumption, and what is sent in there.
  var starts: [(block: Block.ID, sent: Instruction.ID)] = []

  /// What keeps suspensions from being joined.
  package struct Failure: Error {
    package let reason: String
  }

  /// - Parameters:
  ///   - generator: the address that stands for the generator.
  ///   - scope: its scope.
  ///   - none: the address of `None`, which the first resumption sends in.
  ///   - facts: what is known of the module.
  package init(
    generator: UInt64, scope: GeneratorScope, none: UInt64, facts: any ModuleFacts
  ) {
    self.generator = generator
    self.scope = scope
    self.none = none
    self.facts = facts
  }

  /// Joins the pieces of a function whose arguments are bound.
  package mutating func run(on function: inout Function, machine: Machine) throws(Failure) {
    guard let label = findLabel(function) else {
      throw Failure(reason: "a generator without a label")
    }
    self.label = label
    mergeLabelStores(&function)
    let none = function.constant(none, width: function.pointerSize)
    let first = try target(of: 0, function)
    var suspensions: [(store: Instruction.ID, target: Block.ID, from: Block.ID)] = []
    for (store, number) in labelStores(function) where number != 0 && number < 1 << 31 {
      let (target, from) = try target(of: number, function)
      suspensions.append((store, target, from))
    }
    starts = [(first.target, none)]
    for suspension in suspensions {
      try join(suspension.store, suspension.target, from: suspension.from, &function)
    }
    guard Set(starts.map(\.block)).count == starts.count else {
      throw Failure(reason: "suspensions that are resumed in one place")
    }
    decideLabel(&function)
    decideErrorExit(&function, machine)
    function.removeUnreachableBlocks()
    replaceSent(&function, machine)
    try endAsyncLoops(&function)
    moveFields(&function, machine, starts.dropFirst().map(\.block))
  }

  // MARK: The label

  /// Where the label lies: the last integer that is read through the generator.
  ///
  /// A generator that has ended gets the label -1, which tells it from pointers of the same width.
  private func findLabel(_ function: borrowing Function) -> UInt64? {
    var last: UInt64?
    var ends: Set<UInt64> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.store)
        && function.constant(function.operand(1, of: id)) == Opcode.mask(4)
      {
        if let place = function.constant(function.operand(0, of: id)) { ends.insert(place) }
      }
    }
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.load) && function.size(id) == 4 {
        if let address = function.constant(function.operand(0, of: id)), address > generator,
          address < generator + 0x100, function.pointerSize > 4 || ends.contains(address)
        {
          last = max(last ?? address, address)
        }
      }
    }
    return last
  }

  func labelStores(
    _ function: borrowing Function
  ) -> [(store: Instruction.ID, number: UInt64)] {
    var result: [(store: Instruction.ID, number: UInt64)] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        guard function.constant(function.operand(0, of: id)) == label,
          let number = function.constant(function.operand(1, of: id))
        else { continue }
        result.append((id, number))
      }
    }
    return result
  }

  /// Where the dispatch leads for a label, and from which block.
  private func target(
    of number: UInt64, _ function: borrowing Function
  ) throws(Failure) -> (target: Block.ID, from: Block.ID) {
    var (previous, block) = (function.entry, function.entry)
    for _ in 0..<64 {
      let next: Block.ID?
      switch function[block].terminator {
      case .jump(let target):
        // What dispatches only jumps on to compare again.
        next = isDispatch(target, function) || block == function.entry ? target : nil
      case .branch(let condition, let first, let second):
        next = value(function.resolve(condition), number, function, 0).map {
          $0 != 0 ? first : second
        }
      case .choose(let selector, let table):
        next = value(function.resolve(selector), number, function, 0).flatMap { address in
          function[table].targets.first { function[$0].address & 0xFFFF_FFFF_FFFF == address }
        }
      default: next = nil
      }
      guard let next else { break }
      (previous, block) = (block, next)
    }
    guard block != function.entry, previous != block else {
      throw Failure(reason: "a generator that starts in an unknown way")
    }
    return (block, previous)
  }

  private func isDispatch(_ block: Block.ID, _ function: borrowing Function) -> Bool {
    guard let condition = function[block].terminator.value,
      case .branch = function[block].terminator
    else {
      if case .choose = function[block].terminator { return true }
      return false
    }
    return value(function.resolve(condition), 0, function, 0) != nil
  }

  /// The number that a pure value has if the label is known.
  func value(
    _ id: Instruction.ID, _ number: UInt64, _ function: borrowing Function, _ depth: Int
  ) -> UInt64? {
    if let constant = function.constant(id) { return constant }
    if function[id].operation == .machine(.load) {
      let place = function.operand(0, of: id)
      if function.constant(place) == label { return number }
      guard depth < 8, let address = value(place, number, function, depth + 1) else { return nil }
      return facts.constant(at: address, size: function.size(id))
    }
    guard depth < 8, function[id].block == nil, let (opcode, left, right) = function.machine(id),
      let first = value(left, number, function, depth + 1)
    else { return nil }
    var second: UInt64 = 0
    if function.operandCount(of: id) > 1 {
      guard let other = value(right, number, function, depth + 1) else { return nil }
      second = other
    }
    return opcode.evaluate(
      first, second, size: function.size(left), otherSize: function.size(right),
      width: function.size(id))
  }

  /// The label is 0 from now on: control comes in at the start.
  private func decideLabel(_ function: inout Function) {
    for (store, _) in labelStores(function) { function.remove(store) }
    for id in function.instructionIDs {
      guard function[id].operation == .machine(.load), function.size(id) == 4,
        function.constant(function.operand(0, of: id)) == label
      else { continue }
      function.forward(id, to: function.constant(0, width: 4))
    }
    for block in function.reversePostorder() {
      switch function[block].terminator {
      case .branch(let condition, _, _):
        guard let number = value(function.resolve(condition), 0, function, 0) else { continue }
        function.decideBranch(of: block, taken: number != 0)
      case .choose(let selector, let table):
        guard let address = value(function.resolve(selector), 0, function, 0) else { continue }
        let target = function[table].targets.first {
          function[$0].address & 0xFFFF_FFFF_FFFF == address
        }
        if let target { function.decideSwitch(of: block, target: target) }
      default: continue
      }
    }
  }
}
