import Basics
import IR
import RuntimeModel

/// Finds the steps that have to do with handled exceptions.
///
/// Where Cython works on CPython's thread state itself, each statement asks for the state by a call
/// of its own, and the value of that call stands for the statement. Elsewhere the statement is the
/// call that keeps the exception, `PyErr_GetExcInfo`.
struct MarkerScanner<Facts: ModuleFacts> {
  private let facts: Facts
  private let layout: ObjectLayout
  /// The pointers to kept exceptions that a walk over the thread state's stack goes through, by the
  /// call that asked for the state.
  private(set) var walks: [Instruction.ID: Instruction.ID] = [:]
  private(set) var markers: [ExceptionMarker] = []
  /// The calls that keep the exception of a handler in which a generator is suspended.
  private(set) var suspended: [Instruction.ID] = []
  /// The thread state, if it is an argument, as the body of a generator has it.
  ///
  /// All `try` statements share it there, so that each is known by the step that loads the exceptions
  /// which are being handled.
  let sharedState: Instruction.ID?

  init(_ function: borrowing Function, _ facts: Facts, sharedState: Instruction.ID?) {
    self.facts = facts
    self.sharedState = sharedState
    layout = facts.layout
    if layout.stacksHandledErrors { findWalks(function) } else { findLoads(function) }
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .call: scan(call: id, in: block, function)
        case .machine(.store): scan(store: id, function)
        default: break
        }
      }
    }
    tellFetches(function)
    disownShared(function)
  }

  private static var getters: Set<String> {
    ["_PyThreadState_UncheckedGet", "PyThreadState_GetUnchecked", "PyThreadState_Get"]
  }

  // MARK: Thread state

  /// Whether a value is the thread state.
  func isThreadState(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    if function[id].operation == .call { return isGetter(id, function) }
    if id == sharedState { return true }
    guard function.isPhi(id) else { return false }
    for root in function.roots(of: id) where root != sharedState && !isGetter(root, function) {
      return false
    }
    return true
  }

  /// Whether a statement is known by a walk over the stack of handled exceptions, rather than by a call
  /// that keeps the last one.
  func isWalked(_ owner: Instruction.ID, _ function: borrowing Function) -> Bool {
    function[owner].operation == .machine(.load) || isThreadState(owner, function)
  }

  private func isGetter(_ id: Instruction.ID, _ function: borrowing Function) -> Bool {
    function.callee(of: id, facts).map { Self.getters.contains($0.name) } ?? false
  }

  /// The thread state from which a pointer to the exception that is being handled was loaded.
  func thread(ofHandled id: Instruction.ID, _ function: borrowing Function) -> Instruction.ID? {
    guard function[id].operation == .machine(.load) else {
      guard function.isPhi(id), walks[id] == nil else { return nil }
      var states: [Instruction.ID] = []
      for root in function.roots(of: id) {
        guard let found = thread(ofHandled: root, function) else { return nil }
        states.append(found)
      }
      return states.min()
    }
    let (state, offset) = function.offset(function.operand(0, of: id))
    guard offset == layout.handledError, isThreadState(state, function) else { return nil }
    return state
  }

  /// The thread state that an address belongs to as one of a field of what is being handled, and the
  /// distance of that field.
  func handledField(
    _ address: Instruction.ID, _ function: borrowing Function
  ) -> (state: Instruction.ID, offset: UInt64)? {
    let (base, offset) = function.offset(address)
    if layout.stacksHandledErrors {
      return thread(ofHandled: base, function).map { ($0, offset) }
    }
    guard layout.isHandledPart(offset), isThreadState(base, function) else { return nil }
    return (base, offset &- layout.handledError)
  }

  /// The thread state from which a value was loaded that is the current error, or its type.
  func thread(ofError id: Instruction.ID, _ function: borrowing Function) -> Instruction.ID? {
    for root in function.roots(of: id) {
      guard function[root].operation == .machine(.load) else { continue }
      let (base, offset) = function.offset(function.operand(0, of: root))
      if offset == layout.currentError, isThreadState(base, function) { return base }
      if layout.keepsExceptions, offset == layout.type, base != id,
        let state = thread(ofError: base, function)
      {
        return state
      }
    }
    return nil
  }

  /// Finds the saves where the thread state keeps the exception itself: loads of it that nothing is
  /// stored over in the same breath.
  private mutating func findLoads(_ function: borrowing Function) {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.load) {
        guard let (state, offset) = handledField(function.operand(0, of: id), function),
          offset == layout.handledValue, !isOverwritten(id, in: block, function),
          state == sharedState || isGetter(state, function)
        else { continue }
        let owner = state == sharedState ? id : state
        guard walks[owner] == nil else { continue }
        walks[owner] = owner
        markers.append(ExceptionMarker(kind: .save, step: owner, start: owner, owner: owner))
      }
    }
  }

  /// Whether the block of a load goes on to store to the same place.
  private func isOverwritten(
    _ load: Instruction.ID, in block: Block.ID, _ function: borrowing Function
  ) -> Bool {
    let place = function.operand(0, of: load)
    return function[block].instructions.drop { $0 != load }.contains {
      function[$0].operation == .machine(.store) && function.operand(0, of: $0) == place
    }
  }

  /// Finds the saves: `while (p->exc_value is null or None && p->previous) p = p->previous`.
  private mutating func findWalks(_ function: borrowing Function) {
    var reached: [Instruction.ID: Instruction.ID] = [:]
    var walked: Set<Instruction.ID> = []
    var changed = true
    while changed {
      changed = false
      for block in function.reversePostorder() {
        for id in function[block].instructions where reached[id] == nil {
          var state: Instruction.ID?
          if function.isPhi(id) {
            for operand in function.operands(of: id) { state = state ?? reached[operand] }
          } else if function[id].operation == .machine(.load) {
            let (base, offset) = function.offset(function.operand(0, of: id))
            if offset == layout.handledError, isGetter(base, function) {
              state = base
            } else if offset == layout.handledError, base == sharedState {
              state = id
            } else if offset == layout.handledPrevious, let known = reached[base] {
              state = known
              walked.insert(known)
            }
          }
          guard let state else { continue }
          reached[id] = state
          changed = true
        }
      }
    }
    for (id, state) in reached where walked.contains(state) {
      // Pointers to what is being handled now may meet elsewhere, too.
      guard !function.isPhi(id) || goesOn(id, reached, function) else { continue }
      walks[id] = state
    }
    for state in walked.sorted() {
      markers.append(ExceptionMarker(kind: .save, step: state, start: state, owner: state))
    }
  }

  /// Whether a phi merges pointers of which one was read from another kept exception.
  private func goesOn(
    _ phi: Instruction.ID, _ reached: [Instruction.ID: Instruction.ID],
    _ function: borrowing Function
  ) -> Bool {
    function.roots(of: phi).contains { root in
      guard function[root].operation == .machine(.load) else { return false }
      let (base, offset) = function.offset(function.operand(0, of: root))
      return offset == layout.handledPrevious && reached[base] != nil
    }
  }

  // MARK: Steps

  private mutating func scan(store id: Instruction.ID, _ function: borrowing Function) {
    let (base, offset) = function.offset(function.operand(0, of: id))
    let value = function.operand(1, of: id)
    if let (state, field) = handledField(function.operand(0, of: id), function) {
      guard field == layout.handledValue else { return }
      if function.constant(value) == 0, state != sharedState, catchesError(behind: id, function) {
        add(.swap, id, start: nearest(state, id, function), owner: state)
      } else if function.constant(value) == 0, state == sharedState,
        putsBackOld(id, function), catchesError(behind: id, function)
      {
        // A state that all share stands for no statement.
        let start =
          layout.stacksHandledErrors ? nearest(base, id, function) : loadBefore(id, function)
        add(.swap, id, start: start, owner: id)
      } else if function.constant(value) == 0 {
        // Nothing was being handled when the statement began, which compilers find out at times.
        add(.restore, id, operands: [value], owner: state)
      } else {
        add(.restore, id, operands: [value])
      }
    } else if offset == layout.currentError, isThreadState(base, function) {
      if function.constant(value) == 0 {
        add(.clear, id, start: loadBefore(id, function), owner: base)
      } else {
        add(.raise, id, operands: [value])
      }
    }
  }

  /// Whether what a store overwrites is put back later, rather than dropped.
  private func putsBackOld(_ store: Instruction.ID, _ function: borrowing Function) -> Bool {
    let old = loadBefore(store, function)
    guard old != store else { return false }
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.store) {
        guard let field = handledField(function.operand(0, of: id), function),
          field.offset == layout.handledValue,
          function.roots(of: function.operand(1, of: id)).contains(old)
        else { continue }
        return true
      }
    }
    return false
  }

  /// Whether what a generator returns is caught by a clause behind a step.
  func leadsToCatch(behind step: Instruction.ID, _ function: borrowing Function) -> Bool {
    catchesError(behind: step, function)
  }

  /// Whether the current error is caught behind a step, as in the clause that the step begins.
  private func catchesError(
    behind step: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    guard let start = function[step].block else { return false }
    var pending = [start]
    var next = 0
    while next < pending.count, next < 24 {
      let block = pending[next]
      next += 1
      var isQuiet = true
      var isBehind = block != start
      for id in function[block].instructions {
        defer { if id == step { isBehind = true } }
        guard isBehind else { continue }
        if case .python = function[id].operation { isQuiet = false }
        guard function[id].operation == .call, isQuiet else { continue }
        switch function.callee(of: id, facts)?.name {
        case "__Pyx_GetException", "__Pyx__GetException": return true
        case "_Py_Dealloc", "PyException_GetTraceback", "PyErr_SetExcInfo", "PyErr_GetExcInfo":
          continue
        case let name? where Self.getters.contains(name): continue
        default: isQuiet = false
        }
      }
      guard isQuiet else { continue }
      for successor in function.successors(of: block) where !pending.contains(successor) {
        pending.append(successor)
      }
    }
    return false
  }

  /// Steps that go by a state which all statements share belong to the innermost one that is open.
  ///
  /// A `finally` clause asks for the state anew and leaves it to whatever handler comes behind, so that
  /// no step says by its state what it belongs to.
  private mutating func disownShared(_ function: borrowing Function) {
    guard let sharedState else { return }
    for index in markers.indices {
      switch markers[index].kind {
      case .match, .get, .clear, .fetch, .unfetch: markers[index].owner = nil
      case .save, .swap, .restore, .raise, .reraise:
        if markers[index].owner == sharedState { markers[index].owner = nil }
      }
    }
  }

  /// A step if it stands in the block of another one, or else that one.
  private func nearest(
    _ step: Instruction.ID, _ other: Instruction.ID, _ function: borrowing Function
  ) -> Instruction.ID {
    function[step].block == function[other].block && !function.isPhi(step) ? step : other
  }

  /// The load of what a store overwrites, if it stands before it in the same block.
  private func loadBefore(
    _ store: Instruction.ID, _ function: borrowing Function
  ) -> Instruction.ID {
    guard let block = function[store].block else { return store }
    for id in function[block].instructions {
      if id == store { return store }
      if function[id].operation == .machine(.load),
        function.operand(0, of: id) == function.operand(0, of: store)
      {
        return id
      }
    }
    return store
  }

  private mutating func scan(
    call id: Instruction.ID, in block: Block.ID, _ function: borrowing Function
  ) {
    guard let name = function.callee(of: id, facts)?.name else { return }
    let arguments = Array(function.operands(of: id).dropFirst())
    let isCleared = arguments.count >= 3 && arguments.allSatisfy { function.constant($0) == 0 }
    switch name {
    case "PyErr_GetExcInfo":
      guard isSwap(id, in: block, function) else { return add(.save, id, owner: id) }
      if catchesError(behind: id, function) {
        add(.swap, id, owner: id)
      } else {
        suspended.append(id)
      }
    case "PyErr_SetExcInfo" where !isCleared: add(.restore, id, operands: arguments)
    case "PyErr_Restore": add(isCleared ? .clear : .raise, id, operands: arguments)
    case "PyErr_Fetch": add(.fetch, id)
    case "PyErr_ExceptionMatches": add(.match, id, operands: Array(arguments.prefix(1)))
    case "__Pyx_PyErr_ExceptionMatchesInState":
      guard arguments.count >= 2, isThreadState(arguments[0], function) else { return }
      add(.match, id, operands: [arguments[1]], owner: arguments[0])
    case "PyErr_GivenExceptionMatches", "__Pyx_PyErr_GivenExceptionMatches",
      "__Pyx_PyErr_GivenExceptionMatches2":
      guard let error = arguments.first else { return }
      let count = name.hasSuffix("2") ? 2 : 1
      add(
        .match, id, start: firstLoad(of: error, before: id, function),
        operands: Array(arguments.dropFirst().prefix(count)),
        owner: thread(ofError: error, function))
      markers[markers.count - 1].error = error
    case "__Pyx_GetException", "__Pyx__GetException":
      let state = arguments.first.flatMap { isThreadState($0, function) ? $0 : nil }
      add(.get, id, start: traceback(before: id, function), owner: state)
    default: break
    }
  }

  /// Whether the exception that a call keeps is cleared right behind it.
  private func isSwap(
    _ call: Instruction.ID, in block: Block.ID, _ function: borrowing Function
  ) -> Bool {
    let calls = function[block].instructions.filter { function[$0].operation == .call }
    guard let index = calls.firstIndex(of: call), index + 1 < calls.count else { return false }
    let next = calls[index + 1]
    return function.callee(of: next, facts)?.name == "PyErr_SetExcInfo"
      && function.operands(of: next).dropFirst().allSatisfy { function.constant($0) == 0 }
  }

  /// The load of the current error with which a question for its type starts.
  private func firstLoad(
    of error: Instruction.ID, before call: Instruction.ID, _ function: borrowing Function
  ) -> Instruction.ID {
    for root in function.roots(of: error).sorted() {
      guard function[root].operation == .machine(.load) else { continue }
      let (base, offset) = function.offset(function.operand(0, of: root))
      if isThreadState(base, function) { return root }
      if layout.keepsExceptions, offset == layout.type,
        function[base].operation == .machine(.load)
      {
        return base
      }
    }
    return call
  }

  /// The call that writes the traceback of an exception before it is caught.
  private func traceback(
    before get: Instruction.ID, _ function: borrowing Function
  ) -> Instruction.ID {
    guard var block = function[get].block else { return get }
    var found = get
    for _ in 0..<8 {
      for id in function[block].instructions {
        if id == get { return found }
        if function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" { found = id }
      }
      if found != get { return found }
      let predecessors = function[block].predecessors
      guard predecessors.count == 1, case .jump = function[predecessors[0]].terminator else {
        return get
      }
      block = predecessors[0]
      let last = function[block].instructions.last {
        function.callee(of: $0, facts)?.name == "__Pyx_AddTraceback"
      }
      if let last { return last }
    }
    return get
  }

  private mutating func add(
    _ kind: ExceptionMarker.Kind, _ step: Instruction.ID, start: Instruction.ID? = nil,
    operands: [Instruction.ID] = [], owner: Instruction.ID? = nil
  ) {
    markers.append(
      ExceptionMarker(
        kind: kind, step: step, start: start ?? step, operands: operands, owner: owner))
  }

  /// An error that is put back without having been caught was only fetched, for a class that has to
  /// be looked up.
  private mutating func tellFetches(_ function: borrowing Function) {
    var fetched: Set<Instruction.ID> = []
    for index in markers.indices where markers[index].kind == .raise {
      let sources = Set(
        markers[index].operands.flatMap { function.roots(of: $0) }
          .map { function.source(of: $0) })
      let isCaught = sources.contains { source in
        markers.contains { $0.kind == .get && $0.step == source }
      }
      guard !isCaught else { continue }
      markers[index].kind = .unfetch
      fetched.formUnion(sources)
    }
    for index in markers.indices where markers[index].kind == .clear {
      if fetched.contains(markers[index].start) { markers[index].kind = .fetch }
    }
  }
}
