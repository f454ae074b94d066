import Basics
import IR
import ModuleRecovery
import Simplification

extension CallRule {
  /// `PyObject_GetIter(o)` → the head of a loop.
  static let iteration: [String: CallRule] = [
    "PyObject_GetIter": .simple(.iterator, 0),
    "PyIter_Next": .simple(.next, 0),
    "__Pyx_dict_iterator": CallRule { $0.iterateDictionary($1, $2) },
    "__Pyx_dict_iter_next": CallRule { $0.nextOfDictionary($1, $2) },
    "__Pyx_dict_iter_next_source_is_dict": CallRule { $0.nextOfDictionary($1, $2) },
    "PyDict_Next": CallRule { $0.nextEntry($1, $2) },
    "_PySet_NextEntry": CallRule { $0.nextMember($1, $2) },
  ]
}

extension Raiser {
  /// `__Pyx_dict_iterator(o, is_dict, 'items', &count, &is_dict)` → the iterator over `o.items()`.
  ///
  /// Without a name it is the iterator over the object itself.
  fileprivate func iterateDictionary(
    _ call: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> Bool {
    guard arguments.count >= 5, let iterable = arguments.first else { return false }
    if isNull(arguments[2]) { return become(call, .iterator, [iterable]) }
    guard let name = name(arguments[2]) else { return false }
    let view = function.insert(
      .python(.callMethod(name, function.appendShape(.positional(0)))), [iterable],
      width: function.pointerSize, before: call)
    repeatSite(of: call, for: view)
    return become(call, .iterator, [view])
  }

  /// `__Pyx_dict_iter_next(it, count, &position, &key, &value, &item, is_dict)` → the next item.
  ///
  /// What is asked for says what the loop is over: keys, values, items, or items taken apart.
  fileprivate func nextOfDictionary(
    _ call: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> Bool {
    guard arguments.count >= 6 else { return false }
    // Where the iterator is the dict itself, nothing says which of its views the loop is over.
    switch operation(arguments[0]) {
    case nil, .iterator?, .cell?: break
    default: return false
    }
    let frame = StackFrame(&function, program.machine)
    guard frame.offset(of: arguments[2], in: function) != nil,
      let key = output(arguments[3], of: call, frame),
      let value = output(arguments[4], of: call, frame),
      let item = output(arguments[5], of: call, frame)
    else { return false }
    let next = function.insert(
      .python(.next), [arguments[0]], width: function.pointerSize, before: call)
    repeatSite(of: call, for: next)
    return hand(next, out: call, key, value, item)
  }

  /// `PyDict_Next(d, &position, &key, &value)` → the next item of a dict that is known to be one.
  fileprivate func nextEntry(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 4 else { return false }
    let frame = StackFrame(&function, program.machine)
    guard let key = output(arguments[2], of: call, frame),
      let value = output(arguments[3], of: call, frame)
    else { return false }
    let method: String?
    switch (!key.values.isEmpty, !value.values.isEmpty) {
    case (true, false): method = nil
    case (false, true): method = "values"
    case (true, true): method = "items"
    default: return false
    }
    guard let next = iterate(arguments[0], method, before: call) else { return false }
    return hand(next, out: call, key, value, Output())
  }

  /// `_PySet_NextEntry(s, &position, &item, &hash)` → the next item of a set that is known to be one.
  fileprivate func nextMember(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 3 else { return false }
    let frame = StackFrame(&function, program.machine)
    guard let item = output(arguments[2], of: call, frame), item.isWanted,
      let next = iterate(arguments[0], nil, before: call)
    else { return false }
    return hand(next, out: call, Output(), Output(), item)
  }

  // MARK: Parts

  /// A place where a function leaves an object.
  private struct Output {
    var isWanted = false
    /// What is read from there.
    var values: [Instruction.ID] = []
  }

  /// Whether a value lies in a part of the frame that nothing was ever written to.
  ///
  /// Compilers that know that a helper always gets null as an argument hand nothing on in its place.
  private func isUnset(_ id: Instruction.ID) -> Bool {
    guard case .entry(let cell) = function[id].operation else { return false }
    return cell.kind == .stack && cell.offset < 0
  }

  private func output(
    _ pointer: Instruction.ID, of call: Instruction.ID, _ frame: StackFrame
  ) -> Output? {
    if isNull(pointer) || isUnset(pointer) { return Output() }
    guard let place = frame.offset(of: pointer, in: function) else { return nil }
    let values = function.instructionIDs.filter { id in
      guard case .after(let cell) = function[id].operation, cell.kind == .stack else {
        return false
      }
      return Int(cell.offset) == place && function.operand(0, of: id) == call
        && function.isWord(id)
    }
    return Output(isWanted: true, values: Array(values))
  }

  /// Makes an iterator in front of the loop that a step stands in, and the step that asks it.
  private func iterate(
    _ object: Instruction.ID, _ method: String?, before call: Instruction.ID
  ) -> Instruction.ID? {
    guard let header = function[call].block else { return nil }
    let outside = function[header].predecessors.filter { !reaches($0, from: header) }
    guard outside.count == 1, case .jump = function[outside[0]].terminator else { return nil }
    let address = function[call].address
    var iterable = object
    if let method {
      let shape = function.appendShape(.positional(0))
      iterable = function.append(
        .python(.callMethod(symbols.intern(method), shape)), [object],
        width: function.pointerSize, to: outside[0], at: address)
    }
    let iterator = function.append(
      .python(.iterator), [iterable], width: function.pointerSize, to: outside[0], at: address)
    return function.insert(
      .python(.next), [iterator], width: function.pointerSize, before: call)
  }

  private func reaches(_ target: Block.ID, from start: Block.ID) -> Bool {
    var seen: Set<Block.ID> = [start]
    var pending = [start]
    while let block = pending.popLast() {
      if block == target { return true }
      for next in function.successors(of: block) where seen.insert(next).inserted {
        pending.append(next)
      }
    }
    return false
  }

  /// Makes what a call left behind parts of an item, and its answer whether there was one.
  private func hand(
    _ next: Instruction.ID, out call: Instruction.ID, _ key: Output, _ value: Output, _ item: Output
  ) -> Bool {
    for id in item.values { function.forward(id, to: next) }
    if !key.values.isEmpty, !value.values.isEmpty {
      guard let block = blockOfItem(behind: call) else { return false }
      let step = function[block].instructions.first { !function.isPhi($0) }
      let unpack = add(
        .unpack(before: 2, after: 0, isStarred: false), [next], before: step, in: block)
      for (position, output) in [key, value].enumerated() {
        let element = add(.element(UInt16(position)), [unpack], before: step, in: block)
        for id in output.values { function.forward(id, to: element) }
      }
    } else {
      for id in key.values + value.values { function.forward(id, to: next) }
    }
    let isThere = function.binary(.notEqual, next, null, width: 1)
    function.forward(call, to: function.unary(.zeroExtend, isThere, width: function.size(call)))
    return true
  }

  /// Adds a step before another one, or at the end of a block.
  private func add(
    _ operation: PythonOperation, _ operands: [Instruction.ID], before step: Instruction.ID?,
    in block: Block.ID
  ) -> Instruction.ID {
    let width = function.pointerSize
    guard let step else {
      return function.append(
        .python(operation), operands, width: width, to: block, at: function[block].address)
    }
    return function.insert(.python(operation), operands, width: width, before: step)
  }

  /// The block where control goes on if a call says that there is an item.
  private func blockOfItem(behind call: Instruction.ID) -> Block.ID? {
    guard let block = function[call].block, let site = BranchSite(block, in: function),
      let answer = site.valueComparedWithNull(in: function),
      function.withoutExtract(answer) == call, site.otherTarget != site.target
    else { return nil }
    let next = site.otherTarget
    if function[next].predecessors == [block] { return next }
    // It may be the loop's head at once, which the end of the body leads to as well.
    guard let edge = function[next].predecessors.firstIndex(of: block) else { return nil }
    let phis = function[next].instructions.filter { function.isPhi($0) }
    let values = phis.map { function.operand(edge, of: $0) }
    let between = function.appendBlock(address: function[next].address)
    function.moveEdge(from: block, to: next, to: between, [])
    function.terminate(between, with: .jump(next))
    for (phi, value) in zip(phis, values) {
      function.setOperands(of: phi, function.operands(of: phi) + [value])
    }
    return between
  }
}
