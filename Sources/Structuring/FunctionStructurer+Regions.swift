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
    var state = initial
    var block = start
    while true {
      try spend()
      if loops[block] != nil, !openLoops.contains(block) {
        guard let next = try loop(block, &state, context) else {
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
      guard visited.insert(block).inserted else {
        throw NotUnderstood("control flow that has no structure", at: address(of: block))
      }
      try enter(block, &state)
      try translate(block, &state)
      let way: Way
      switch raiser.function[block].terminator {
      case .return(let value):
        try emitReturn(raiser.function.resolve(value), &state)
        way = .left
      case .unreachable:
        way = .left
      case .jump(let target): way = try leave(block, target, &state, context)
      case .branch: way = try branch(block, &state, context)
      case .choose:
        throw NotUnderstood("a jump through a table", at: address(of: block))
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
        try emitReturn(value, &state)
        return .left
      }
    }
    try copyPhis(from: block, to: target, &state)
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
      case .phi, .referenceCount, .undefined: continue
      default: return nil
      }
    }
    guard let phi else {
      return raiser.function[result].block == nil ? result : nil
    }
    return operand(of: phi, from: predecessor)
  }

  func operand(of phi: Instruction.ID, from predecessor: Block.ID) -> Instruction.ID? {
    guard let block = raiser.function[phi].block,
      let index = raiser.function[block].predecessors.firstIndex(of: predecessor)
    else { return nil }
    return raiser.function.operand(index, of: phi)
  }

  private func emitReturn(_ value: Instruction.ID, _ state: inout State) throws {
    if scope.kind == .module { return try spill(&state) }
    let isImplicit = isNone(value)
    if isImplicit, raiser.function.constant(value) == 0 {
      return try emit(.return(nil), line: nil, &state)
    }
    let expression = try read([value], &state)[0]
    try emit(.return(isImplicit ? nil : expression), line: nil, &state)
  }

  /// Gives the variables of a block's phis their values for one edge.
  func copyPhis(from block: Block.ID, to target: Block.ID, _ state: inout State) throws {
    var copies: [(phi: Instruction.ID, value: Instruction.ID)] = []
    for id in raiser.function[target].instructions where raiser.function.isPhi(id) {
      guard (uses[id] ?? 0) > 0 else { continue }
      guard let value = operand(of: id, from: block) else {
        throw failure("a phi without a value for an edge", id)
      }
      if case .undefined = raiser.function[value].operation { continue }
      // A variable that is not bound yet.
      if raiser.function.constant(value) == 0, raiser.function.isWord(value) { continue }
      let name = variables.name(of: id)
      if state.current[name] == value { continue }
      if let parameter = parameterName(value), parameter == name, state.current[name] == nil {
        continue
      }
      copies.append((id, value))
    }
    if copies.count > 1 {
      // Values that wait are assigned first, in the order in which they wait.
      let order = Dictionary(
        state.stack.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
      copies.sort { (order[$0.value] ?? .max) < (order[$1.value] ?? .max) }
      let written = Set(copies.map { variables.name(of: $0.phi) })
      for copy in copies where variables.isVariable.contains(copy.value) {
        if written.contains(variables.name(of: copy.value)) {
          throw failure("variables that exchange their values", copy.phi)
        }
      }
    }
    for (phi, value) in copies {
      if try copyConstant(value, to: phi, &state) { continue }
      let isInPlace = state.stack.last.map { $0.id == value && $0.isInPlace } ?? false
      if isInPlace { state.stack[state.stack.count - 1].isInPlace = false }
      let expression = try read([value], &state)[0]
      try assign(expression, toVariable: phi, line: nil, isInPlace: isInPlace, &state)
      state.current[variables.name(of: phi)] = value
    }
  }

  /// Gives a variable a constant before what waits to be used, which does not notice.
  private func copyConstant(
    _ value: Instruction.ID, to phi: Instruction.ID, _ state: inout State
  ) throws -> Bool {
    guard raiser.function.constant(value) != nil else { return false }
    let name = variables.name(of: phi)
    let waiting = state.stack.map { Statement(.expression($0.expression)) }
    guard !waiting.contains(where: { $0.mentions { $0 == name } }) else { return false }
    let constant = try expression(value, state, [:])
    state.statements.append(Statement(.assign([.name(name)], constant)))
    state.current[name] = value
    return true
  }

  private func parameterName(_ id: Instruction.ID) -> String? {
    guard case .python(.parameter(let number)) = raiser.function[id].operation,
      Int(number) < scope.parameters.count
    else { return nil }
    return scope.parameters[Int(number)]
  }
}
