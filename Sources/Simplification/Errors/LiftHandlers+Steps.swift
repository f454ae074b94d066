import Basics
import IR
import RuntimeModel

// What Cython does with exceptions, as operations of one kind each.
extension LiftHandlers {
  mutating func rewriteSteps(_ function: inout Function) throws(LiftFailure) {
    for marker in markers {
      switch marker.kind {
      case .save, .raise, .reraise: continue
      case .swap: rewriteSwap(marker, &function)
      case .match:
        function.replace(marker.step, with: .python(.exceptMatch), marker.operands)
      case .get:
        try takeSuccess(of: marker, &function)
        try rewriteGet(marker, &function)
      case .fetch where function[marker.step].operation == .call:
        let null = function.constant(0, width: function.pointerSize)
        keepResults(of: marker.step, as: [null, null, null], &function)
        drop(marker, &function)
      case .clear, .fetch, .unfetch: drop(marker, &function)
      case .restore: rewriteRestore(marker, &function)
      }
    }
    try forgetErrors(&function)
  }

  /// Takes away what a generator does with the exception of a handler in which it is suspended.
  ///
  /// `__Pyx_Coroutine_SwapException` in `Cython/Utility/Coroutine.c`, where generators keep exceptions
  /// themselves.
  mutating func forgetSuspended(_ call: Instruction.ID, _ function: inout Function) {
    forgetClearing(behind: call, &function)
    let null = function.constant(0, width: function.pointerSize)
    keepResults(of: call, as: [null, null, null], &function)
    function.replace(call, with: .undefined, [])
  }

  /// Takes the call away that clears the exception which another call has kept.
  func forgetClearing(behind call: Instruction.ID, _ function: inout Function) {
    guard function[call].operation == .call, let next = clearing(behind: call, function) else {
      return
    }
    function.replace(next, with: .undefined, [])
  }

  /// The statement whose caught exception a step makes the current error again.
  func owner(
    ofCaught marker: ExceptionMarker, _ function: borrowing Function
  ) -> Instruction.ID? {
    let sources = marker.operands.flatMap { function.roots(of: $0) }
      .map { function.source(of: $0) }
    return markers.first { $0.kind == .get && sources.contains($0.step) }?.owner
  }

  private mutating func rewriteSwap(_ marker: ExceptionMarker, _ function: inout Function) {
    guard function[marker.step].operation == .call else { return drop(marker, &function) }
    if let next = clearing(behind: marker.step, function) {
      function.replace(next, with: .undefined, [])
    }
    keepResults(
      of: marker.step, as: [marker.step, marker.step, marker.step], &function)
    function.replace(marker.step, with: .python(.saveHandled), [])
  }

  /// The call that clears the exception which another call has kept.
  private func clearing(
    behind step: Instruction.ID, _ function: borrowing Function
  ) -> Instruction.ID? {
    guard let block = function[step].block,
      let index = function[block].instructions.firstIndex(of: step)
    else { return nil }
    return function[block].instructions[(index + 1)...].first {
      function.callee(of: $0, facts)?.name == "PyErr_SetExcInfo"
    }
  }

  /// Gives a call's three results other values, where they were read already and where they lie.
  func keepResults(
    of call: Instruction.ID, as values: [Instruction.ID], _ function: inout Function
  ) {
    let outputs = function.operands(of: call).dropFirst().suffix(3)
    var byOffset: [Int: Instruction.ID] = [:]
    var last = values.filter { function[$0].block != nil }.max() ?? call
    for (output, value) in zip(outputs, values) {
      if let offset = frame.offset(of: output, in: function) { byOffset[offset] = value }
      last = function.insert(.machine(.store), [output, value], behind: last)
    }
    for id in function.instructionIDs where function[id].operation != .forward {
      guard case .after(let cell) = function[id].operation, cell.kind == .stack,
        function.operand(0, of: id) == call, let value = byOffset[Int(cell.offset)]
      else { continue }
      function.forward(id, to: value)
    }
  }

