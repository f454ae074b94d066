import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Makes one step of each `raise` whose helper compilers put in place of its call, as they do with a
  /// module's only one.
  ///
  /// ```c
  /// if (PyExceptionInstance_Check(x)) PyErr_SetObject(Py_TYPE(x), x);
  /// else if (PyExceptionClass_Check(x)) { … }                              →     python.raise x
  /// else PyErr_SetString(PyExc_TypeError, "raise: exception class must be …");
  /// ```
  /// `__Pyx_Raise` in `Cython/Utility/Exceptions.c`. Control goes on behind it as behind the call. A cause is
  /// given to `PyException_SetCause` before that, made if it is a class, and null if it is `None`.
  ///
  /// - Returns: whether there was one.
  package mutating func markInlinedRaises(_ facts: some ModuleFacts) -> Bool {
    var changed = false
    for block in reversePostorder() {
      guard let raised = valueAskedForException(block, facts),
        let region = raiseRegion(from: block, raised, facts)
      else { continue }
      takeRaise(of: raised, at: block, region)
      removeUnreachableBlocks()
      changed = true
    }
    return changed
  }

  /// The object whose type a block asks for the flag of exceptions.
  private func valueAskedForException(
    _ block: Block.ID, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    guard let site = BranchSite(block, in: self), site.target != site.otherTarget,
      case .equal(let masked, let zero) = site.condition.form, constant(zero) == 0,
      let (opcode, left, mask) = machine(masked), opcode == .and, let bits = constant(mask)
    else { return nil }
    let flags = withoutExtract(left)
    guard self[flags].operation == .machine(.load) else { return nil }
    let (type, place) = offset(operand(0, of: flags))
    let shift = place &- facts.layout.typeFlags
    // `Py_TPFLAGS_BASE_EXC_SUBCLASS`
    guard shift < 4, bits << (8 * shift) == 1 << 30, self[type].operation == .machine(.load) else {
      return nil
    }
    let (object, distance) = offset(operand(0, of: type))
    // `assert` is told by what it raises.
    guard distance == facts.layout.type,
      exceptionName(object, facts) != "PyExc_AssertionError"
    else { return nil }
    return object
  }

  /// The code of a helper, and where control gets behind it.
  private struct RaiseRegion {
    let blocks: Set<Block.ID>
    let join: Block.ID
    let cause: Cause
  }

  private enum Cause {
    case absent
    case none(address: UInt64)
    case object(Instruction.ID)
  }

  private static var steps: Set<String> {
    [
      "PyErr_SetObject", "PyErr_SetString", "PyErr_Format", "PyTuple_New", "PyObject_Call",
      "__Pyx_PyObject_Call", "_Py_Dealloc", "Py_EnterRecursiveCall", "Py_LeaveRecursiveCall",
      "PyErr_Occurred", "PyException_SetCause", "PyObject_CallObject",
    ]
  }

  private func raiseRegion(
    from block: Block.ID, _ raised: Instruction.ID, _ facts: some ModuleFacts
  ) -> RaiseRegion? {
    let near = blocks(from: successors(of: block), raised, facts)
    guard let refusing = near.first(where: { refuses($0, facts) }),
      let setting = near.first(where: { sets($0, raised, facts) })
    else { return nil }
    let flow = ControlFlow(self)
    let (first, second) = (reached(from: refusing), reached(from: setting))
    let common = first.intersection(second).sorted { flow.position(of: $0) < flow.position(of: $1) }
    guard let join = common.first, join != block else { return nil }
    // Every way leads there, and nothing happens on it that is not the helper's.
    var inside: Set<Block.ID> = []
    var pending = successors(of: block)
    while let next = pending.popLast() {
      guard next != join, inside.insert(next).inserted else { continue }
      guard inside.count < 64, isStep(next, raised, facts) else { return nil }
      let targets = successors(of: next)
      guard !targets.isEmpty, !targets.contains(block) else { return nil }
      pending += targets
    }
    return cause(in: inside, facts).map { RaiseRegion(blocks: inside, join: join, cause: $0) }
  }

  /// The cause that some blocks give to an exception; nil if what they give is not understood.
  private func cause(in blocks: Set<Block.ID>, _ facts: some ModuleFacts) -> Cause? {
    let calls = blocks.flatMap { self[$0].instructions }.filter {
      callee(of: $0, facts)?.name == "PyException_SetCause"
    }
    guard !calls.isEmpty else { return .absent }
    var given: Set<Instruction.ID> = []
    for call in calls {
      guard let value = argument(1, of: call) else { return nil }
      given.formUnion(isPhi(value) ? roots(of: value) : [value])
    }
    let objects = given.filter { id in
      constant(id) != 0 && !(self[id].block.map(blocks.contains) ?? false)
    }
    // `cause == Py_None` was decided by the compiler.
    if objects.isEmpty, given.allSatisfy({ constant($0) == 0 }) {
      return facts.none.map { .none(address: $0) }
    }
    return objects.count == 1 ? objects.first.map { .object($0) } : nil
  }

  /// Some blocks that hold nothing but steps of the helper's, the next ones first.
  private func blocks(
    from start: [Block.ID], _ raised: Instruction.ID, _ facts: some ModuleFacts
  ) -> [Block.ID] {
    var result: [Block.ID] = []
    var pending = start
    var position = 0
    while position < pending.count, result.count < 64 {
      let next = pending[position]
      position += 1
      guard isStep(next, raised, facts) else { continue }
      result.append(next)
      for target in successors(of: next) where !pending.contains(target) { pending.append(target) }
    }
    return result
  }

  private func reached(from start: Block.ID) -> Set<Block.ID> {
    var result: Set<Block.ID> = []
    var pending = successors(of: start)
    while let next = pending.popLast(), result.count < 256 {
      if result.insert(next).inserted { pending += successors(of: next) }
    }
    return result
  }

  private func isStep(
    _ block: Block.ID, _ raised: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    for id in self[block].instructions {
      switch self[id].operation {
      case .python: return false
      case .call:
        if let name = callee(of: id, facts)?.name {
          guard Self.steps.contains(name) else { return false }
        } else if constant(operand(0, of: id)) != nil || argument(0, of: id) != raised {
          // A class is called through the slot of its type.
          return false
        }
      default: continue
      }
    }
    return true
  }

  /// Whether a block says that only exceptions can be raised.
  private func refuses(_ block: Block.ID, _ facts: some ModuleFacts) -> Bool {
    let start = UInt64(littleEndianBytes: "raise: e")
    return self[block].instructions.contains { id in
      callee(of: id, facts)?.name == "PyErr_SetString"
        && argument(1, of: id).flatMap { constant($0) }
          .flatMap { facts.constant(at: $0, size: 8) } == start
    }
  }

  /// Whether a block makes an object, or what it was made of, the current error.
  private func sets(
    _ block: Block.ID, _ raised: Instruction.ID, _ facts: some ModuleFacts
  ) -> Bool {
    self[block].instructions.contains { id in
      callee(of: id, facts)?.name == "PyErr_SetObject"
        && argument(1, of: id).map { $0 == raised || roots(of: $0).contains(raised) } == true
    }
  }

  private mutating func takeRaise(
    of raised: Instruction.ID, at block: Block.ID, _ region: RaiseRegion
  ) {
    let edges = self[region.join].predecessors.indices.filter { index in
      let source = self[region.join].predecessors[index]
      return source == block || region.blocks.contains(source)
    }
    let phis = self[region.join].instructions.filter { isPhi($0) }
    let known = phis.map { phi in
      Set(edges.map { operand($0, of: phi) }).filter { value in
        self[value].block.map { !region.blocks.contains($0) } ?? true
      }
    }
    removeEnd(of: block)
    for (phi, values) in zip(phis, known) {
      let nothing = undefined(width: size(phi))
      let value = values.count == 1 ? values.first ?? nothing : nothing
      setOperands(of: phi, operands(of: phi) + [value])
    }
    let cause: Instruction.ID? =
      switch region.cause {
      case .absent: nil
      case .none(let address): constant(address, width: pointerSize)
      case .object(let object): object
      }
    _ = append(
      .python(.raise), [raised] + [cause].compactMap(\.self), width: pointerSize, to: block,
      at: self[block].address)
    terminate(block, with: .jump(region.join))
  }
}

extension UInt64 {
  /// The number whose bytes in memory are those of a text.
  fileprivate init(littleEndianBytes text: String) {
    self = text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
