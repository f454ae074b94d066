import Analysis
import Basics
import IR
import Interpretation
import ModuleRecovery
package import PythonSyntax
package import Raising

// What can be kept of code that is not understood.
extension FunctionStructurer {
  /// What a region is taken back to when a part of it is not understood.
  struct Checkpoint {
    let visited: Set<Block.ID>
    let openLoops: Set<Block.ID>
    let functions: [String: FunctionReference]
    let classes: [Instruction.ID: ClassUnderConstruction]
    let finishedClasses: [String: (definition: ClassDefinition, line: Int?)]
    let importedModules: [String: ImportedModule]
    let importedNames: [String: (module: String, name: String)]
    let openBodies: Set<Instruction.ID>
    let openMarks: Set<String>
    let bodyEnds: [Block.ID: [String]]
    let state: State
  }

  /// Whether a region may go on behind a part that is not understood.
  var mayRecover: Bool { strategy == .dropping }

  func checkpoint(_ state: State) -> Checkpoint {
    Checkpoint(
      visited: visited, openLoops: openLoops, functions: functions, classes: classes,
      finishedClasses: finishedClasses, importedModules: importedModules,
      importedNames: importedNames, openBodies: openBodies, openMarks: openMarks,
      bodyEnds: bodyEnds, state: state)
  }

  func restore(_ point: Checkpoint) -> State {
    visited = point.visited
    openLoops = point.openLoops
    functions = point.functions
    classes = point.classes
    finishedClasses = point.finishedClasses
    importedModules = point.importedModules
    importedNames = point.importedNames
    openBodies = point.openBodies
    openMarks = point.openMarks
    bodyEnds = point.bodyEnds
    return point.state
  }

  /// Leaves a statement out that starts behind a block, or with the block if it is the header of a
  /// loop; the definitions in it are kept.
  ///
  /// - Returns: where control goes on.
  func recover(
    from block: Block.ID, _ problem: NotUnderstood, _ point: Checkpoint, _ state: inout State,
    _ context: RegionContext
  ) throws -> Way {
    guard mayRecover, isWithinBudget else { throw problem }
    state = restore(point)
    let next = continuation(of: block, context)
    let isLost = next == nil && context.follow != nil && !reaches(context, from: block)
    if isLost, scope.kind == .module { throw problem }
    try spill(&state)
    markMissing(problem.reason, &state)
    let skipped = blocks(dominatedBy: block, butNotBy: next)
    state.statements += definitions(
      in: skipped.filter { $0 != block || !visited.contains(block) }, state)
    visited.formUnion(skipped)
    guard let next, next != context.follow else {
      return isLost || context.follow == nil ? .left : .end
    }
    return .block(next)
  }

  private func reaches(_ context: RegionContext, from block: Block.ID) -> Bool {
    guard let follow = context.follow else { return false }
    return reachable([(block, block)], context).contains(follow)
  }

  /// The block behind a statement: the largest part of what only the statement leads to.
  private func continuation(of block: Block.ID, _ context: RegionContext) -> Block.ID? {
    let position = flow.position(of: block)
    guard position >= 0 else { return nil }
    var best: (isJoin: Bool, size: Int, block: Block.ID)?
    for child in flow.order.indices
    where child != position && dominators.immediate[child] == position {
      let entries = flow.predecessors[child].filter { !dominators.dominates(child, $0) }
      let size = blocks(dominatedBy: flow.order[child], butNotBy: nil).reduce(0) {
        $0 + raiser.function[$1].instructions.count
      }
      let candidate = (isJoin: entries.count > 1, size: size, block: flow.order[child])
      guard let known = best else {
        best = candidate
        continue
      }
      if (candidate.isJoin ? 1 : 0, candidate.size) > (known.isJoin ? 1 : 0, known.size) {
        best = candidate
      }
    }
    guard let best else { return nil }
    // Without a join, control may leave the region by its end.
    if !best.isJoin, reaches(context, from: block) { return nil }
    return best.block
  }

  private func blocks(dominatedBy block: Block.ID, butNotBy other: Block.ID?) -> [Block.ID] {
    let top = flow.position(of: block)
    let end = other.map { flow.position(of: $0) }
    return flow.order.indices.filter { position in
      dominators.dominates(top, position)
        && !(end.map { dominators.dominates($0, position) } ?? false)
    }.map { flow.order[$0] }
  }

  // MARK: Definitions alone

  /// The functions and classes that the whole code defines, whatever else it does.
  package static func definitions(
    _ raiser: Raiser, _ locals: LocalEvidence, _ scope: StructuringScope
  ) -> [Statement] {
    let structurer = FunctionStructurer(raiser, locals, scope, isLenient: true)
    var statements = structurer.definitions(in: structurer.flow.order, State())
    try? structurer.appendLostDefinitions(to: &statements)
    return statements
  }