  private func rewriteRestore(_ marker: ExceptionMarker, _ function: inout Function) {
    if function[marker.step].operation == .call {
      let value = marker.operands.count > 1 ? marker.operands[1] : marker.operands[0]
      function.replace(marker.step, with: .python(.restoreHandled), [value])
    } else {
      let value = marker.owner.flatMap { kept[$0] }.map { [$0] } ?? marker.operands
      _ = function.insert(
        .python(.restoreHandled), value, width: function.pointerSize, before: marker.step)
      drop(marker, &function)
    }
  }

  /// Takes a step away that only keeps CPython's records.
  func drop(_ marker: ExceptionMarker, _ function: inout Function) {
    guard function[marker.step].operation == .machine(.store),
      let block = function[marker.step].block
    else { return function.replace(marker.step, with: .undefined, []) }
    let (base, place) = function.offset(function.operand(0, of: marker.step))
    // Type, value and traceback lie side by side.
    for part in straightBlocks(around: block, function) {
      for id in function[part].instructions where function[id].operation == .machine(.store) {
        let (other, offset) = function.offset(function.operand(0, of: id))
        if other == base, isRecord(offset, beside: place, of: base, function) {
          function.remove(id)
        }
      }
    }
  }

  /// A block, and the one before it that it was split off from, as a clause may open between stores
  /// that a compiler made of one.
  private func straightBlocks(
    around block: Block.ID, _ function: borrowing Function
  ) -> [Block.ID] {
    guard function[block].predecessors.count == 1,
      case .jump = function[function[block].predecessors[0]].terminator
    else { return [block] }
    return [function[block].predecessors[0], block]
  }

  /// Whether the current error lies at an offset in a thread state, or its type or traceback.
  func isError(_ offset: UInt64) -> Bool {
    offset >= layout.currentError && offset <= layout.currentError &+ layout.words(2)
  }

  /// Whether an offset is that of another part of the exception of which one part lies at a place.
  private func isRecord(
    _ offset: UInt64, beside place: UInt64, of base: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    if scanner.isThreadState(base, function) {
      return isError(place) ? isError(offset) : layout.isHandledPart(offset)
    }
    return offset <= (layout.keepsHandledParts ? layout.words(2) : 0)
  }

  /// An exception is always caught if there is one.
  ///
  /// Since CPython 3.12 catching it cannot fail, which compilers find out: nothing asks then.
  func takeSuccess(
    of marker: ExceptionMarker, _ function: inout Function
  ) throws(LiftFailure) {
    guard var block = function[marker.step].block else { return }
    guard !layout.keepsExceptions || isAsked(marker.step, function) else { return }
    for _ in 0..<4 {
      guard case .jump(let next) = function[block].terminator else { break }
      block = next
    }
    guard let site = BranchSite(block, in: function) else {
      throw LiftFailure(reason: "a handler of an unknown form")
    }
    switch site.condition.form {
    case .less(let result, let zero)
    where function.withoutExtract(result) == marker.step && function.constant(zero) == 0:
      function.decideBranch(of: block, taken: site.formHolds(false))
    case .lessOrEqual(let zero, let result)
    where function.withoutExtract(result) == marker.step && function.constant(zero) == 0:
      function.decideBranch(of: block, taken: site.formHolds(true))
    case .equal(let result, let number)
    where function.withoutExtract(result) == marker.step && function.constant(number) != nil:
      function.decideBranch(of: block, taken: site.formHolds(function.constant(number) == 0))
    default: throw LiftFailure(reason: "a handler of an unknown form")
    }
  }

  /// Whether anything hangs on what a call returns.
  private func isAsked(_ call: Instruction.ID, _ function: borrowing Function) -> Bool {
    func hangs(_ id: Instruction.ID, depth: Int = 0) -> Bool {
      let id = function.resolve(id)
      if id == call { return true }
      guard depth < 6, case .machine = function[id].operation, function[id].block == nil else {
        return false
      }
      return function.operands(of: id).contains { hangs($0, depth: depth + 1) }
    }
    return function.reversePostorder().contains { block in
      function[block].terminator.value.map { hangs($0) } == true
        || function[block].instructions.contains { id in
          if case .after = function[id].operation { return false }
          return function.operands(of: id).contains { hangs($0) }
        }
    }
  }

