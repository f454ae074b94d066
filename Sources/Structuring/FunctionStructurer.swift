import Analysis
import Basics
import IR
package import PythonSyntax
package import Raising
import Simplification

/// Writes a raised function as statements.
///
/// The function's blocks are walked in the order of its regions. Each step becomes an expression
/// that waits for the step which uses it, or a statement. Whatever does not fit stops the work with
/// ``NotUnderstood``; nothing is guessed.
package final class FunctionStructurer {
  let raiser: Raiser
  let scope: StructuringScope
  let isLenient: Bool
  let flow: ControlFlow
  let dominators: DominatorTree
  /// The blocks of each natural loop, by header.
  let loops: [Block.ID: Set<Block.ID>]
  /// How often each value is read.
  let uses: [Instruction.ID: Int]
  var variables: Variables
  /// Values that are read twice in ways that one expression covers.
  let shared: Set<Instruction.ID>
  /// The types of the scopes of generators that the function makes, and what they get.
  let generatorTypes: Set<UInt64>
  var generatorArguments: [ScopeField: Instruction.ID] = [:]
  var visited: Set<Block.ID> = []
  /// Whether only definitions are wanted, so that no other step matters.
  var collectsDefinitions = false
  var openLoops: Set<Block.ID> = []
  var globals: Set<String> = []
  /// The variables of functions around this one that it assigns to.
  var nonlocals: Set<String> = []
  /// Function objects, by the name that stands for them in expressions.
  var functions: [String: FunctionReference] = [:]
  /// Classes under construction, by namespace.
  var classes: [Instruction.ID: ClassUnderConstruction] = [:]
  /// Classes that are complete, by the name that stands for them in expressions.
  var finishedClasses: [String: (definition: ClassDefinition, line: Int?)] = [:]
  /// Names taken from modules: the module's placeholder and the name.
  var importedNames: [String: (module: String, name: String)] = [:]
  /// The last step of the body of a class, if nothing is known to make the class.
  private(set) lazy var lastSteps = isLenient ? findLastSteps() : [:]
  /// Steps that add items to displays which are written already.
  var displayedItems: Set<Instruction.ID> = []
  /// Unpackings that a loop's target covers.
  var unpackedByLoops: Set<Instruction.ID> = []
  /// The values that were read from variables so far.
  var readValues: Set<Instruction.ID> = []
  /// Where bodies of `try` statements end, and their `else` clauses.
  var bodyEnds: [Block.ID: [String]] = [:]
  /// The `try` statements whose bodies are being written.
  var openBodies: Set<Instruction.ID> = []
  /// Variables that handlers read and that bodies give values which leave no other trace, by what stands
  /// for them in the handler.
  var demanded: Set<Instruction.ID> = []
  /// The names of those that got a value in a body.
  var demandedNames: Set<String> = []
  /// The marks that have a meaning where statements are being written.
  var openMarks: Set<String> = []
  /// The module from which the last `from … import` took names.
  var lastImport: String?
  /// Where the value that was read last may go.
  var lastPlacement = Placement.anywhere
  /// Imported modules, by the name that stands for them in expressions.
  var importedModules: [String: ImportedModule] = [:]
  /// Where variables get constants.
  var constants = ConstantBindings()
  /// Where variables get the values of others that change behind them.
  private(set) lazy var copies = findCopies()
  /// Variables whose constants are part of an expression that is being written.
  var quietNames: Set<String> = []
  /// The numbers that loops count with, by the loops' headers.
  var counters: [Block.ID: LoopCounter] = [:]
  var counterPhis: Set<Instruction.ID> = []
  /// The phis of variables that hold `True` or `False`.
  private(set) var truthPhis: Set<Instruction.ID> = []
  /// The tests that convert parameters which are declared to be truth values.
  private(set) lazy var declaredTruths = findDeclaredTruths()
  /// The lines of the C code on which steps fail, in order.
  private(set) lazy var sortedCLines = Set(raiser.sites.values.compactMap(\.cLine)).sorted()
  /// Calls that are written with the step before them.
  var writtenCalls: [Instruction.ID: Expression] = [:]
  /// Steps that other statements cover.
  var skippedSteps: Set<Instruction.ID> = []
  /// Operands that comparisons share with the ones before them in chains.
  var chainedValues: Set<Instruction.ID> = []
  /// The shared variables that were read.
  var cellNames: Set<String> = []
  /// Values that need variables of their own, where steps go on without them.
  var separable: Set<Instruction.ID> = []
  /// How the structure of the function is looked for.
  let strategy: StructuringStrategy
  var depth = 0
  private var steps = 0

  /// `isLenient` is whether steps that are not understood are written as marked calls.
  init(
    _ raiser: Raiser, _ locals: LocalEvidence, _ scope: StructuringScope, isLenient: Bool = false,
    strategy: StructuringStrategy = .joining, separate: Set<Instruction.ID> = []
  ) {
    self.raiser = raiser
    self.isLenient = isLenient
    self.strategy = strategy
    self.scope = scope
    flow = ControlFlow(raiser.function)
    dominators = DominatorTree(flow)
    loops = Self.findLoops(flow, dominators)
    uses = raiser.function.countUses()
    variables = Variables(
      raiser, locals, parameters: scope.parameters, names: scope.variables,
      separate: separate, fieldName: scope.closures.fieldName)
    shared = Self.sharedValues(raiser, uses)
    generatorTypes = Self.generatorTypes(raiser)
    truthPhis = findTruthPhis()
    bodyEnds = findBodyEnds()
    nameDefinitions()
    nameCells()
    chooseVariables()
    if strategy != .copying { findChains() }
    findCounters()
  }

  /// Writes a whole function in the first way that leads to structured statements.
  package static func statements(
    _ raiser: Raiser, _ locals: LocalEvidence, _ scope: StructuringScope, isLenient: Bool
  ) throws -> [Statement] {
    let result = try structured(raiser, locals, scope, isLenient: isLenient)
    // What is named for a comprehension is no name of the function's own; how many there are shows
    // only in the text.
    var inner = scope
    inner.variables = result.ownNames(of: scope.listedNames).filter(scope.variables.contains)
    guard !isLenient, inner.variables.count < scope.variables.count,
      let other = try? structured(raiser, locals, inner, isLenient: false),
      other.temporaryCount < result.temporaryCount
    else { return result }
    return other
  }

  private static func structured(
    _ raiser: Raiser, _ locals: LocalEvidence, _ scope: StructuringScope, isLenient: Bool
  ) throws -> [Statement] {
    var separate: Set<Instruction.ID> = []
    var strategies = StructuringStrategy.all(isLenient: isLenient, scope.kind)[...]
    var result: [Statement]?
    for _ in 0..<12 {
      guard let strategy = strategies.first else { break }
      let structurer = FunctionStructurer(
        raiser, locals, scope, isLenient: isLenient, strategy: strategy, separate: separate)
      do {
        result = try structurer.run()
        guard isLenient, !structurer.separable.isSubset(of: separate) else { break }
        separate.formUnion(structurer.separable)
      } catch let problem as NotUnderstood {
        if let value = problem.separable, separate.insert(value).inserted { continue }
        strategies.removeFirst()
        let helps = problem.isStructural || isLenient && scope.kind == .function
        guard helps, !strategies.isEmpty else {
          if result != nil { break }
          throw problem
        }
      }
    }
    guard let result else { throw NotUnderstood("variables that cannot be told apart") }
    return result
  }

  /// Writes the whole function.
  func run() throws -> [Statement] {
    if !isLenient, let problem = raiser.regions.problem { throw NotUnderstood(problem) }
    findConstantBindings()
    let state = State()
    let result = try region(
      from: raiser.function.entry, state, RegionContext(follow: nil, loop: nil))
    var statements = (result?.statements ?? written).withQuietBodies
    if isLenient { try appendLostDefinitions(to: &statements) }
    // Every definition must have found its place.
    guard functions.isEmpty, classes.isEmpty, finishedClasses.isEmpty else {
      let lost = functions.values.map(\.qualifiedName).sorted().first
      throw NotUnderstood("the place of a definition\(lost.map { " (\($0))" } ?? "")")
    }
    guard isLenient || !statements.mentionsPlaceholder else {
      throw NotUnderstood(NotUnderstood.unknownUse)
    }
    if isLenient { statements = statements.withoutMarks }
    if scope.kind == .module {
      let names = variables.temporaryNames
      return statements.tidied(temporaries: names, locals: [], parameters: [])
        .joiningAssignments(globals: nil, temporaries: names)
    }
    if statements.count > 1 || statements.first?.kind != .return(nil) {
      statements = statements.withoutLastReturn
    }
    statements = statements.tidied(
      temporaries: variables.temporaryNames, locals: fixedNames, parameters: scope.parameters,
      truths: truthParameters, floats: floatParameters)
    statements = statements.joiningUnboundReads(bound: Set(scope.parameters))
      .placingFlags(others: Set(scope.parameters))
      .placingLoopEnds(endsFunction: true)
      .withoutKnownAtLoopEnds(locals: fixedNames.union(variables.temporaryNames))
      .withoutIdleCopies(temporaries: variables.temporaryNames, locals: fixedNames)
    statements = statements.inUsualForms(
      variables: scope.variables.filter { !cellNames.contains($0) }, listed: scope.listedNames,
      parameters: scope.parameters.filter { !cellNames.contains($0) },
      temporaries: variables.temporaryNames)
    if variables.hasGuessed {
      statements = statements.namingInOrder(
        variables.openNames.filter { !cellNames.contains($0) },
        temporaries: variables.temporaryNames)
    }
    statements = statements.joiningAssignments(
      globals: globals.union(nonlocals), temporaries: variables.temporaryNames)
    guard isLenient || !statements.readsDeletedName() else {
      throw NotUnderstood("a caught exception that is read behind its handler")
    }
    nonlocals.subtract(scope.parameters)
    if !nonlocals.isEmpty { statements.insert(Statement(.nonlocal(nonlocals.sorted())), at: 0) }
    if !globals.isEmpty { statements.insert(Statement(.global(globals.sorted())), at: 0) }
    return statements
  }

  /// What variables hold where `break` leads, by that block.
  var valuesAtBreaks: [Block.ID: HeldValues] = [:]
  /// The statements that were written by ``region(from:_:_:)`` even if control does not come out.
  var written: [Statement] = []

  func spend() throws {
    steps += 1
    if !isWithinBudget { throw NotUnderstood("the function is too large") }
  }

  var isWithinBudget: Bool { steps <= limit && depth <= 400 }

  /// How many steps may be spent.
  ///
  /// Many copies of what is not understood are no help to anybody.
  private lazy var limit =
    isLenient && scope.kind == .function && strategy != .joining
    ? flow.order.reduce(400) { $0 + 6 * raiser.function[$1].instructions.count } : strategy.limit

  /// The names whose values nothing changes but the function itself, and of what Cython looks up once.
  private var fixedNames: Set<String> {
    Set(scope.parameters + scope.variables).union(Identifiers.builtins).union(cellNames)
      .subtracting(globals)
  }

  /// A block is written once, unless copies of it may stand wherever control gets to it.
  func isTaken(_ block: Block.ID) -> Bool { strategy != .copying && visited.contains(block) }

  // MARK: Preparation

  private static func findLoops(
    _ flow: ControlFlow, _ dominators: DominatorTree
  ) -> [Block.ID: Set<Block.ID>] {
    var loops: [Block.ID: Set<Block.ID>] = [:]
    for position in flow.order.indices {
      for successor in flow.successors[position]
      where dominators.dominates(successor, position) {
        var body: Set<Int> = [successor, position]
        var pending = position == successor ? [] : [position]
        while let next = pending.popLast() {
          for predecessor in flow.predecessors[next] where body.insert(predecessor).inserted {
            pending.append(predecessor)
          }
        }
        loops[flow.order[successor], default: []].formUnion(body.map { flow.order[$0] })
      }
    }
    return loops
  }

  /// Values that are tested and, if the test says so, are the result.
  private static func sharedValues(
    _ raiser: Raiser, _ uses: [Instruction.ID: Int]
  ) -> Set<Instruction.ID> {
    var tested: Set<Instruction.ID> = []
    var others: [Instruction.ID: Int] = [:]
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        switch raiser.function[id].operation {
        case .python(.truth), .python(.notTruth): tested.insert(raiser.function.operand(0, of: id))
        case .phi: break
        case .referenceCount: break
        default:
          for operand in raiser.function.operands(of: id) { others[operand, default: 0] += 1 }
        }
      }
      if let value = raiser.function[block].terminator.value {
        others[raiser.function.resolve(value), default: 0] += 1
      }
    }
    return tested.filter { (uses[$0] ?? 0) > 1 && others[$0] == nil }
  }

  /// Values that are read more than once need a variable, whatever else is known.
  private func chooseVariables() {
    for block in flow.order {
      for id in raiser.function[block].instructions {
        if raiser.function.isPhi(id) { continue }
        if (uses[id] ?? 0) > 1, !shared.contains(id), !isReusable(id) { variables.insert(id) }
      }
    }
    for (value, count) in numberReads() where count > 1 { variables.insert(value) }
  }

  /// How many steps read each C number, be it in arithmetic.
  private func numberReads() -> [Instruction.ID: Int] {
    var result: [Instruction.ID: Int] = [:]
    for block in flow.order {
      let steps = raiser.function[block].instructions.filter { !raiser.function.isPhi($0) }
      var roots = steps.map { raiser.function.operands(of: $0) }
      if let value = raiser.function[block].terminator.value {
        roots.append([raiser.function.resolve(value)])
      }
      for root in roots {
        var seen: Set<Instruction.ID> = []
        var pending = root
        while let id = pending.popLast() {
          guard seen.insert(id).inserted else { continue }
          switch raiser.function[id].operation {
          case .machine where raiser.function[id].block == nil:
            pending += raiser.function.operands(of: id)
          case .python(.length), .python(.unboxInteger), .python(.hash):
            result[id, default: 0] += 1
          default: continue
          }
        }
      }
    }
    return result
  }

  /// Whether a display or comprehension is read by one step apart from those that add to it.
  private func isBuiltOnce(_ container: Instruction.ID) -> Bool {
    let others = readers(of: container).filter { id in
      switch raiser.function[id].operation {
      case .python(.metaclass), .python(.makeClass): false
      default: !raiser.adds(id, to: container)
      }
    }
    return others.count <= 1
  }

  /// Whether a value may be read again without a variable: it is made anew, or is no Python value.
  func isReusable(_ id: Instruction.ID) -> Bool {
    if unboxedParameter(id) != nil { return true }
    return switch raiser.function[id].operation {
    case .python(let operation):
      switch operation {
      case .dictionary, .list, .set: isBuiltOnce(id)
      case .call: isUnderConstruction(id) && isBuiltOnce(id)
      case .iterator, .asyncIterator, .unpack, .importModule, .importDotted, .classNamespace,
        .function, .functionDefaults, .compareTruth, .truth, .contains, .isInstance,
        .metaclass, .makeClass, .scope:
        true
      default: false
      }
    default: true
    }
  }
}

