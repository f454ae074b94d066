import Basics
import IR
import ModuleRecovery
import RuntimeModel
import Simplification

// Names that Cython 3.2 and later take out of a module in a loop.
extension Raiser {
  /// Writes out the loops that take names out of modules.
  ///
  /// ```c
  /// PyObject *const names[] = {"a", "b"};
  /// m = __Pyx_Import("m", names, 2, …);
  /// for (i = 0; i < 2; i++) {
  ///   t = __Pyx_ImportFrom(m, names[i]);
  ///   switch (i) { case 0: PyDict_SetItem(d, "x", t); break;
  ///                default: PyDict_SetItem(d, names[i], t); }
  /// }
  /// ```
  /// becomes the steps of every round, one behind the other (`FromImportStatNode` in
  /// `Cython/Compiler/Nodes.py`). Nothing but the counter decides what a round does.
  func unrollImports() {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where isImport(id) {
        guard function[id].block == block, let names = importedNames(id), names.count > 1 else {
          continue
        }
        unroll(module: id, names)
      }
    }
  }

  private func isImport(_ id: Instruction.ID) -> Bool {
    let name = function.callee(of: id, view)?.name
    return name == "__Pyx__Import" || name == "PyImport_ImportModuleLevelObject"
  }

  /// The names that a call of `__Pyx__Import` asks for, which stand behind its arguments, or those of
  /// the list that it made where it was inlined.
  private func importedNames(_ call: Instruction.ID) -> [Instruction.ID]? {
    if function.callee(of: call, view)?.name == "PyImport_ImportModuleLevelObject" {
      guard let list = function.argument(3, of: call) else { return nil }
      let stores = (itemStores[list] ?? [:]).sorted { $0.key < $1.key }
      let isArray = function.callee(of: list, view)?.name.hasSuffix("_FromArray") ?? false
      let names =
        isArray
        ? Array(function.operands(of: list).dropFirst(3))
        : stores.map { function.operand(1, of: $0.value) }
      return !names.isEmpty && names.allSatisfy { text($0) != nil } ? names : nil
    }
    guard let count = program.importedNameCount(of: call, in: function),
      let declared = function.callee(of: call, view)?.parameters.count
    else { return nil }
    let names = function.operands(of: call).dropFirst(declared + 1).prefix(count)
    return names.count == count && names.allSatisfy { text($0) != nil } ? Array(names) : nil
  }

  private func unroll(module: Instruction.ID, _ names: [Instruction.ID]) {
    guard var before = function[module].block else { return }
    var header: Block.ID?
    // Only jumps lie between the import and the loop.
    for _ in 0..<16 {
      guard case .jump(let next) = function[before].terminator else { return }
      if function[next].predecessors.count > 1 {
        header = next
        break
      }
      before = next
    }
    guard let header, let loop = loop(from: header) else { return }
    let takes = loop.contains { block in
      function[block].instructions.contains { isTaking($0, from: module) }
    }
    guard takes else { return }
    let target = function.appendBlock(address: function[header].address)
    var rounds = ImportRounds(module: module, names: names, loop: loop, target: target)
    guard let end = follow(&rounds, from: header, before) else {
      for id in function[target].instructions { function.remove(id) }
      return
    }
    function.removeEnd(of: before)
    function.terminate(before, with: .jump(target))
    function.terminate(target, with: .jump(end))
    for (old, new) in rounds.values.sorted(by: { $0.key < $1.key }) {
      function.forward(old, to: new)
    }
    function.removeUnreachableBlocks()
    function.removeForwarded()
    while function.removeTrivialPhis() {}
  }

  /// The blocks of the loop that starts at a block.
  private func loop(from header: Block.ID) -> Set<Block.ID>? {
    var inside: Set<Block.ID> = [header]
    var reachable: Set<Block.ID> = [header]
    var pending = [header]
    while let block = pending.popLast() {
      for next in function.successors(of: block) where reachable.insert(next).inserted {
        pending.append(next)
      }
    }
    pending = function[header].predecessors.filter(reachable.contains)
    guard !pending.isEmpty else { return nil }
    while let block = pending.popLast() {
      guard inside.insert(block).inserted else { continue }
      pending += function[block].predecessors.filter(reachable.contains)
    }
    return inside
  }

  /// `__Pyx_ImportFrom`, and what it does first where it was inlined.
  private static let takingFunctions: Set<String> = [
    "__Pyx_ImportFrom", "__Pyx_PyObject_GetAttrStr", "PyObject_GetAttr",
  ]

  private func isTaking(_ id: Instruction.ID, from module: Instruction.ID) -> Bool {
    guard function[id].operation == .call, function.argument(0, of: id) == module else {
      return false
    }
    guard let name = function.callee(of: id, view)?.name else {
      // `__Pyx_PyObject_GetAttrStr` in place: Py_TYPE(m)->tp_getattro(m, name).
      return function.typeSlot(function.operand(0, of: id)) == .getAttribute
    }
    return Self.takingFunctions.contains(name)
  }

  // MARK: Rounds

  /// Copies what the rounds do, until control leaves the loop.
  ///
  /// - Returns: where control goes on; nil if anything but the counter decides.
  private func follow(
    _ rounds: inout ImportRounds, from header: Block.ID, _ before: Block.ID
  ) -> Block.ID? {
    var (previous, block) = (before, header)
    for _ in 0..<4096 {
      guard enter(block, from: previous, &rounds) else { return nil }
      guard rounds.loop.contains(block) else {
        return rounds.taken == rounds.names.count ? block : nil
      }
      for id in function[block].instructions where !function.isPhi(id) {
        guard copy(id, &rounds) else { return nil }
      }
      previous = block
      switch function[block].terminator {
      case .jump(let next): block = next
      case .branch(let condition, let first, let second):
        if let isTaken = isFirstArmOfTaken(block, from: rounds.module) {
          block = isTaken ? first : second
          continue
        }
        guard let value = rounds.value(of: function.resolve(condition), &function),
          let number = function.constant(value)
        else { return nil }
        block = number & 1 != 0 ? first : second
      case .choose(let selector, let table):
        guard let value = rounds.value(of: function.resolve(selector), &function),
          let number = function.constant(value),
          number < UInt64(function[table].targets.count)
        else { return nil }
        block = function[table].targets[Int(number)]
      case .return, .unreachable: return nil
      }
    }
    return nil
  }

  /// Whether the first arm of a branch is the one for a name that the module has; a name that it lacks
  /// is an error.
  private func isFirstArmOfTaken(_ block: Block.ID, from module: Instruction.ID) -> Bool? {
    guard let site = BranchSite(block, in: function),
      let value = site.valueComparedWithNull(in: function), isTaking(value, from: module)
    else { return nil }
    return site.formHolds(false)
  }

  /// Gives the phis of a block the values that one edge has for them; the phis outside of the loop
  /// get one more operand.
  private func enter(
    _ block: Block.ID, from previous: Block.ID, _ rounds: inout ImportRounds
  ) -> Bool {
    guard let edge = function[block].predecessors.firstIndex(of: previous) else { return false }
    var values: [(phi: Instruction.ID, value: Instruction.ID)] = []
    for phi in function[block].instructions where function.isPhi(phi) {
      guard let value = rounds.value(of: function.operand(edge, of: phi), &function) else {
        return false
      }
      values.append((phi, value))
    }
    if rounds.loop.contains(block) {
      for (phi, value) in values { rounds.values[phi] = value }
      rounds.pure = [:]
    } else if rounds.taken == rounds.names.count {
      for (phi, value) in values {
        function.setOperands(of: phi, function.operands(of: phi) + [value])
      }
    }
    return true
  }

  private func copy(_ id: Instruction.ID, _ rounds: inout ImportRounds) -> Bool {
    var operands: [Instruction.ID] = []
    for operand in function.operands(of: id) {
      guard let value = rounds.value(of: operand, &function) else { return false }
      operands.append(value)
    }
    if function[id].operation == .machine(.load), let name = rounds.name(at: operands[0], function)
    {
      rounds.values[id] = name
      return true
    }
    let new = function.append(
      function[id].operation, operands, width: function.size(id), to: rounds.target,
      at: function[id].address)
    rounds.values[id] = new
    rounds.pure = [:]
    if isTaking(id, from: rounds.module) {
      guard let name = function.argument(1, of: new), rounds.isInOrder(name, function) else {
        return false
      }
      rounds.taken += 1
    }
    repeatSite(of: id, for: new)
    return true
  }
}