  /// Gives names to the three results of a caught exception.
  private func rewriteGet(
    _ marker: ExceptionMarker, _ function: inout Function
  ) throws(LiftFailure) {
    guard function.operandCount(of: marker.step) > 3 else {
      throw LiftFailure(reason: "a handler of an unknown form")
    }
    var values: [Instruction.ID] = []
    for part in [CaughtPart.type, .value, .traceback] {
      values.append(
        function.insert(.python(.caught(part)), [], behind: values.last ?? marker.step))
    }
    keepResults(of: marker.step, as: values, &function)
    function.replace(marker.step, with: .undefined, [])
  }

  /// What the thread state holds is of no interest any more.
  private func forgetErrors(_ function: inout Function) throws(LiftFailure) {
    var loads: [Instruction.ID] = []
    var errors: Set<Instruction.ID> = []
    let raises = Set(markers.filter { $0.kind == .raise }.map(\.step))
    // Where handlers start, some states have met by now.
    let states = Set(states.map { function.resolve($0) })
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.store) && !raises.contains(id) {
        let (base, offset) = function.offset(function.operand(0, of: id))
        if states.contains(base), isError(offset) { function.remove(id) }
      }
      for id in function[block].instructions
      where function[id].operation == .machine(.load) && function.isWord(id) {
        let place = function.operand(0, of: id)
        let (base, offset) = function.offset(place)
        let isError = states.contains(base) && self.isError(offset)
        let field = scanner.handledField(place, function)
        let isHandled = field.map {
          $0.offset <= layout.handledValue &+ layout.words(1) && states.contains($0.state)
        }
        if isError || isHandled == true { loads.append(id) }
        if isError { errors.insert(id) }
      }
    }
    guard !isComparedWithClass(errors, function), !leavesQuestion(behind: errors, function) else {
      throw LiftFailure(reason: "an exception whose class is asked for in an unknown way")
    }
    for id in loads {
      function.forward(id, to: function.constant(0, width: function.pointerSize))
    }
    function.removeForwarded()
  }

  /// Whether some of the errors of a thread are compared with anything but null.
  private func isComparedWithClass(
    _ errors: Set<Instruction.ID>, _ function: borrowing Function
  ) -> Bool {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      for (error, other) in [(left, right), (right, left)] where function.constant(other) != 0 {
        let roots = function.roots(of: error)
        if !roots.isDisjoint(with: errors) { return true }
        // Since CPython 3.12 there is the exception alone, which knows its class.
        if layout.keepsExceptions,
          roots.contains(where: { root in
            function[root].operation == .machine(.load)
              && errors.contains(function.offset(function.operand(0, of: root)).base)
              && function.offset(function.operand(0, of: root)).offset == layout.type
          })
        {
          return true
        }
      }
    }
    return false
  }

  // MARK: Names

  /// Takes the clauses away that make the name of a caught exception unbound, however its handler
  /// ends.
  ///
  /// `except E as e: …` becomes `except E as e: try: … finally: e = None; del e`, of which only the
  /// release of the value is left (`ExceptClauseNode` in `Cython/Compiler/Nodes.py`).
  mutating func removeNameBindings(_ function: inout Function) throws(LiftFailure) {
    for index in markers.indices where markers[index].kind == .raise {
      guard let owner = owner(ofCaught: markers[index], function) else {
        throw LiftFailure(reason: "an exception that is raised again in an unknown way")
      }
      markers[index].owner = owner
    }
    for swap in markers where swap.kind == .swap {
      guard let owner = swap.owner, bindsName(swap, function) else { continue }
      for marker in markers where marker.owner == owner {
        if marker.kind == .get { try takeSuccess(of: marker, &function) }
        if marker.step == swap.step, function[swap.step].operation == .call,
          let next = clearing(behind: swap.step, function)
        {
          function.replace(next, with: .undefined, [])
        }
        drop(marker, &function)
      }
      let restores = markers.filter {
        $0.kind == .restore && owners(of: $0, function) == [owner]
      }
      for restore in restores { drop(restore, &function) }
      markers.removeAll { marker in
        marker.owner == owner || restores.contains { $0.step == marker.step }
      }
    }
  }

  /// Whether nothing happens between a swap and the end of its clause but the release of a caught
  /// exception.
  private func bindsName(_ swap: ExceptionMarker, _ function: borrowing Function) -> Bool {
    guard let owner = swap.owner, let start = function[swap.start].block else { return false }
    let own = markers.filter { $0.owner == owner }
    let caught = Set(markers.filter { $0.kind == .get && $0.owner != owner }.map(\.step))
    var releases = false
    var ends = false
    var seen: Set<Block.ID> = [start]
    var pending = [start]
    while let block = pending.popLast() {
      guard seen.count < 64 else { return false }
      for id in function[block].instructions {
        if own.contains(where: { $0.step == id }) || clearing(behind: swap.step, function) == id {
          continue
        }
        guard CleanupFunctions.isQuiet(id, function, facts) else { return false }
        if case .referenceCount(let change) = function[id].operation, change < 0,
          function.roots(of: function.operand(0, of: id))
            .contains(where: { caught.contains(function.source(of: $0)) })
        {
          releases = true
        }
      }
      if own.contains(where: { $0.kind == .raise && function[$0.step].block == block }) {
        ends = true
        continue
      }
      for next in function.successors(of: block) where seen.insert(next).inserted {
        pending.append(next)
      }
    }
    return releases && ends
  }

  // MARK: Ends

  /// Notes which statement gets the errors that another one does not handle.
  mutating func findParents(_ function: borrowing Function) {
    for marker in markers where marker.kind == .match {
      if let decision = marker.owner.flatMap({ decisions[$0] }) { regions.asking.insert(decision) }
    }
    let errors = ErrorPaths(function, facts)
    var byKept: [Instruction.ID: Instruction.ID] = [:]
    for (owner, keep) in kept { byKept[keep] = decisions[owner] }
    for block in function.reversePostorder() where errors.isFailing(block) {
      for id in function[block].instructions
      where function[id].operation == .python(.restoreHandled) {
        let roots = function.roots(of: function.operand(0, of: id)).filter { byKept[$0] != nil }
        guard roots.count == 1, let root = roots.first, let decision = byKept[root] else {
          continue
        }
        note(errors.end(startingAt: block, in: function), of: decision)
      }
    }
    for marker in markers where marker.kind == .raise {
      guard let owner = marker.owner, let block = function[marker.step].block,
        let decision = decisions[owner], let next = function.successors(of: block).first
      else { continue }
      note(errors.end(startingAt: next, in: function), of: decision)
    }
  }

  private mutating func note(_ end: ErrorEnd, of decision: Instruction.ID) {
    guard let handler = end.handler, handler != decision else { return }
    regions.parents[decision] = handler
  }

  /// Ends control where an exception is raised again.
  mutating func cutRaises(_ function: inout Function) {
    let errors = ErrorPaths(function, facts)
    for marker in markers where marker.kind == .raise {
      guard let owner = marker.owner, let block = function[marker.step].block,
        let next = function.successors(of: block).first
      else { continue }
      let isFinally = markers.contains { $0.kind == .swap && $0.owner == owner }
      let step = function.insert(
        .python(isFinally ? .resume : .raise), [], width: function.pointerSize, before: marker.step)
      if !isFinally {
        let end = errors.end(from: block, to: next, in: function)
        regions.raises.append(.init(block: block, condition: step, end))
      }
      function.cut(block, behind: step)
    }
  }
}
