import Analysis
import Basics
package import IR
import RuntimeModel

extension Function {
  /// Makes decisions of `try` statements, and one operation of each thing that Cython does with
  /// exceptions there, however it was compiled.
  ///
  /// ```
  /// PyErr_GetExcInfo(…)                            %1 = python.saveHandled
  /// if f() fails: goto H                           if python.tryBegin: goto B else goto H
  /// …                                       →      B: if f() fails: goto H …
  /// H: if PyErr_ExceptionMatches(E): …             H: if python.exceptMatch E: …
  /// ```
  /// Nothing is decided here on errors: they go to the handlers as before.
  ///
  /// - Parameters:
  ///   - facts: what is known of the module.
  ///   - machine: the processor.
  ///   - isGenerator: whether the thread state is the function's second argument.
  /// - Returns: what was found of the statements.
  package mutating func liftHandlers(
    _ facts: some ModuleFacts, _ machine: Machine, isGenerator: Bool
  ) -> HandledRegions {
    // An exception's class that is asked for may meet in several phis.
    while mergeEqualPhis() {}
    if isGenerator { forgetReplacedStops(facts) }
    var pass = LiftHandlers(&self, facts, machine, isGenerator: isGenerator)
    do throws(LiftFailure) {
      try pass.run(on: &self)
    } catch {
      pass.regions.problem = error.reason
    }
    return pass.regions
  }
}

/// What keeps a function's statements from being found.
struct LiftFailure: Error { let reason: String }

/// Finds the statements that a function's exception handling consists of.
struct LiftHandlers<Facts: ModuleFacts> {
  let facts: Facts
  let layout: ObjectLayout
  let frame: StackFrame
  var scanner: MarkerScanner<Facts>
  var markers: [ExceptionMarker]
  var regions = HandledRegions()
  /// The decision of each save and swap.
  var decisions: [Instruction.ID: Instruction.ID] = [:]
  /// The step that keeps the exception for each save and swap.
  var kept: [Instruction.ID: Instruction.ID] = [:]
  /// Thread states that statements use.
  var states: Set<Instruction.ID> = []

  init(
    _ function: inout Function, _ facts: Facts, _ machine: Machine, isGenerator: Bool
  ) {
    self.facts = facts
    layout = facts.layout
    frame = StackFrame(&function, machine)
    let state = isGenerator ? function.secondArgument(machine) : nil
    scanner = MarkerScanner(function, facts, sharedState: state)
    markers = scanner.markers
  }

  mutating func run(on function: inout Function) throws(LiftFailure) {
    let isOutlined = outlineCatches(&function)
    if askAlways(&function) || isOutlined {
      scanner = MarkerScanner(function, facts, sharedState: scanner.sharedState)
      markers = scanner.markers
    }
    for call in scanner.suspended { forgetSuspended(call, &function) }
    guard markers.contains(where: { $0.kind == .save || $0.kind == .swap }) else { return }
    resolveOwners(function)
    takeReraises(&function)
    for marker in markers where marker.kind != .save { function.isolate(marker.start) }
    for marker in markers where marker.kind == .save { function.isolate(marker.start) }
    try findOwners(function)
    removeForeign()
    collectStates(function)
    try takeReturns(&function)
    try removeNameBindings(&function)
    try openBodies(&function)
    try openFinally(&function)
    try rewriteSteps(&function)
    findParents(function)
    cutRaises(&function)
    cutReraises(&function)
    function.removeUnreachableBlocks()
    function.readHeldValues(regions.held)
    function.forgetLostValues()
  }

  // MARK: Owners

  func marker(_ kind: ExceptionMarker.Kind, of owner: Instruction.ID) -> ExceptionMarker? {
    markers.first { $0.kind == kind && $0.owner == owner }
  }

  /// Whether a value stands for a save or a swap.
  private func isStatement(_ owner: Instruction.ID) -> Bool {
    markers.contains { ($0.kind == .save || $0.kind == .swap) && $0.owner == owner }
  }

