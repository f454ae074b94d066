import Analysis
import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// Regions of the control-flow graph, as sequences of statements.
extension FunctionStructurer {
  /// Where an edge leads, as far as structure is concerned.
  enum Way {
    /// To the end of the region.
    case end
    /// Nowhere: a statement leaves.
    case left
    case block(Block.ID)
  }

  /// Writes the blocks from one on to the end of the region.
  ///
  /// - Returns: the state with which control reaches the follow, or nil if it never does; what was
  ///   written is in ``written`` then.
  func region(
    from start: Block.ID, _ initial: State, _ context: RegionContext
  ) throws -> State? {
    depth += 1
    defer { depth -= 1 }
    var state = initial
    var block = start
    while true {
      try spend()
      try markBodyEnds(at: block, &state)
      if loops[block] != nil || isUnrepeatedLoop(block), !openLoops.contains(block) {
        guard let next = try loopOrRest(block, &state, context) else {
          written = state.statements
          return nil
        }
        if next == context.follow { return state }
        if try isBreakOrContinue(next, &state, context) {
          written = state.statements
          return nil
        }
        block = next
        continue
      }
      // Statements go around the innermost loop only, which is no matter of copies.
      guard visited.insert(block).inserted || strategy == .copying && !openLoops.contains(block)
      else {
        let problem = NotUnderstood(NotUnderstood.structure, at: address(of: block))
        guard strategy == .dropping, scope.kind == .function else { throw problem }
        try emit(.raise(.notUnderstood(problem.reason), cause: nil), line: nil, &state)
        written = state.statements
        return nil
      }
      try enter(block, &state)
      try translate(block, &state)
      let way: Way
      switch raiser.function[block].terminator {
      case .return(let value):
        try emitReturn(raiser.function.resolve(value), from: block, &state)
        way = .left
      case .unreachable:
        way = .left
      case .jump(let target): way = try leave(block, target, &state, context)
      case .branch: way = try branchOrRest(block, &state, context)
      case .choose:
        let problem = NotUnderstood("a jump through a table", at: address(of: block))
        guard isLenient else { throw problem }
        try emit(.raise(.notUnderstood(problem.reason), cause: nil), line: nil, &state)
        way = .left
      }
      switch way {
      case .end: return state
      case .left:
        written = state.statements
        return nil
      case .block(let next): block = next
      }
    }
  }