/// A class whose body is being run.
struct ClassUnderConstruction {
  let name: String
  /// Where its body starts among the statements.
  let start: Int
  let line: Int?
  var bases: [Expression] = []
  var keywords: [Expression.Keyword] = []
  var docstring: Expression.Constant?
  /// What waits around the class.
  var suspended: [Pending] = []

  /// Takes the body out of the statements that were written.
  func finish(_ state: inout State) -> ClassDefinition {
    let body = Array(state.statements[start...])
    state.statements.removeSubrange(start...)
    // What waits here are decorators, which Cython 0.29 evaluates behind the body.
    state.stack = suspended + state.stack
    return ClassDefinition(
      name: name, bases: bases, keywords: keywords, docstring: docstring,
      body: body.joiningAssignments(globals: nil, temporaries: []).withAnnotations())
  }
}

/// A module that an import statement has loaded.
struct ImportedModule {
  let name: String
  let level: Int
  /// The names that the statement asks for; nil for `import name`.
  let fromList: [String]?
  let line: Int?
}

extension [Statement] {
  /// How many made-up names stand in the statements.
  fileprivate var temporaryCount: Int {
    var names: Set<String> = []
    _ = contains {
      $0.mentions { name in
        if FunctionStructurer.isTemporary(name) { names.insert(name) }
        return false
      }
    }
    return names.count
  }

  /// Whether the name of something that has no expression is left anywhere.
  var mentionsPlaceholder: Bool {
    contains { $0.mentions { $0.hasPrefix("\u{1}") } || $0.looksSpecialMethodsUp }
  }
}

extension Function {
  /// How often each value is read, reference counts aside.
  func countUses() -> [Instruction.ID: Int] {
    var uses: [Instruction.ID: Int] = [:]
    var seen: Set<Instruction.ID> = []
    var pending: [Instruction.ID] = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        switch self[id].operation {
        // What makes a class is written with its namespace.
        case .referenceCount, .python(.metaclass), .python(.makeClass): continue
        default: break
        }
        for operand in operands(of: id) { pending.append(operand) }
      }
      if let value = self[block].terminator.value { pending.append(resolve(value)) }
      while let id = pending.popLast() {
        uses[id, default: 0] += 1
        // Pure steps read their operands once, however often they are read themselves.
        if self[id].block == nil, seen.insert(id).inserted { pending += operands(of: id) }
      }
    }
    return uses
  }
}