  /// Thread states that meet in a phi stand for the one statement among them that keeps an
  /// exception for a body.
  private mutating func resolveOwners(_ function: borrowing Function) {
    let saves = Set(markers.filter { $0.kind == .save }.compactMap(\.owner))
    for index in markers.indices where markers[index].kind != .save {
      guard let owner = markers[index].owner, markers[index].kind != .swap, !isStatement(owner)
      else { continue }
      let found = function.roots(of: owner).intersection(saves)
      if found.count == 1 { markers[index].owner = found.first }
    }
  }

  /// The statements whose kept exceptions a step puts back.
  func owners(ofKept values: [Instruction.ID], _ function: borrowing Function) -> Set<
    Instruction.ID
  > {
    var result: Set<Instruction.ID> = []
    for root in values.flatMap({ function.roots(of: $0) }) {
      let source = function.source(of: root)
      if isStatement(source) {
        result.insert(source)
      } else if let known = kept.first(where: { $0.value == source }) {
        result.insert(known.key)
      } else if function[root].operation == .machine(.load) {
        let place = function.operand(0, of: root)
        let (base, offset) = function.offset(place)
        let field = scanner.handledField(place, function)
        guard (field?.offset ?? offset) == layout.handledValue else { continue }
        if let swap = swap(behind: root, function) {
          result.insert(swap)
          continue
        }
        if let state = field?.state, isSwapped(root, state, function) {
          result.insert(state)
        } else if let walk = scanner.walks[base] {
          result.insert(walk)
        } else if let state = field?.state, isStatement(state) {
          result.insert(state)
        }
      }
    }
    return result
  }

  /// The statements whose kept exceptions a step puts back, which may be named by the step itself.
  func owners(
    of marker: ExceptionMarker, _ function: borrowing Function
  ) -> Set<Instruction.ID> {
    let found = owners(ofKept: marker.operands, function)
    guard found.isEmpty, let owner = marker.owner, isStatement(owner) else { return found }
    return [owner]
  }

  /// The swap that is known by its own store, to the same place from which a value was loaded before.
  private func swap(
    behind load: Instruction.ID, _ function: borrowing Function
  ) -> Instruction.ID? {
    markers.first {
      $0.kind == .swap && $0.owner == $0.step && function[$0.step].block == function[load].block
        && function[$0.step].operation == .machine(.store)
        && function.operand(0, of: $0.step) == function.operand(0, of: load)
    }?.owner
  }

  private func isSwapped(
    _ load: Instruction.ID, _ state: Instruction.ID, _ function: borrowing Function
  ) -> Bool {
    markers.contains {
      $0.kind == .swap && $0.owner == state
        && function.operand(0, of: $0.step) == function.operand(0, of: load)
    }
  }

  /// Gives every step that names no thread state to the innermost statement that is open there.
  private mutating func findOwners(_ function: borrowing Function) throws(LiftFailure) {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    let statements = markers.filter { $0.kind == .save || $0.kind == .swap }
    var open: [Instruction.ID: Set<Int>] = [:]
    for statement in statements {
      guard let owner = statement.owner else { continue }
      open[owner] = openBlocks(statement, flow, function)
    }
    func position(_ marker: ExceptionMarker) -> Int {
      function[marker.start].block.map { flow.position(of: $0) } ?? -1
    }
    let order = markers.indices.sorted { position(markers[$0]) < position(markers[$1]) }
    for index in order where markers[index].owner == nil {
      let marker = markers[index]
      switch marker.kind {
      case .match, .get, .clear, .fetch, .unfetch: break
      case .save, .swap, .restore, .raise, .reraise: continue
      }
      let place = position(marker)
      guard place >= 0, !isForeign(marker, function) else { continue }
      let around = statements.filter { statement in
        guard let owner = statement.owner else { return false }
        return open[owner]?.contains(place) == true
          && dominators.dominates(position(statement), place)
      }
      let innermost = around.first { inner in
        around.allSatisfy { dominators.dominates(position($0), position(inner)) }
      }
      markers[index].owner = innermost?.owner
    }
  }

