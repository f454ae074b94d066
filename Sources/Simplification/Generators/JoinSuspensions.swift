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
  private let generator: UInt64
  private let scope: GeneratorScope
  private let none: UInt64
  private let facts: any ModuleFacts
  /// What was read from and stored into the scope's variables, by the distance of the field.
  package private(set) var accesses: [(value: Instruction.ID, offset: UInt64)] = []
  private var label: UInt64 = 0
  /// The first blocks behind each resumption, and what is sent in there.
  private var starts: [(block: Block.ID, sent: Instruction.ID)] = []

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
    let none = function.constant(none, width: function.pointerSize)
    let first = try target(of: 0, function)
    var suspensions: [(store: Instruction.ID, target: Block.ID, from: Block.ID)] = []
    for (store, number) in labelStores(function) where number != 0 && number < 1 << 31 {
      let (target, from) = try target(of: number, function)
      suspensions.append((store, target, from))
    }
    starts = [(first.target, none)]
    for suspension in suspensions {
      let value = try returned(behind: suspension.store, function)
      join(suspension.store, value, suspension.target, from: suspension.from, &function)
    }
    guard Set(starts.map(\.block)).count == starts.count else {
      throw Failure(reason: "suspensions that are resumed in one place")
    }
    decideLabel(&function)
    function.removeUnreachableBlocks()
    replaceSent(&function, machine)
    moveFields(&function, machine, starts.dropFirst().map(\.block))
  }

  // MARK: The label

  /// Where the label lies: the first integer that is read through the generator.
  private func findLabel(_ function: borrowing Function) -> UInt64? {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.load) && function.size(id) == 4 {
        if let address = function.constant(function.operand(0, of: id)), address > generator,
          address < generator + 0x100
        {
          return address
        }
      }
    }
    return nil
  }

  private func labelStores(
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
  private func value(
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

  // MARK: Joining

  /// What is returned behind the store of a label.
  private func returned(
    behind store: Instruction.ID, _ function: borrowing Function
  ) throws(Failure) -> Instruction.ID {
    guard var block = function[store].block else { throw Failure(reason: "a lost suspension") }
    var known: [Instruction.ID: Instruction.ID] = [:]
    for _ in 0..<16 {
      switch function[block].terminator {
      case .return(let value):
        let value = function.resolve(value)
        return known[value] ?? value
      case .jump(let next):
        guard let edge = function[next].predecessors.firstIndex(of: block) else { break }
        for id in function[next].instructions where function.isPhi(id) {
          let operand = function.operand(edge, of: id)
          known[id] = known[operand] ?? operand
        }
        block = next
      default: throw Failure(reason: "a suspension of an unknown form")
      }
    }
    throw Failure(reason: "a suspension of an unknown form")
  }

  private mutating func join(
    _ store: Instruction.ID, _ value: Instruction.ID, _ target: Block.ID, from source: Block.ID,
    _ function: inout Function
  ) {
    guard let block = function[store].block,
      let edge = function[target].predecessors.firstIndex(of: source)
    else { return }
    let source = delegate(value, block, &function)
    let suspension =
      source.map { function.insert(.python(.yieldFrom), [$0], behind: store) }
      ?? function.insert(.python(.yield), [value], behind: store)
    function.cut(block, behind: suspension)
    function.terminate(block, with: .jump(target))
    for id in function[target].instructions where function.isPhi(id) {
      function.setOperands(of: id, function.operands(of: id) + [function.operand(edge, of: id)])
    }
    starts.append((target, suspension))
  }

  /// What a value is taken from that `yield from` hands out first.
  ///
  /// ```c
  /// r = Py_TYPE(source)->tp_iternext(source); if (r) { gen->yieldfrom = source; … }
  /// ```
  /// The generator hands the rest out itself (`__Pyx_Generator_Yield_From` in
  /// `Cython/Utility/Coroutine.c`), so that only the arm with a first value is kept.
  private func delegate(
    _ value: Instruction.ID, _ block: Block.ID, _ function: inout Function
  ) -> Instruction.ID? {
    guard function[value].operation == .call else { return nil }
    var source: Instruction.ID?
    if function.callee(of: value, facts)?.name == "__Pyx_Generator_Yield_From" {
      source = function.argument(1, of: value)
    }
    var current = block
    for _ in 0..<12 {
      source = source ?? delegated(in: current, function)
      guard function[current].predecessors.count == 1 else { return nil }
      let previous = function[current].predecessors[0]
      if let site = BranchSite(previous, in: function),
        site.valueComparedWithNull(in: function) == value, site.otherTarget == current
      {
        guard let source else { return nil }
        function.decideBranch(of: previous, taken: !site.condition.isPositive)
        function.replace(value, with: .undefined, [])
        return source
      }
      current = previous
    }
    return nil
  }

  /// The value that a block stores into the generator's `yieldfrom`.
  private func delegated(in block: Block.ID, _ function: borrowing Function) -> Instruction.ID? {
    for id in function[block].instructions where function[id].operation == .machine(.store) {
      guard let address = function.constant(function.operand(0, of: id)),
        address >= generator + function.layout.words(7),
        address <= generator + function.layout.words(10)
      else { continue }
      let value = function.operand(1, of: id)
      if function.isWord(value), function.constant(value) == nil { return value }
    }
    return nil
  }

  // MARK: Values that live over a suspension

  /// What is sent in belongs to the last resumption.
  private func replaceSent(_ function: inout Function, _ machine: Machine) {
    let register = machine.argumentRegisters[2]
    let sent = function.entry(
      Cell(.register, offset: Int32(truncatingIfNeeded: register.offset)),
      width: function.pointerSize)
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    let places = starts.map { flow.position(of: $0.block) }
    for (position, block) in flow.order.enumerated() {
      // The innermost start that dominates the block.
      var nearest: Int?
      for (index, place) in places.enumerated()
      where place >= 0 && dominators.dominates(place, position) {
        if let current = nearest, dominators.dominates(place, places[current]) { continue }
        nearest = index
      }
      guard let nearest else { continue }
      let value = starts[nearest].sent
      for id in function[block].instructions where !function.isPhi(id) {
        let operands = function.operands(of: id)
        let replaced = operands.map { function.substitute(sent, by: value, in: $0, depth: 0) }
        if operands != replaced { function.setOperands(of: id, replaced) }
      }
      if let read = function[block].terminator.value {
        let replaced = function.substitute(sent, by: value, in: function.resolve(read), depth: 0)
        function.setValue(ofTerminator: block, to: replaced)
      }
      for successor in flow.successors[position] {
        let target = flow.order[successor]
        guard let edge = function[target].predecessors.firstIndex(of: block) else { continue }
        for phi in function[target].instructions where function.isPhi(phi) {
          var operands = function.operands(of: phi)
          operands[edge] = function.substitute(sent, by: value, in: operands[edge], depth: 0)
          function.setOperands(of: phi, operands)
        }
      }
    }
  }

  /// Makes fields of the scope places in the frame.
  ///
  /// Those that keep temporaries always, those of variables if no inner function shares them.
  private mutating func moveFields(
    _ function: inout Function, _ machine: Machine, _ resumptions: [Block.ID]
  ) {
    let end = scope.address + 0x1000
    let temporaries =
      scope.size.map { scope.address + $0 } ?? findTemporaries(function, resumptions)
    let first = isShared(function) ? temporaries : scope.address + scope.start
    let pointer = Cell(
      .register, offset: Int32(truncatingIfNeeded: machine.stackPointer.offset))
    let base = function.entry(pointer, width: function.pointerSize)
    var offsets: Set<UInt64> = []
    for id in function.instructionIDs {
      switch function[id].operation {
      case .machine(.load), .machine(.store): break
      default: continue
      }
      guard let address = function.constant(function.operand(0, of: id)), address >= first,
        address < end
      else { continue }
      let offset = address - scope.address
      offsets.insert(offset)
      if address < temporaries {
        let isLoad = function[id].operation == .machine(.load)
        accesses.append((isLoad ? id : function.operand(1, of: id), offset))
      }
      var operands = function.operands(of: id)
      operands[0] = place(of: offset, base, &function)
      function.setOperands(of: id, operands)
    }
    for offset in offsets.sorted() {
      let value =
        scope.parameters[offset].map { function.parameter($0) }
        ?? function.constant(0, width: function.pointerSize)
      let place = place(of: offset, base, &function)
      function.append(
        .machine(.store), [place, value], width: 0, to: function.entry, at: function.address)
    }
  }

  /// Far below the frame, where nothing else is.
  private func place(
    of offset: UInt64, _ base: Instruction.ID, _ function: inout Function
  ) -> Instruction.ID {
    let distance = function.constant(offset &- 0x80000, width: function.pointerSize)
    return function.binary(.add, base, distance, width: function.pointerSize)
  }

  /// Whether inner functions get the scope.
  private func isShared(_ function: borrowing Function) -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        let operands = function.operands(of: id)
        switch function[id].operation {
        case .call where function.callee(of: id, facts)?.name != "_Py_Dealloc":
          for operand in operands.dropFirst() where function.constant(operand) == scope.address {
            return true
          }
        case .machine(.store) where function.constant(operands[1]) == scope.address: return true
        default: continue
        }
      }
    }
    return false
  }

  /// The first field that is read and emptied where the generator goes on.
  private func findTemporaries(
    _ function: borrowing Function, _ resumptions: [Block.ID]
  ) -> UInt64 {
    var first = scope.address + 0x1000
    for block in resumptions {
      var loaded: Set<UInt64> = []
      for id in function[block].instructions {
        guard function.operandCount(of: id) > 0,
          let address = function.constant(function.operand(0, of: id)), address >= scope.address
        else { continue }
        switch function[id].operation {
        case .machine(.load): loaded.insert(address)
        case .machine(.store)
        where loaded.contains(address) && function.constant(function.operand(1, of: id)) == 0:
          first = min(first, address)
        default: break
        }
      }
    }
    return first
  }
}

