import Analysis
import Basics
import BinaryFormats
package import IR
import Interpretation
package import ModuleRecovery
package import Simplification

/// A function that is left with what it means: no reference counts, no errors, no faster ways.
package struct PreparedFunction: ~Copyable {
  package var function: Function
  package let locals: LocalEvidence
  /// The function object that the code was called with.
  package let receiver: UInt64?
  /// The error sites by the block whose branch to them was taken away.
  package let sites: [PruneBranches.PrunedError]
  /// The objects that were asked whether anything else refers to them.
  package let unique: Set<Instruction.ID>
  /// The `try` statements of the function.
  package let regions: HandledRegions
  /// What keeps the function from being understood as a whole.
  package let problem: String?
  /// The scopes around the function.
  package let closure: ClosureEntry?
  /// The extension type of which the function is a method.
  package let ownType: UInt64?
  /// The extension types of other parameters, by their numbers.
  package let parameterTypes: [Int: UInt64]
  /// The number of the parameter that is a tuple of the other positional arguments.
  package let starParameter: Int?
  /// The function's qualified name.
  package let ownPath: String?
  /// What the function returns, as its entry and its errors tell.
  package let result: NativeResult
  /// The variables in memory that are tested for being bound.
  package let testedVariables: [TestedVariable]
  /// The objects that methods of builtin types are called on by way of the types.
  package let unboundReceivers: Set<UnboundReceiver>
  /// The objects that are asked whether they are of an extension type of the module, with that type.
  package let typedObjects: [(object: Instruction.ID, type: UInt64)]
  /// The calls that take an item out of a set which must have it.
  package let removals: Set<Instruction.ID>
  /// How often each rule on branches applied.
  package let counts: [String: Int]
  /// The most instructions that are looked at, over all rounds: code that a compiler wrote needs a
  /// small part of it, and the same code always needs the same.
  private static let workLimit = 400_000_000
}

extension PreparedFunction {
  /// Builds a function from its start on and prunes it.
  ///
  /// - Returns: nil if there is no sound code at the start.
  package init?(_ program: Program, from state: EntryState) {
    self.init(program, at: state.snapshot.address, state)
  }

  /// Builds a C function that takes no arguments apart.
  package init?(_ program: Program, at address: UInt64) {
    self.init(program, at: address, nil)
  }