/// What is known on the way through a loop over the names of an import.
private struct ImportRounds {
  let module: Instruction.ID
  let names: [Instruction.ID]
  let loop: Set<Block.ID>
  /// Where the steps of all rounds go.
  let target: Block.ID
  /// What stands for the values of the loop at this point.
  var values: [Instruction.ID: Instruction.ID] = [:]
  /// The same for steps without effect, forgotten whenever their operands change.
  var pure: [Instruction.ID: Instruction.ID] = [:]
  /// How many names were taken so far.
  var taken = 0
  /// Where the first name lies.
  private var array: (base: Instruction.ID, offset: UInt64)?

  init(
    module: Instruction.ID, names: [Instruction.ID], loop: Set<Block.ID>, target: Block.ID
  ) {
    self.module = module
    self.names = names
    self.loop = loop
    self.target = target
  }

  /// What stands for a value; nil if it is nothing that can be computed anew.
  mutating func value(
    of id: Instruction.ID, _ function: inout Function, depth: Int = 0
  ) -> Instruction.ID? {
    if let known = values[id] ?? pure[id] { return function.resolve(known) }
    if let block = function[id].block { return loop.contains(block) ? nil : id }
    guard depth < 32 else { return nil }
    guard case .machine(let opcode) = function[id].operation else {
      if case .after = function[id].operation { return nil }
      return id
    }
    let operands = function.operands(of: id)
    var parts: [Instruction.ID] = []
    for operand in operands {
      guard let part = value(of: operand, &function, depth: depth + 1) else { return nil }
      parts.append(part)
    }
    var result = id
    if parts != operands {
      switch parts.count {
      case 1: result = function.unary(opcode, parts[0], width: function.size(id))
      case 2: result = function.binary(opcode, parts[0], parts[1], width: function.size(id))
      default: return nil
      }
    }
    pure[id] = result
    return result
  }

  /// The name that lies at an address in the array.
  ///
  /// The first that is read is that of its round: compilers may know those before.
  mutating func name(at address: Instruction.ID, _ function: borrowing Function) -> Instruction.ID?
  {
    let (base, offset) = function.offset(address)
    guard case .entry = function[base].operation else { return nil }
    let size = UInt64(function.pointerSize)
    if array == nil { array = (base, offset &- UInt64(taken) * size) }
    guard let array, array.base == base, offset &- array.offset < UInt64(names.count) * size,
      (offset &- array.offset) % size == 0
    else { return nil }
    return names[Int((offset &- array.offset) / size)]
  }

  /// Whether the name that is taken next is the one that stands there in the import.
  func isInOrder(_ name: Instruction.ID, _ function: borrowing Function) -> Bool {
    names.indices.contains(taken)
      && function.constant(name) == function.constant(names[taken])
  }
}