  /// The definitions in some blocks, as if these ran one after the other.
  private func definitions(in blocks: [Block.ID], _ state: State) -> [Statement] {
    var inner = state.fresh
    let outside = (classes: classes, collects: collectsDefinitions)
    classes = [:]
    collectsDefinitions = true
    defer { (classes, collectsDefinitions) = (outside.classes, outside.collects) }
    for block in inOrderOfLines(blocks) {
      do {
        try enter(block, &inner)
        try translate(block, &inner)
      } catch {
        inner.stack = []
      }
    }
    try? spill(&inner)
    return inner.statements.filter { statement in
      switch statement.kind {
      case .function, .class: true
      default: false
      }
    }
  }

  /// Marks that a part of a statement is left out, or stops at it.
  func noteMissing(_ reason: String, _ id: Instruction.ID, _ state: inout State) throws {
    guard isLenient else { throw failure(reason, id) }
    markMissing(reason, &state)
  }

  /// Marks a place where something is left out.
  ///
  /// A module is to be imported, so that a comment must do there; a function must not run past the
  /// place by mistake.
  func markMissing(_ reason: String, _ state: inout State) {
    let isModule = scope.kind == .module
    state.statements.append(
      Statement(
        isModule ? .comment : .expression(.notUnderstood(reason)), line: state.line,
        comments: isModule ? ["decython: not understood: \(reason)"] : []))
  }

  /// Blocks in the order in which the functions that they make stand in the source.
  private func inOrderOfLines(_ blocks: [Block.ID]) -> [Block.ID] {
    var line = 0
    let keyed = blocks.enumerated().map { index, block in
      line = firstLine(of: block) ?? line
      return (line: line, index: index, block: block)
    }
    return keyed.sorted { ($0.line, $0.index) < ($1.line, $1.index) }.map(\.block)
  }

  private func firstLine(of block: Block.ID) -> Int? {
    let steps = raiser.function[block].instructions
    return steps.lazy.compactMap { self.raiser.functionReference($0) }.first.flatMap(firstLine)
  }

  private func firstLine(of reference: FunctionReference) -> Int? {
    guard let address = reference.code, case .code(let code)? = raiser.program.object(at: address)
    else { return nil }
    return code.firstLine
  }

  /// The namespaces of classes that nothing makes, by the last step of each class's body.
  func findLastSteps() -> [Instruction.ID: Instruction.ID] {
    var last: [Instruction.ID: Instruction.ID] = [:]
    var made: Set<Instruction.ID> = []
    for block in flow.order {
      for id in raiser.function[block].instructions {
        if case .python(.classNamespace) = raiser.function[id].operation { last[id] = id }
        for operand in raiser.function.operands(of: id) where last[operand] != nil {
          switch raiser.function[id].operation {
          case .python(.makeClass): made.insert(operand)
          case .python(.storeItem), .python(.storeClassName): last[operand] = id
          default: break
          }
        }
      }
    }
    let open = last.filter { !made.contains($0.key) }
    return Dictionary(open.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Ends a class that is made in a way that is not understood.
  func closeClass(_ namespace: Instruction.ID, _ state: inout State) throws {
    guard let construction = classes.removeValue(forKey: namespace),
      construction.start <= state.statements.count
    else { return }
    try spill(&state)
    let comment = "decython: not understood: how this class is made"
    let definition = construction.finish(&state)
    try emit(.class(definition), line: construction.line, &state)
    state.statements[state.statements.count - 1].comments = [comment]
  }

  /// Definitions whose place is not known come last in their class or module, marked.
  func appendLostDefinitions(to statements: inout [Statement]) throws {
    let comment = "decython: not understood: the place of this definition"
    classes = [:]
    for (placeholder, found) in finishedClasses.sorted(by: { $0.key < $1.key }) {
      statements.append(Statement(.class(found.definition), comments: [comment]))
      finishedClasses[placeholder] = nil
    }
    let lost = functions.sorted {
      (firstLine(of: $0.value) ?? 0, $0.value.definition, $0.key)
        < (firstLine(of: $1.value) ?? 0, $1.value.definition, $1.key)
    }
    for (placeholder, var reference) in lost {
      reference.isLost = true
      let statement = Statement(.function(try scope.define(reference)), comments: [comment])
      let path = reference.qualifiedName.split(separator: ".").map(String.init)
      let start = path.lastIndex(of: "<locals>").map { $0 + 1 } ?? 0
      statements.append(statement, at: path[start...].dropLast())
      functions[placeholder] = nil
    }
  }
}

extension [Statement] {
  /// Appends a statement to the body of a class, which a path of names leads to.
  fileprivate mutating func append(_ statement: Statement, at path: ArraySlice<String>) {
    guard let name = path.first else { return append(statement) }
    let rest = path.dropFirst()
    for index in indices.reversed() {
      guard case .class(var definition) = self[index].kind, definition.name == name else {
        continue
      }
      definition.body.append(statement, at: rest)
      self[index].kind = .class(definition)
      return
    }
    var definition = ClassDefinition(name: name, body: [])
    definition.body.append(statement, at: rest)
    append(Statement(.class(definition), comments: statement.comments))
  }
}