  /// Writes a loop, or what can be kept of it.
  private func loopOrRest(
    _ header: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Block.ID? {
    guard mayRecover else { return try loop(header, &state, context) }
    let point = checkpoint(state)
    do {
      return try loop(header, &state, context)
    } catch let problem as NotUnderstood {
      switch try recover(from: header, problem, point, &state, context) {
      case .block(let next): return next
      case .end: return context.follow
      case .left: return nil
      }
    }
  }

  /// Writes what starts with a branch, or what can be kept of it.
  private func branchOrRest(
    _ block: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Way {
    guard mayRecover else { return try branch(block, &state, context) }
    let point = checkpoint(state)
    do {
      return try branch(block, &state, context)
    } catch let problem as NotUnderstood {
      return try recover(from: block, problem, point, &state, context)
    }
  }

  func address(of block: Block.ID) -> UInt64 {
    raiser.function[block].address & 0xFFFF_FFFF_FFFF
  }

  /// The phis of a block hold its variables from now on.
  func enter(_ block: Block.ID, _ state: inout State) throws {
    for id in raiser.function[block].instructions where raiser.function.isPhi(id) {
      if state.stack.contains(where: { $0.id == id }) { continue }
      guard (uses[id] ?? 0) > 0 else { continue }
      state.current[variables.name(of: id)] = id
    }
  }

  private func isBreakOrContinue(
    _ target: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Bool {
    guard let loop = context.loop else { return false }
    if target == loop.header {
      try emit(.continue, line: nil, &state)
      return true
    }
    if target == loop.breakTarget {
      noteBreak(to: target, state)
      try emit(.break, line: nil, &state)
      return true
    }
    return false
  }

  /// Goes along an edge.
  func leave(
    _ block: Block.ID, _ target: Block.ID, _ state: inout State, _ context: RegionContext
  ) throws -> Way {
    if let value = returned(by: target, from: block),
      !(target == context.follow && isNone(value))
    {
      if raiser.function[target].predecessors.count > 1 {
        try emitReturn(value, from: block, &state)
        return .left
      }
    }
    do {
      try copyPhis(from: block, to: target, &state)
    } catch let problem as NotUnderstood where isLenient && isWithinBudget {
      if let value = problem.separable { separable.insert(value) }
      markMissing(problem.reason, &state)
    }
    if target == context.follow { return .end }
    if try isBreakOrContinue(target, &state, context) { return .left }
    return .block(target)
  }

  func isNone(_ id: Instruction.ID) -> Bool {
    // The end of a generator returns null.
    if scope.closures.generatorKind != nil, raiser.function.constant(id) == 0 { return true }
    return raiser.function.variable(id, raiser.view) == "_Py_NoneStruct"
  }

  /// What a block returns if control comes from another one, when it does nothing else.
  func returned(by block: Block.ID, from predecessor: Block.ID) -> Instruction.ID? {
    guard case .return(let value) = raiser.function[block].terminator else { return nil }
    var phi: Instruction.ID?
    let result = raiser.function.resolve(value)
    for id in raiser.function[block].instructions {
      switch raiser.function[id].operation {
      case .phi where id == result: phi = id
      case .phi, .undefined: continue
      case .referenceCount:
        if returnsVariable(id, result, in: block) { return nil }
      default: return nil
      }
    }
    guard let phi else {
      return raiser.function[result].block == nil ? result : nil
    }
    return operand(of: phi, from: predecessor)
  }

  /// Whether a step takes the reference of a variable that one statement returns, to which several
  /// ways lead.
  private func returnsVariable(
    _ step: Instruction.ID, _ result: Instruction.ID, in block: Block.ID
  ) -> Bool {
    guard case .referenceCount(let change) = raiser.function[step].operation else { return false }
    return change > 0 && strategy != .copying && raiser.function.constant(result) == nil
      && raiser.function.operand(0, of: step) == result
      && raiser.function[block].predecessors.count > 1
  }

  func operand(of phi: Instruction.ID, from predecessor: Block.ID) -> Instruction.ID? {
    guard let block = raiser.function[phi].block,
      let index = raiser.function[block].predecessors.firstIndex(of: predecessor)
    else { return nil }
    return raiser.function.operand(index, of: phi)
  }

  private func emitReturn(
    _ value: Instruction.ID, from block: Block.ID, _ state: inout State
  ) throws {
    if scope.kind == .module { return try spill(&state) }
    let isImplicit = isNone(value)
    if isImplicit, raiser.function.constant(value) == 0 {
      return try emit(.return(nil), line: nil, &state)
    }
    if isLost(value, state), raiser.isFoundNone(value, in: block) {
      return try emit(.return(nil), line: nil, &state)
    }
    // Null stands for an exception that was raised.
    if raiser.function.constant(value) == 0, raiser.function.isWord(value) {
      guard isLenient else { throw failure("an error that is handled", value) }
      return try emit(
        .raise(.notUnderstood("an error that is handled"), cause: nil), line: nil, &state)
    }
    let expression = try read([value], &state)[0]
    if !isImplicit, scope.closures.generatorKind == .asyncGenerator {
      let reason = "a value that an asynchronous generator returns"
      guard isLenient else { throw failure(reason, value) }
      let call = Expression.notUnderstood(reason, [expression])
      return try emit(.raise(call, cause: nil), line: nil, &state)
    }
    try emit(.return(isImplicit ? nil : expression), line: nil, &state)
  }

  /// Whether the variable of a value holds another one by now.
  private func isLost(_ value: Instruction.ID, _ state: State) -> Bool {
    guard variables.isVariable.contains(value) || raiser.function.isPhi(value),
      !state.stack.contains(where: { $0.id == value })
    else { return false }
    return state.current[variables.name(of: value)] != value
  }

  /// Whether a variable holds a value of which a test has found that it is `None`.
  private func holdsNone(
    _ name: String, from block: Block.ID, to target: Block.ID, _ state: State
  ) -> Bool {
    func isFound(_ value: Instruction.ID) -> Bool {
      raiser.isFoundNone(value, from: block, to: target)
        || raiser.isFoundNone(value, in: block)
    }
    if let value = state.current[name] { return isFound(value) }
    guard let number = scope.parameters.firstIndex(of: name), state.current.isUntouched(name)
    else { return false }
    return flow.order.contains { other in
      raiser.function[other].instructions.contains { id in
        raiser.function[id].operation == .python(.parameter(UInt16(clamping: number)))
          && isFound(id)
      }
    }
  }

  /// Gives the variables of a block's phis their values for one edge.
  func copyPhis(from block: Block.ID, to target: Block.ID, _ state: inout State) throws {
    var copies: [(phi: Instruction.ID, value: Instruction.ID)] = []
    for id in raiser.function[target].instructions where raiser.function.isPhi(id) {
      guard (uses[id] ?? 0) > 0, !counterPhis.contains(id) else { continue }
      guard let value = operand(of: id, from: block) else {
        throw failure("a phi without a value for an edge", id)
      }
      if case .undefined = raiser.function[value].operation { continue }
      // A variable that is not bound yet.
      if raiser.function.constant(value) == 0, raiser.function.isWord(value), !isNumber(id),
        !truthPhis.contains(id)
      {
        continue
      }
      let name = variables.name(of: id)
      if state.current[name] == value { continue }
      if let parameter = parameterName(value), parameter == name,
        state.current.change(of: name, from: value) == nil
      {
        continue
      }
      if isNone(value), holdsNone(name, from: block, to: target, state) { continue }
      copies.append((id, value))
    }
    if copies.count > 1 {
      // Values that wait are assigned first, in the order in which they wait.
      let order = Dictionary(
        state.stack.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
      copies.sort { (order[$0.value] ?? .max) < (order[$1.value] ?? .max) }
      guard let ordered = sequence(copies, state) else { return try copyAtOnce(copies, &state) }
      if !copies.contains(where: { order[$0.value] != nil }) { copies = ordered }
    }
    for (phi, value) in copies {
      if try copyConstant(value, to: phi, &state) { continue }
      if standsForNone(value, phi, from: block, to: target, state) {
        try assign(.none, toVariable: phi, line: nil, &state)
        state.current[variables.name(of: phi)] = value
        continue
      }
      let line = state.stack.first { $0.id == value }?.line
      let placement = state.stack.last.flatMap { $0.id == value ? $0.placement : nil } ?? .anywhere
      if placement == .inPlace { state.stack[state.stack.count - 1].placement = .anywhere }
      let expression =
        try truthPhis.contains(phi) ? truth(value, &state) : read([value], &state)[0]
      try assign(expression, toVariable: phi, line: line, placement: placement, &state)
      state.current[variables.name(of: phi)] = value
    }
  }

  /// Whether a variable gets `None`, for which the compiler took a value that was found to be it.
  private func standsForNone(
    _ value: Instruction.ID, _ phi: Instruction.ID, from block: Block.ID, to target: Block.ID,
    _ state: State
  ) -> Bool {
    if parameterName(value) != nil { return raiser.isFoundNone(value, from: block, to: target) }
    return isLost(value, state) && !variables.areOne(value, phi)
      && raiser.isFoundNone(value, in: block)
  }

  private typealias Copy = (phi: Instruction.ID, value: Instruction.ID)

  /// Assignments in an order in which none changes what a later one reads; nil if there is none.
  private func sequence(_ copies: [Copy], _ state: State) -> [Copy]? {
    var rest = copies
    var result: [Copy] = []
    while !rest.isEmpty {
      let index = rest.indices.first { index in
        let name = variables.name(of: rest[index].phi)
        return !rest.indices.contains { other in
          other != index && reads(rest[other].value, name, state)
        }
      }
      guard let index else { return nil }
      result.append(rest.remove(at: index))
    }
    let waits = copies.contains { copy in state.stack.contains { $0.id == copy.value } }
    return waits && result.map(\.phi) != copies.map(\.phi) && isMixed(copies, state) ? nil : result
  }

  /// Whether an assignment changes what one behind it reads.
  private func isMixed(_ copies: [Copy], _ state: State) -> Bool {
    copies.indices.contains { index in
      copies[(index + 1)...].contains {
        reads($0.value, variables.name(of: copies[index].phi), state)
      }
    }
  }

  private func reads(_ id: Instruction.ID, _ name: String, _ state: State) -> Bool {
    if let pending = state.stack.first(where: { $0.id == id }) {
      return pending.expression.mentions { $0 == name }
    }
    if let parameter = parameterName(id) { return parameter == name }
    if variables.isVariable.contains(id) || raiser.function.isPhi(id) {
      return variables.name(of: id) == name
    }
    guard raiser.function[id].block == nil else { return false }
    return raiser.function.operands(of: id).contains { reads($0, name, state) }
  }

  /// Copies values that the copies themselves change: `a, b = b, a`.
  private func copyAtOnce(_ copies: [Copy], _ state: inout State) throws {
    let order = scope.parameters + scope.variables
    let copies = copies.sorted {
      let (first, second) = (variables.name(of: $0.phi), variables.name(of: $1.phi))
      return (order.firstIndex(of: first) ?? .max) < (order.firstIndex(of: second) ?? .max)
    }
    let values = try read(copies.map(\.value), &state)
    let names = copies.map { variables.name(of: $0.phi) }
    guard Set(names).count == names.count else {
      throw failure("variables that exchange their values", copies[0].phi)
    }
    try emit(.assign([.tuple(names.map { .name($0) })], .tuple(values)), line: nil, &state)
    for (name, copy) in zip(names, copies) { state.current[name] = copy.value }
  }

  /// Whether a phi merges C numbers rather than objects.
  func isNumber(_ phi: Instruction.ID) -> Bool {
    var pending = [phi]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 64 {
      guard seen.insert(id).inserted else { continue }
      switch raiser.function[id].operation {
      case .phi: pending += raiser.function.operands(of: id)
      // No object stands at an address this low.
      case .constant(let value) where 0 < value && value < 0x400: return true
      case .constant(let value)
      where -0x400 < Opcode.signed(value, raiser.function.size(id))
        && Opcode.signed(value, raiser.function.size(id)) < 0:
        return true
      case .machine where raiser.function[id].block == nil: return true
      case .python(.length), .python(.entryCount), .python(.unboxInteger), .python(.unboxFloat),
        .python(.hash), .python(.truth), .python(.notTruth), .python(.compareTruth),
        .python(.contains), .python(.isInstance),
        .python(.isSubclass), .python(.isCallable), .python(.hasAttribute):
        return true
      default: continue
      }
    }
    return false
  }

  /// Whether a phi merges floating-point numbers of C.
  private func isFloat(_ phi: Instruction.ID) -> Bool {
    var pending = [phi]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 64 {
      guard seen.insert(id).inserted else { continue }
      if raiser.function[id].operation == .python(.unboxFloat) { return true }
      if readers(of: id).contains(where: { raiser.function[$0].operation == .python(.boxFloat) }) {
        return true
      }
      if raiser.function.isPhi(id) { pending += raiser.function.operands(of: id) }
    }
    return false
  }

  /// Gives a variable a constant before what waits to be used, which does not notice.
  private func copyConstant(
    _ value: Instruction.ID, to phi: Instruction.ID, _ state: inout State
  ) throws -> Bool {
    guard let bits = raiser.function.constant(value) else { return false }
    let name = variables.name(of: phi)
    let waiting = state.stack.map { Statement(.expression($0.expression)) }
    guard !waiting.contains(where: { $0.mentions { $0 == name } }) else { return false }
    let constant: Expression =
      if let truth = truthConstant(value, of: phi) {
        truth
      } else if isFloat(phi) {
        .constant(.float(Double(bitPattern: bits)))
      } else {
        try expression(value, state, [:])
      }
    state.statements.append(Statement(.assign([.name(name)], constant)))
    state.current[name] = value
    return true
  }

  func parameterName(_ id: Instruction.ID) -> String? {
    guard case .python(.parameter(let number)) = raiser.function[id].operation,
      Int(number) < scope.parameters.count
    else { return nil }
    return scope.parameters[Int(number)]
  }
}