  /// The blocks behind a save or swap from which control gets to where it is put back.
  private func openBlocks(
    _ statement: ExceptionMarker, _ flow: ControlFlow, _ function: borrowing Function
  ) -> Set<Int> {
    guard let owner = statement.owner, let first = function[statement.step].block else { return [] }
    let start = flow.position(of: first)
    var result: Set<Int> = [start]
    var pending: [Int] = []
    for marker in markers where marker.kind == .restore {
      guard let block = function[marker.step].block else { continue }
      let all = owners(of: marker, function)
      guard all.contains(owner) else { continue }
      let position = flow.position(of: block)
      guard position >= 0 else { continue }
      if marker.owner == owner {
        if result.insert(position).inserted { pending.append(position) }
        continue
      }
      for (index, predecessor) in function[block].predecessors.enumerated() {
        let values = marker.operands.map { value in
          function.isPhi(value) && function[value].block == block
            ? function.operand(index, of: value) : value
        }
        guard owners(ofKept: values, function).contains(owner) else { continue }
        let from = flow.position(of: predecessor)
        if from >= 0, result.insert(from).inserted { pending.append(from) }
      }
    }
    while let position = pending.popLast() {
      for predecessor in flow.predecessors[position] where result.insert(predecessor).inserted {
        pending.append(predecessor)
      }
    }
    return result
  }

  /// Whether a step belongs to a loop or a lookup, which ask for errors of their own.
  private func isForeign(_ marker: ExceptionMarker, _ function: borrowing Function) -> Bool {
    guard marker.kind == .match, let block = function[marker.step].block else { return false }
    func asksForError(_ block: Block.ID) -> Bool {
      function[block].instructions.prefix { $0 != marker.step }.contains {
        function.callee(of: $0, facts)?.name == "PyErr_Occurred"
      }
    }
    if asksForError(block) { return true }
    // Errors of other steps get to a handler, too.
    let before = function[block].predecessors
    if !before.isEmpty, before.allSatisfy(asksForError) { return true }
    return clearsError(behind: block, function)
  }

  /// Whether an error is cleared behind a question for its type, as only helpers of Cython's do.
  private func clearsError(behind start: Block.ID, _ function: borrowing Function) -> Bool {
    var pending = [start]
    var seen: Set<Block.ID> = [start]
    while let block = pending.popLast(), seen.count < 8 {
      for id in function[block].instructions {
        if function.callee(of: id, facts)?.name == "PyErr_Clear" { return true }
      }
      for next in function.successors(of: block) where function[next].predecessors.count == 1 {
        if seen.insert(next).inserted { pending.append(next) }
      }
    }
    return false
  }

  private mutating func removeForeign() {
    let statements = Set(
      markers.filter { $0.kind == .save || $0.kind == .swap }.compactMap(\.owner))
    markers.removeAll { marker in
      switch marker.kind {
      case .save, .swap, .restore, .raise, .reraise: false
      default: marker.owner.map { !statements.contains($0) } ?? true
      }
    }
  }

  /// The thread states that the statements go by.
  private mutating func collectStates(_ function: borrowing Function) {
    if let state = scanner.sharedState { states.insert(state) }
    for marker in markers {
      if let owner = marker.owner, scanner.isThreadState(owner, function) { states.insert(owner) }
      guard function[marker.step].operation == .machine(.store) else { continue }
      let place = function.operand(0, of: marker.step)
      let (base, _) = function.offset(place)
      if let state = scanner.handledField(place, function)?.state {
        states.insert(state)
      } else if scanner.isThreadState(base, function) {
        states.insert(base)
      }
    }
  }

  // MARK: Heads

  /// The block in which a statement's handlers start.
  func head(of owner: Instruction.ID, _ function: borrowing Function) throws(LiftFailure)
    -> Block.ID
  {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    var blocks: [Int] = []
    for marker in markers where marker.owner == owner {
      switch marker.kind {
      case .match, .get, .clear, .fetch: break
      default: continue
      }
      guard let block = function[marker.start].block else { continue }
      let position = flow.position(of: block)
      if position >= 0, !blocks.contains(position) { blocks.append(position) }
    }
    let first = blocks.filter { block in
      !blocks.contains { $0 != block && dominators.dominates($0, block) }
    }
    guard first.count == 1 else {
      throw LiftFailure(
        reason: first.isEmpty
          ? "a try statement without handlers" : "a try statement with several handlers")
    }
    return flow.order[first[0]]
  }
}