  private init?(
    _ program: Program, at address: UInt64, _ state: EntryState?
  ) {
    let isGenerator = state?.closure?.generator != nil
    let registers = state?.snapshot.registers ?? [:]
    guard
      let constructed = program.construct(
        at: address, registers: registers, isGenerator: isGenerator)
    else { return nil }
    var unfollowed = constructed.isDecoded ? nil : "an instruction that is not known"
    let computedJumps = Set(constructed.unresolvedJumps.map(\.block))
    var function = constructed.takeFunction()
    let view = ProgramView(program)
    receiver = state?.receiver
    let machine = program.machine
    var simplifiedRevision = -1
    func simplify(_ function: inout Function) {
      guard simplifiedRevision != function.revision else { return }
      // Rewrites shrink the function; the limit is for the hostile case that they do not.
      for _ in 0..<64 {
        guard
          function.canonicalizePureInstructions() || function.removeTrivialPhis()
            || function.mergeEqualPhis() || function.removeCyclicPhis()
        else {
          simplifiedRevision = function.revision
          break
        }
      }
      function.removeForwarded()
    }
    let entryPointers = state?.framePointers ?? [:]
    var isJoined = false
    var work = 0
    func settle(_ function: inout Function, after change: StaticString) {
      Verifier.check(function, .pruned, after: change)
      for _ in 0..<4 {
        work += function.instructionCount
        simplify(&function)
        let unrolled = function.unrollRepeats(wordSize: machine.pointerSize)
        let expanded = function.expandCopies(view, wordSize: machine.pointerSize) || unrolled
        Verifier.check(function, .pruned, after: "simplifying")
        let promoted = PromoteStack.run(
          on: &function, machine: machine, effects: view, entryPointers: entryPointers)
        Verifier.check(function, .pruned, after: "promoting the stack")
        let bound = state.map { function.bind($0, machine: machine) } ?? false
        let followed = state?.closure.map { function.followClosure($0) } ?? false
        if isJoined, let generator = state?.closure?.generator {
          _ = function.forgetFields(ofGenerator: generator, machine)
        }
        Verifier.check(function, .pruned, after: "binding")
        let isMerged = function.mergePhisOfConditions()
        let merged = function.mergeTypeLoads() || isMerged
        Verifier.check(function, .pruned, after: "merging loads of types")
        let uncounted = function.forgetRecursionDepth(view)
        let forgotten = function.forgetLeftovers(machine, view) || uncounted
        let folded = function.foldLoads(view)
        guard
          function.trimCalls(view) || merged || folded || expanded || promoted || bound || followed
            || forgotten
        else { break }
      }
      simplify(&function)
      Verifier.check(function, .pruned, after: "settling")
    }
    Verifier.check(function, .constructed, after: "construction")
    // A pointer into the frame that a register holds must be known before what it points at is.
    if let state { function.bind(state, machine: machine) }
    simplify(&function)
    let hasTexts = function.callTextFunctions(view)
    if function.collapseNumberTexts(view) || hasTexts { simplify(&function) }
    settle(&function, after: "construction")
    if !computedJumps.isEmpty {
      // What is known of arguments decides where they are counted. Where nothing does, code that nobody
      // could follow must not be taken for a trap.
      let context = BranchContext(
        function, facts: view, counts: [], errors: ErrorPaths(function, view))
      var pass = PruneBranches([.constant], context: context)
      while pass.run(on: &function) { settle(&function, after: "deciding what is known") }
      if !computedJumps.isDisjoint(with: function.reversePostorder()) {
        unfollowed = "a jump whose targets are not known"
      }
    }
    if function.localizeStatics(view, machine) {
      settle(&function, after: "localizing static variables")
    }
    if function.splitAssertions(view) { settle(&function, after: "splitting assertions") }
    if function.narrowArguments(view) { settle(&function, after: "narrowing arguments") }
    if function.splitHalves() { settle(&function, after: "splitting halves") }
    // Places of the frame are taken apart once more, when what was unknown of them is known.
    var splits = 0
    func split(_ function: inout Function) -> Bool {
      splits += 1
      return splits < 3 && function.splitHalves()
    }
    if function.runsGenerators {
      // What is asserted of a generator while it runs is not so before.
      let context = BranchContext(
        function, facts: view, counts: [], errors: ErrorPaths(function, view))
      var pass = PruneBranches([.checks], context: context)
      while pass.run(on: &function) { settle(&function, after: "deciding what is asserted") }
    }
    if function.runGeneratorsInPlace(view) {
      settle(&function, after: "running generators in place")
    }
    if state?.closure?.generator != nil {
      // `await` asks first whether it has to do with a coroutine of Cython's, and what is handed out is
      // returned behind a look at the stack protector's secret.
      let context = BranchContext(
        function, facts: view, counts: [], errors: ErrorPaths(function, view))
      var pass = PruneBranches([.internalType, .checks], context: context)
      if pass.run(on: &function) { settle(&function, after: "deciding what is awaited") }
    }
    var fields: [(value: Instruction.ID, offset: UInt64)] = []
    let earlyProblem =
      unfollowed ?? state.flatMap { Self.joinSuspensions(of: &function, $0, &fields, program) }
    if state?.closure?.generator != nil {
      isJoined = true
      settle(&function, after: "joining suspensions")
      function.returnValuesOfGenerator(view)
    }
    closure = state?.closure
    ownType = state?.ownType
    parameterTypes = state?.parameterTypes ?? [:]
    starParameter = state?.starParameter
    ownPath = state?.ownPath
    var result = state?.result ?? .object
    var counts = function.recognizeReferenceCounts(machine)
    var ruleCounts: [String: Int] = [:]
    var unique: Set<Instruction.ID> = []
    var debugTests: Set<Instruction.ID> = []
    func prune(_ rules: [BranchRule], _ function: inout Function) -> [PruneBranches.PrunedError] {
      var context = BranchContext(
        function, facts: view, counts: counts, errors: ErrorPaths(function, view))
      context.debugTests = debugTests
      var pass = PruneBranches(rules, context: context)
      pass.spend = { program.rewriteLimit.spend() }
      while work < Self.workLimit, pass.run(on: &function) {
        settle(&function, after: "pruning branches")
        counts.formUnion(function.recognizeReferenceCounts(machine))
        pass.context.counts = counts
        pass.context.errors = ErrorPaths(function, view)
      }
      ruleCounts.merge(pass.counts) { $0 + $1 }
      unique.formUnion(pass.unique)
      debugTests = pass.context.debugTests
      return pass.sites
    }
    // Errors show only once the branches of reference counting are gone.
    _ = prune(BranchRule.beforeErrors, &function)
    let isMarked = function.markInlinedTracebacks(view)
    let isCollapsed = function.collapseStarImports(view)
    let isRaised = function.markInlinedRaises(view)
    function.markUnboundReads(view)
    let isHoisted = function.hoistCommonStores()
    if function.narrowFlags() || isHoisted || isMarked || isCollapsed || isRaised {
      settle(&function, after: "marking errors")
      _ = prune(BranchRule.beforeErrors, &function)
    }
    var evidence =
      fields.isEmpty
      ? LocalEvidence(function, view)
      : LocalEvidence(fields, parameters: state?.generatorScope?.parameters ?? [:], function)
    testedVariables = function.namesOfTestedVariables(view, program)
    unboundReceivers = function.receiversOfUnboundMethods(view, program)
    removals = function.callsOfRemove(view)
    typedObjects = function.objectsComparedWithTypes(program.extensionTypes)
    if result == .unknown {
      result = function.nativeResult(ErrorPaths(function, view))
    }
    self.result = result
    let handled = function.liftHandlers(view, machine, isGenerator: isGenerator)
    settle(&function, after: "lifting handlers")
    var sites = handled.raises
    sites += prune(BranchRule.all, &function)
    while work < Self.workLimit,
      split(&function) || function.mergeEqualTails(view) || function.threadFlags()
        || function.narrowPlaces() || function.decideKnownTests(view)
        || function.useKnownNumbers(view)
        // A generator may come out of a function of its own, which says by null that it failed.
        || function.runsGenerators && function.runGeneratorsInPlace(view)
    {
      settle(&function, after: "threading and merging")
      sites += prune(BranchRule.all, &function)
    }
    while function.collapseCharacterCodes(view) {
      settle(&function, after: "collapsing character codes")
    }
    while function.collapseMetaclasses(view) {
      settle(&function, after: "collapsing metaclasses")
    }
    if function.collapseJoins(view, machine) { settle(&function, after: "collapsing joins") }
    if function.forgetReleases() { settle(&function, after: "forgetting releases") }
    sites += prune([.lostRelease], &function)
    while function.collapseCharacterTests(view) || function.compareTexts(view) {
      settle(&function, after: "collapsing comparisons of texts")
    }
    while function.collapseConversions(view) || function.collapseArithmetic(view)
      || function.collapseSlices(view) || function.forgetOpenBounds(view)
    {
      settle(&function, after: "collapsing what was inlined")
    }
    sites += function.raisedErrors(view)
    self.sites = sites
    regions = handled
    self.unique = unique
    self.counts = ruleCounts
    problem =
      earlyProblem ?? (work < Self.workLimit ? nil : "more work than compiled functions take")
    _ = function.recognizeReferenceCounts(machine)
    function.forgetHeldOperands()
    function.recognizeErrorState(view)
    function.removeDead()
    function.forgetLookups(view)
    evidence.forgetPruned(function)
    locals = evidence
    self.function = function
  }

  /// Joins the pieces of a generator's body.
  ///
  /// - Returns: why that is not possible.
  private static func joinSuspensions(
    of function: inout Function, _ state: EntryState,
    _ fields: inout [(value: Instruction.ID, offset: UInt64)], _ program: Program
  ) -> String? {
    guard let generator = state.closure?.generator, let scope = state.generatorScope,
      let none = program.image.imports.existingAddress(of: "_Py_NoneStruct")
    else { return nil }
    var pass = JoinSuspensions(
      generator: generator, scope: scope, none: none, facts: ProgramView(program))
    do throws(JoinSuspensions.Failure) {
      try pass.run(on: &function, machine: program.machine)
      fields = pass.accesses
      return nil
    } catch {
      return error.reason
    }
  }

  package consuming func takeFunction() -> Function { function }
}
