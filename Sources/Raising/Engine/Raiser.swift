import Analysis
package import Basics
import BinaryFormats
package import IR
package import Interpretation
package import ModuleRecovery
import RuntimeModel
package import Simplification

/// Replaces calls of the C API by what they mean in Python.
///
/// ```
/// %9 = call PyObject_GetAttr, %4, 'name'     →     %9 = python.attribute(name) %4
/// ```
/// A step that no rule knows stays as it is; whoever writes Python out of the function stops there.
package final class Raiser {
  package var function: Function
  package let program: Program
  package let view: ProgramView
  package var symbols: SymbolTable
  /// The stores into tuples and lists that are under construction, by container.
  var itemStores: [Instruction.ID: [Int: Instruction.ID]] = [:]
  /// The place of each of these stores in the order of the blocks.
  var order: [Instruction.ID: Int] = [:]
  /// The number of items that an object was checked to have, by the object.
  private var unpackedSizes: [Instruction.ID: Int] = [:]
  /// Lists, tuples and the like, whose size was read from where it lies.
  var sizedObjects: Set<Instruction.ID> = []
  /// Numbers that `len` gave: they were compared with -1.
  var lengths: Set<Instruction.ID> = []
  /// Tests for builtin types, and types that are asked for, which run no code of a class.
  var typeTests: Set<Instruction.ID> = []
  /// Copies that Cython made of dicts, or that the source asked a dict for.
  package internal(set) var dictionaryCopies: Set<Instruction.ID> = []
  /// Objects that were asked whether they are of an extension type, by that type's address.
  let typedObjects: [Instruction.ID: UInt64]
  /// What is read from C structures and variables, and the C functions that are called: Cython reads those
  /// where they are used, without an effect of their own.
  package internal(set) var plainReads: Set<Instruction.ID> = []
  /// What is stored into C structures, which cannot fail: its line is not known.
  package internal(set) var plainStores: Set<Instruction.ID> = []
  /// The extension types of objects that were read from fields.
  var typesOfValues: [Instruction.ID: UInt64] = [:]
  /// Texts that were asked whether anything else refers to them.
  let uniqueTexts: Set<Instruction.ID>
  /// Steps that put texts together, the left one of which may change.
  package internal(set) var textsInPlace: Set<Instruction.ID> = []
  /// The lines of errors, by the step that failed.
  package internal(set) var sites: [Instruction.ID: ErrorSite] = [:]
  /// Where the errors of all steps are noted, also of those that became parts of others.
  package let allSites: [ErrorSite]
  /// Where the errors of steps go.
  package internal(set) var errorWays: [Instruction.ID: ErrorWay] = [:]
  /// What variables hold when the errors of steps get to handlers, by what stands for them there.
  package internal(set) var valuesAtErrors: [Instruction.ID: [Instruction.ID: Instruction.ID]] = [:]
  /// The `try` statements of the function.
  package let regions: HandledRegions
  package let locals: LocalEvidence
  private let receiver: UInt64?
  /// The scopes around the function.
  package let closure: ClosureEntry?
  /// The extension type of which the function is a method.
  let ownType: UInt64?
  /// The extension types of other parameters, by their numbers.
  let parameterTypes: [Int: UInt64]
  /// The number of the parameter that is a tuple of the other positional arguments.
  let starParameter: Int?
  /// The function's qualified name.
  let ownPath: String?
  /// What the C function returns.
  let result: NativeResult
  /// What the wrapper of a `cpdef` function hands on.
  package internal(set) var forwarding: Forwarding?
  /// Where a function object points at its scope.
  let closureOffset: UInt64
  /// Whether Cython's method calls look the method up behind the arguments, step by step.
  let looksMethodsUpLast: Bool
  /// The scopes around those that the function makes, by type.
  package internal(set) var outerScopes: [UInt64: [UInt64]] = [:]
  /// The fields of scopes that hold a truth value.
  package internal(set) var truthFields: Set<ScopeField> = []
  /// The scopes around those that the function makes, as values.
  var outerValues: [UInt64: Instruction.ID] = [:]
  /// The variables in memory that are tested for being bound.
  let testedVariables: [TestedVariable]
  let unboundReceivers: Set<UnboundReceiver>
  let removals: Set<Instruction.ID>
  /// How often each rule applied.
  package private(set) var counts: [String: Int] = [:]
  package let branchCounts: [String: Int]
  /// The C function whose rule gave a step its meaning.
  package private(set) var rules: [Instruction.ID: String] = [:]

  /// - Parameters:
  ///   - prepared: the function.
  ///   - program: the module.
  ///   - symbols: the names that operations refer to.
  ///   - closureOffset: where a function object points at its scope.
  ///   - looksMethodsUpLast: whether method calls look the method up behind the arguments.
  package init(
    _ prepared: consuming PreparedFunction, _ program: Program, symbols: SymbolTable,
    closureOffset: UInt64 = 0x68, looksMethodsUpLast: Bool = false
  ) {
    let sites = prepared.sites
    allSites = sites.compactMap(\.site)
    regions = prepared.regions
    closure = prepared.closure
    ownType = prepared.ownType
    parameterTypes = prepared.parameterTypes
    starParameter = prepared.starParameter
    ownPath = prepared.ownPath
    result = prepared.result
    self.closureOffset = closureOffset
    self.looksMethodsUpLast = looksMethodsUpLast
    testedVariables = prepared.testedVariables
    unboundReceivers = prepared.unboundReceivers
    removals = prepared.removals
    locals = prepared.locals
    branchCounts = prepared.counts
    receiver = prepared.receiver
    let unique = prepared.unique
    let compared = prepared.typedObjects
    let function = prepared.takeFunction()
    var texts: Set<Instruction.ID> = []
    for object in unique { texts.insert(function.resolve(object)) }
    uniqueTexts = texts
    var types: [Instruction.ID: Set<UInt64>] = [:]
    for (object, type) in compared { types[function.resolve(object), default: []].insert(type) }
    typedObjects = types.compactMapValues { $0.count == 1 ? $0.first : nil }
    self.function = function
    self.program = program
    self.symbols = symbols
    view = ProgramView(program)
    for pruned in sites {
      noteUnpacking(pruned.condition)
      noteLength(pruned.condition)
    }
    noteErrors(sites)
  }

  /// Remembers that a tuple or list was checked to have a number of items.
  private func noteUnpacking(_ condition: Instruction.ID) {
    guard let (opcode, size, number) = function.machine(function.resolve(condition)),
      opcode == .equal || opcode == .notEqual, let count = function.constant(number),
      function[size].operation == .machine(.load)
    else { return }
    let (object, offset) = function.offset(function.operand(0, of: size))
    if offset == function.layout.size, count < 1024 { unpackedSizes[object] = Int(count) }
  }

  /// Makes loads of a checked tuple's items an unpacking.
  ///
  /// ```
  /// %5 = load %4 + 24            %9 = unpack(2) %4
  /// %6 = load %4 + 32       →    %5 = element(0) %9
  ///                              %6 = element(1) %9
  /// ```
  private func raiseUnpackings() {
    var unpackings: [Instruction.ID: Instruction.ID] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.load) && function.isWord(id) {
        let (base, offset) = function.offset(function.operand(0, of: id))
        var object = base
        var position = Int(clamping: offset) - Int(function.layout.tupleItems)
        if unpackedSizes[object] == nil, function[base].operation == .machine(.load) {
          // A list keeps its items elsewhere.
          let (list, field) = function.offset(function.operand(0, of: base))
          guard field == function.layout.listItems else { continue }
          object = list
          position = Int(clamping: offset)
        }
        guard let count = unpackedSizes[object], position >= 0,
          position % function.pointerSize == 0,
          position / function.pointerSize < count
        else { continue }
        let unpack =
          unpackings[object]
          ?? function.insert(
            .python(.unpack(before: UInt16(count), after: 0, isStarred: false)), [object],
            width: function.pointerSize, before: id)
        unpackings[object] = unpack
        become(id, .element(UInt16(position / function.pointerSize)), [unpack])
      }
    }
  }

  /// Applies every rule.
  package func run() {
    function.joinStraightBlocks()
    function.markEndsOfHandling()
    splitMergedStores()
    collectItemStores()
    unrollImports()
    raiseUnpackings()
    raiseScopes()
    nameTypesInVariables()
    nameTypesOfSingletons()
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard function[id].block == block else { break }
        if function[id].operation == .call { raise(id) }
        if endsControl(id) {
          function.cut(block, behind: id)
          break
        }
      }
    }
    raiseLoadsOfDefaults()
    raiseStaticVariables()
    raiseFields()
    raiseCFunctionCalls()
    function.removeUnreachableBlocks()
    _ = function.canonicalizePureInstructions()
    function.removeForwarded()
    countAlongTexts()
    removeFrameStores()
    removeUnreadCells()
    raiseClassItems()
    raiseStarredFronts()
    var goesOn = true
    while goesOn { goesOn = settle() }
    while raiseSequenceLoops() || raisePeeledSequenceLoops() {}
    mergeTwins()
    raiseCallsOfSlots()
    raiseSizes()
    raiseTruthFields()
    raiseNativeResults()
    goesOn = true
    while goesOn { goesOn = settle() }
    removeTestsOfDisplays()
    // What clears errors has told all it can.
    removeErrorClears()
    goesOn = true
    while goesOn { goesOn = settle() }
    mergeTwins()
    raiseItemLoads()
    raiseLateMethods()
    joinMerges()
    while countAlongTuples() {}
    while raiseSequenceLoops() {}
    while testCountedLoops() {
      while raiseSequenceLoops() || raisePeeledSequenceLoops() {}
      mergeTwins()
      _ = settle()
    }
    if restoreComparedValues() {
      goesOn = true
      while goesOn { goesOn = settle() }
    }
    removeUnreadTests()
    while function.removeIdleBlocks() { removeUnreadTests() }
    removeUnchangedCounts()
    removeUnreadPlainReads()
    returnFoundNone()
    splitBodies()
    splitIterations()
    Verifier.check(function, .raised, after: "raising")
  }

  /// Takes one kind of thing away that means nothing any more.
  ///
  /// - Returns: whether there was one.
  // Inlined into its loop, the compiler of Swift 6.3 leaves an access of `function` open.
  @inline(never)
  func settle() -> Bool {
    function.removeDead(Self.isRemovable)
    function.joinStraightBlocks()
    if raiseOptionalAttributes() || raiseOptionalOutputs() { return true }
    if raiseMissingImports() || raiseClassNames() { return true }
    if raiseMergedDictionaries() || raiseNextCalls() || raiseStarredUnpackings() { return true }
    if raiseGetCalls() || raiseExtremes() { return true }
    if raiseDottedImports() || raiseBooleans() || dropTruthErrors() { return true }
    if decideNumbers() || function.mergeDecidedNumbers() || mergeNoneTests() || mergeNoneEquality()
      || swapTests() || function.removeIdleBlocks() || threadNullTests()
      || threadAnsweredTests() || joinPeeledUnpackings() || joinPeeledIterations()
      || dropIdentityShortcuts() || dropErrorNumbers() || joinRotatedLoops() || joinBoxedNumbers()
    {
      return true
    }
    if function.mergeEqualArms() { return true }
    return function.removeIdleLoops() || function.joinLoopHeads()
  }

  /// Steps that nobody misses if their value is not read.
  static func isRemovable(_ instruction: Instruction) -> Bool {
    switch instruction.operation {
    case .python(.boxInteger), .python(.boxFloat), .python(.boxBoolean): true
    case .python(.entryCount): true
    case .python(.cell), .python(.scope): true
    case .python(.caught), .python(.held), .python(.saveHandled), .python(.restoreHandled): true
    case .undefined: true
    case .referenceCount(let change): change < 0
    default: false
    }
  }

  /// Whether a function object points at the memory for its defaults from an offset.
  func isPlaceOfDefaults(_ offset: UInt64) -> Bool {
    offset == function.layout.field(12) || offset == function.layout.field(13)
  }

  /// The memory for a function's defaults, read from the function object.
  private func raiseLoadsOfDefaults() {
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .machine(.load) {
        let (base, offset) = function.offset(function.operand(0, of: id))
        guard case .function? = operation(base), isPlaceOfDefaults(offset) else { continue }
        become(id, .functionDefaults, [base])
      }
    }
  }

  /// The C string at an address, if there is one.
  package func cText(at address: UInt64) -> String? { view.cText(at: address) }

  /// Whether control does not go on behind a step.
  private func endsControl(_ id: Instruction.ID) -> Bool {
    switch operation(id) {
    case .raise, .failAssertion, .readUnbound: true
    default: false
    }
  }

  /// Applies rules on slots once more: an object is known better once loops are.
  private func raiseCallsOfSlots() {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .call && function.callee(of: id, view) == nil {
        raise(id)
      }
    }
  }

  private func raise(_ call: Instruction.ID) {
    guard program.rewriteLimit.spend() else { return }
    nameTypes(of: call)
    let arguments = Array(function.operands(of: call).dropFirst())
    let name: String
    let applied: Bool
    if let callee = function.callee(of: call, view),
      Self.unnoticed.contains(callee.name) && !function.isModuleLookup(call, view)
        || isInternalTypeTest(call, callee.name) || asksForAnnouncement(call, callee.name)
    {
      function.replace(call, with: .undefined, [])
      return
    }
    if let callee = function.callee(of: call, view) {
      name = callee.name
      applied = CallRule.byName[name].map { $0.apply(self, call, arguments) } ?? false
    } else {
      name = "slot"
      applied =
        makeClassByNamespace(call, arguments) || raiseSlotCall(call, arguments)
        || makeGenerator(call, arguments) || runGenerator(call)
        || callInnerFunction(call, arguments)
    }
    guard applied else { return }
    counts[name, default: 0] += 1
    rules[call] = name
  }

  // MARK: Building

  /// Makes a step a Python operation.
  @discardableResult
  func become(
    _ id: Instruction.ID, _ operation: PythonOperation, _ operands: [Instruction.ID]
  ) -> Bool {
    function.replace(id, with: .python(operation), operands)
    return true
  }

  /// Makes a step a call with positional arguments.
  @discardableResult
  func becomeCall(
    _ id: Instruction.ID, _ callee: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> Bool {
    let shape = function.appendShape(.positional(arguments.count))
    return become(id, .call(shape), [callee] + arguments)
  }

  /// Makes a step a call of a builtin.
  @discardableResult
  func becomeBuiltinCall(
    _ id: Instruction.ID, _ name: String, _ arguments: [Instruction.ID]
  ) -> Bool {
    becomeCall(id, function.builtin(symbols.intern(name)), arguments)
  }

  /// Makes a step a call of a method, which the source may have taken from the object's type.
  @discardableResult
  func becomeMethodCall(
    _ id: Instruction.ID, _ object: Instruction.ID, _ name: String, _ arguments: [Instruction.ID]
  ) -> Bool {
    if isTakenFromType(name, of: object) {
      guard let method = unboundMethod(id, name, of: object) else { return false }
      return becomeCall(id, method, [object] + arguments)
    }
    let shape = function.appendShape(.positional(arguments.count))
    return become(id, .callMethod(symbols.intern(name), shape), [object] + arguments)
  }

  var null: Instruction.ID { function.constant(0, width: function.pointerSize) }

  func isNull(_ id: Instruction.ID) -> Bool { function.constant(id) == 0 }

  /// An `int` object for a C integer, standing before a step.
  func boxed(_ value: Instruction.ID, before step: Instruction.ID) -> Instruction.ID {
    function.insert(.python(.boxInteger), [value], width: function.pointerSize, before: step)
  }

  // MARK: Reading

  /// Whether nothing reads a step's value.
  func isUnread(_ id: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for reader in function[block].instructions where reader != id {
        if function.operands(of: reader).contains(id) { return false }
      }
      if let value = function[block].terminator.value, function.resolve(value) == id {
        return false
      }
    }
    return true
  }

  /// The object that a value always is.
  package func object(_ id: Instruction.ID) -> PythonValue? {
    function.constant(id).flatMap { program.object(at: $0) }
  }

  /// The text of a string that is a constant.
  func text(_ id: Instruction.ID) -> Text? {
    if case .string(let text)? = object(id) { text } else { nil }
  }

  /// The name that a constant string stands for.
  func name(_ id: Instruction.ID) -> Symbol? {
    text(id)?.string.map { symbols.intern($0) }
  }

  func integer(_ id: Instruction.ID) -> Int? {
    function.constant(id).map { Int(truncatingIfNeeded: Opcode.signed($0, function.size(id))) }
  }

  /// A C `int` in a register that is wider.
  func int32(_ id: Instruction.ID) -> Int? {
    if let number = function.constant(id) { return Int(Int32(truncatingIfNeeded: number)) }
    // Four of the eight bytes of a place on the stack hold an argument, the others what was there before.
    guard let (opcode, _, low) = function.machine(id), opcode == .concatenate,
      function.size(low) >= 4
    else { return nil }
    return function.constant(low).map { Int(Int32(truncatingIfNeeded: $0)) }
  }

  /// The Python operation that a value is.
  func operation(_ id: Instruction.ID) -> PythonOperation? {
    if case .python(let operation) = function[id].operation { operation } else { nil }
  }

  func isModuleDictionary(_ id: Instruction.ID) -> Bool { object(id) == .moduleDictionary }

  /// Whether a value is loaded from the function object itself: its class, for `super()`.
  func isFieldOfReceiver(_ id: Instruction.ID) -> Bool {
    guard let receiver, function[id].operation == .machine(.load),
      let address = function.constant(function.operand(0, of: id))
    else { return false }
    return address >= receiver && address < receiver + function.layout.field(22)
  }

  // MARK: Results beside the result

  /// Makes what a call left in a cell, a register or a place on the stack, the call's value.
  func forwardLeftovers(_ call: Instruction.ID, _ kind: Cell.Kind) {
    for id in function.instructionIDs {
      guard case .after(let cell) = function[id].operation, cell.kind == kind,
        function.operand(0, of: id) == call, function.isWord(id)
      else { continue }
      function.forward(id, to: call)
    }
  }
}
