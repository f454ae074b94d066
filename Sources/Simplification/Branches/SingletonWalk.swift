package import Basics
package import IR
import RuntimeModel

/// Follows control for one known object, past tests that only ask which object it is.
///
/// Inlined truth tests compare with `True`, `False` and `None` before they ask the object. They mean
/// nothing if each of these objects gets to the same place whichever way it takes; a comparison that
/// the source makes sends it elsewhere.
struct SingletonWalk {
  /// The places that a walk came by, and what the phis were there.
  struct Outcome {
    var places: [(block: Block.ID, values: [Instruction.ID: Value])] = []
    /// The decision at which the walk ended because it does not depend on the object.
    var fork: Fork?

    /// Whether two walks come to a place behind which nothing can tell them apart: phis that only one
    /// of them passed are read by later phis alone.
    func agrees(with other: Outcome) -> Bool {
      places.contains { place in
        other.places.contains { place.block == $0.block && Self.agree(place.values, $0.values) }
      }
    }

    private static func agree(
      _ left: [Instruction.ID: Value], _ right: [Instruction.ID: Value]
    ) -> Bool {
      left.allSatisfy { phi, value in
        guard let other = right[phi] else { return true }
        return value == other || value == .anything || other == .anything
      }
    }
  }

  /// A decision that does not depend on the object, and what is known before it.
  struct Fork {
    let site: BranchSite
    fileprivate let values: [Instruction.ID: Value]
    fileprivate let hasStored: Bool

    /// Whether another decision asks for the same.
    fileprivate func asksForSame(_ other: Fork, _ function: borrowing Function) -> Bool {
      guard site.condition.form == other.site.condition.form,
        case .branch(let condition, _, _) = function[site.block].terminator
      else { return false }
      var pending = [function.resolve(condition)]
      var seen = Set(pending)
      while let id = pending.popLast() {
        guard values[id] == other.values[id] else { return false }
        guard function[id].block == nil else { continue }
        for operand in function.operands(of: id) where seen.insert(operand).inserted {
          pending.append(operand)
        }
      }
      return true
    }
  }

  enum Value: Equatable {
    case number(UInt64)
    case unknown(Instruction.ID)
    /// What nobody can depend on.
    case anything
  }

  private let facts: any ModuleFacts
  private let object: Instruction.ID
  /// The address of the object.
  private let singleton: UInt64
  /// What `PyObject_IsTrue` says about it.
  private let truth: UInt64
  private let readers: Readers

  /// What is read in a function.
  struct Readers {
    /// The values that something depends on.
    let live: IDSet<Instruction>
    /// The phis that something behind their own block depends on.
    let elsewhere: IDSet<Instruction>

    init(_ function: borrowing Function) {
      live = function.liveValues()
      elsewhere = function.phisReadElsewhere(live)
    }
  }
  private var values: [Instruction.ID: Value] = [:]
  /// Whether the object was compared with a text on the way.
  private(set) var hasCompared = false
  /// Whether anything was stored on the way, or something died.
  private var hasStored = false
  /// What stands for the objects that a comparison gives.
  private static let answers: [Bool: UInt64] = [false: .max - 1, true: .max]

  init(
    _ object: Instruction.ID, is singleton: UInt64, truth: Bool, _ readers: Readers,
    _ facts: any ModuleFacts
  ) {
    self.object = object
    self.readers = readers
    self.singleton = singleton
    self.truth = truth ? 1 : 0
    self.facts = facts
  }

  /// Walks along an edge until something happens or a decision does not depend on the object.
  mutating func run(
    from source: Block.ID, to start: Block.ID, _ function: borrowing Function
  ) -> Outcome {
    values = [:]
    hasCompared = false
    hasStored = false
    return walk(from: source, to: start, function)
  }