/// The scope of a generator.
package struct GeneratorScope {
  /// The address that stands for it.
  package let address: UInt64
  /// The distance of the first variable.
  package let start: UInt64
  /// The distance of the first field behind the variables; nil if it is not known.
  package let size: UInt64?
  /// The parameters that are stored into it when the generator is made, by the distance of the field.
  package let parameters: [UInt64: Int]

  package init(
    address: UInt64, start: UInt64, size: UInt64?, parameters: [UInt64: Int]
  ) {
    self.address = address
    self.start = start
    self.size = size
    self.parameters = parameters
  }
}

extension Function {
  /// Takes accesses to the fields of a generator away, which are Cython's own.
  ///
  /// - Returns: whether anything was taken away.
  package mutating func forgetFields(ofGenerator generator: UInt64) -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where operandCount(of: id) > 0 {
        guard let address = constant(operand(0, of: id)), address >= generator,
          address < generator + 0x100
        else { continue }
        switch self[id].operation {
        case .machine(.load): forward(id, to: constant(0, width: size(id)))
        case .machine(.store):
          // A suspension that was not seen.
          if size(operand(1, of: id)) == 4, let label = constant(operand(1, of: id)), label != 0,
            label < 1 << 31
          {
            continue
          }
          remove(id)
        default: continue
        }
        changed = true
      }
    }
    return changed
  }

  /// Makes the end of a generator that returns a value a return of it.
  ///
  /// ```c
  /// __Pyx_ReturnWithStopIteration(value); return NULL;     →     return value
  /// ```
  /// It compares the value with `None`, then asks whether it is a tuple or an exception.
  package mutating func returnValuesOfGenerator(_ facts: some ModuleFacts) {
    for block in reversePostorder() {
      for id in self[block].instructions
      where callee(of: id, facts)?.name.hasSuffix("ReturnWithStopIteration") == true {
        guard let value = argument(0, of: id) else { continue }
        cut(block, behind: id)
        remove(id)
        terminate(block, with: .return(value))
        break
      }
      guard let site = BranchSite(block, in: self),
        case .equal(let value, let none) = site.condition.form,
        variable(none, facts) == "_Py_NoneStruct", testsReturnedValue(value, in: site.otherTarget)
      else { continue }
      removeEnd(of: block)
      terminate(block, with: .return(value))
    }
    removeUnreachableBlocks()
  }

  /// Whether a block asks whether a value is a tuple or an exception, by the flags of its type.
  private func testsReturnedValue(_ value: Instruction.ID, in block: Block.ID) -> Bool {
    var block = block
    while case .jump(let next) = self[block].terminator, self[next].predecessors.count == 1 {
      block = next
    }
    guard let condition = self[block].terminator.value,
      let (_, masked, _) = machine(resolve(condition)),
      let (opcode, flags, mask) = machine(masked), opcode == .and,
      let bits = constant(mask), bits & 0x4400_0000 == 0x4400_0000,
      self[flags].operation == .machine(.load)
    else { return false }
    let type = offset(operand(0, of: flags)).base
    return self[type].operation == .machine(.load) && offset(operand(0, of: type)).base == value
  }

  /// A pure value with another value in the place of one of its leaves.
  fileprivate mutating func substitute(
    _ old: Instruction.ID, by new: Instruction.ID, in id: Instruction.ID, depth: Int
  ) -> Instruction.ID {
    if id == old { return new }
    guard depth < 16, self[id].block == nil, case .machine(let opcode) = self[id].operation else {
      return id
    }
    let operands = self.operands(of: id)
    var replaced: [Instruction.ID] = []
    for operand in operands {
      replaced.append(substitute(old, by: new, in: operand, depth: depth + 1))
    }
    guard replaced != operands else { return id }
    return replaced.count == 1
      ? unary(opcode, replaced[0], width: size(id))
      : binary(opcode, replaced[0], replaced[1], width: size(id))
  }
}