  /// Whether two walks come to one place, whatever is decided on the way that has nothing to do with the
  /// object.
  ///
  /// ```c
  /// if (x == Py_None) { if (y) A; else B; }     →     if (PyObject_IsTrue(x)) A; else if (y) A; else B;
  /// else if (PyObject_IsTrue(x)) A; else if (y) A; else B;
  /// ```
  mutating func meet(
    _ first: Outcome, _ second: Outcome, _ function: borrowing Function, depth: Int = 0
  ) -> Bool {
    if first.agrees(with: second) { return true }
    guard depth < 3, let one = first.fork, let other = second.fork,
      one.asksForSame(other, function)
    else { return false }
    for holds in [true, false] {
      let ways = [one, other].map { resume($0, ifFormHolds: holds, function) }
      guard meet(ways[0], ways[1], function, depth: depth + 1) else { return false }
    }
    return true
  }

  private mutating func resume(
    _ fork: Fork, ifFormHolds holds: Bool, _ function: borrowing Function
  ) -> Outcome {
    values = fork.values
    hasStored = fork.hasStored
    return walk(
      from: fork.site.block, to: holds ? fork.site.target : fork.site.otherTarget, function)
  }

  private mutating func walk(
    from source: Block.ID, to start: Block.ID, _ function: borrowing Function
  ) -> Outcome {
    var outcome = Outcome()
    var (previous, block) = (source, start)
    for _ in 0..<64 {
      enter(block, from: previous, function)
      outcome.places.append(
        (
          block,
          values.filter { phi, _ in
            function.isPhi(phi) && readers.live.contains(phi)
              && (readers.elsewhere.contains(phi) || function[phi].block == block)
          }
        ))
      guard passes(block, function) else { break }
      let next: Block.ID
      switch function[block].terminator {
      case .jump(let target): next = target
      case .branch(let condition, let first, let second):
        guard case .number(let number) = value(function.resolve(condition), function, depth: 0)
        else {
          outcome.fork = BranchSite(block, in: function).map {
            Fork(site: $0, values: values, hasStored: hasStored)
          }
          return outcome
        }
        next = number != 0 ? first : second
      default: return outcome
      }
      (previous, block) = (block, next)
    }
    return outcome
  }

  private mutating func enter(
    _ block: Block.ID, from previous: Block.ID, _ function: borrowing Function
  ) {
    guard let edge = function[block].predecessors.firstIndex(of: previous) else { return }
    var entered: [Instruction.ID: Value] = [:]
    for id in function[block].instructions where function.isPhi(id) {
      entered[id] = value(function.operand(edge, of: id), function, depth: 0)
    }
    values.merge(entered) { $1 }
  }

  /// Whether a block does nothing that could be noticed.
  private mutating func passes(_ block: Block.ID, _ function: borrowing Function) -> Bool {
    for id in function[block].instructions {
      switch function[id].operation {
      case .call:
        let name = function.callee(of: id, facts)?.name
        if name == "PyObject_IsTrue", let argument = function.argument(0, of: id),
          case .number(let number) = value(argument, function, depth: 0),
          let isTrue = truth(of: number)
        {
          values[id] = .number(isTrue)
        } else if name == "PyObject_RichCompare", let answer = comparison(id, function) {
          values[id] = .number(answer)
          hasCompared = true
        } else if name == "_Py_Dealloc" {
          hasStored = true
        } else {
          return false
        }
      case .python: return false
      case .machine(.store): hasStored = true
      case .machine(.load) where isReadAgain(id, function): values[id] = .number(singleton)
      default: continue
      }
    }
    return true
  }

  /// Whether a value is the object, read once more from where it was, such as a variable that inner functions
  /// share.
  ///
  /// Nothing runs on the walk that could have changed it.
  private func isReadAgain(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    !hasStored && function[object].operation == .machine(.load)
      && function.operand(0, of: id) == function.operand(0, of: object)
      && function.size(id) == function.size(object)
  }

  private func truth(of number: UInt64) -> UInt64? {
    if number == singleton { return truth }
    return Self.answers.first { $0.value == number }.map { $0.key ? 1 : 0 }
  }

  /// What it gives to ask whether `None` equals a text.
  private func comparison(_ call: Instruction.ID, _ function: borrowing Function) -> UInt64? {
    guard facts.variable(at: singleton) == "_Py_NoneStruct",
      let operation = function.argument(2, of: call).flatMap({ function.constant($0) }),
      operation == 2 || operation == 3
    else { return nil }
    let operands = (0..<2).compactMap { function.argument($0, of: call) }
    let isNone = operands.map { value($0, function, depth: 0) == .number(singleton) }
    guard isNone.count == 2, isNone[0] != isNone[1],
      let text = function.constant(operands[isNone[0] ? 1 : 0]), facts.text(at: text) != nil
    else { return nil }
    return Self.answers[operation == 3]
  }

  private func value(
    _ id: Instruction.ID, _ function: borrowing Function, depth: Int
  ) -> Value {
    if id == object { return .number(singleton) }
    if let number = function.constant(id) { return .number(number) }
    if let known = values[id] { return known }
    if function[id].operation == .undefined { return .anything }
    if let low = function.lowPart(id) {
      return value(low, function, depth: depth + 1)
    }
    guard depth < 8, let (opcode, left, right) = function.machine(id), function[id].block == nil,
      case .number(let first) = value(left, function, depth: depth + 1)
    else { return .unknown(id) }
    var second: UInt64 = 0
    if function.operandCount(of: id) > 1 {
      guard case .number(let number) = value(right, function, depth: depth + 1) else {
        return .unknown(id)
      }
      second = number
    }
    let result = opcode.evaluate(
      first, second, size: function.size(left), otherSize: function.size(right),
      width: function.size(id))
    return result.map { .number($0) } ?? .unknown(id)
  }
}

extension Function {
  /// What was written into the low part of a register whose upper part is left from before.
  fileprivate func lowPart(_ id: Instruction.ID) -> Instruction.ID? {
    guard let (opcode, high, low) = machine(id), opcode == .concatenate, size(low) == 1,
      machine(high)?.opcode == .extract
    else { return nil }
    return low
  }

  /// The phis that something other than a reference count depends on behind the end of their own block.
  func phisReadElsewhere(_ live: IDSet<Instruction>) -> IDSet<Instruction> {
    var result = IDSet<Instruction>(capacity: instructionCount)
    let order = reversePostorder()
    // What a phi reads is read at the end of the block from where control comes.
    var reads = [[Instruction.ID]](repeating: [], count: blockIDs.count)
    for block in order {
      for id in self[block].instructions {
        switch self[id].operation {
        case .phi where live.contains(id):
          for (position, predecessor) in self[block].predecessors.enumerated() {
            reads[predecessor.index].append(operand(position, of: id))
          }
        case .phi, .referenceCount, .python(.held): continue
        default: reads[block.index] += operands(of: id)
        }
      }
      if let value = self[block].terminator.value { reads[block.index].append(resolve(value)) }
    }
    var lastReader = [Block.ID?](repeating: nil, count: instructionCount)
    for reader in order {
      var pending = reads[reader.index]
      while let value = pending.popLast() {
        guard lastReader[value.index] != reader else { continue }
        lastReader[value.index] = reader
        if isPhi(value) {
          if self[value].block != reader { result.insert(value) }
        } else if self[value].block == nil {
          pending += operands(of: value)
        }
      }
    }
    return result
  }

  /// The values that something other than a reference count depends on.
  package func liveValues() -> IDSet<Instruction> {
    var live = IDSet<Instruction>(capacity: instructionCount)
    var pending: [Instruction.ID] = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        switch self[id].operation {
        // What handlers hold is noted for later only.
        case .phi, .referenceCount, .python(.held): continue
        default: pending += operands(of: id)
        }
      }
      if let value = self[block].terminator.value { pending.append(resolve(value)) }
    }
    while let id = pending.popLast() {
      guard live.insert(id), isPhi(id) || self[id].block == nil else { continue }
      pending += operands(of: id)
    }
    return live
  }
}
