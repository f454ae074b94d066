import Basics
import IR
import RuntimeModel

/// Runs a wrapper on made-up arguments until it has taken them apart.
///
/// Every parameter gets an object of its own, so that the state behind the parsing tells where each
/// one went, however the compiler arranged it. All positional parameters are given by position, all
/// keyword-only ones by keyword, and `*args` and `**kwargs` get one more of each.
package final class WrapperRun {
  private let machine: Interpreter
  private let signature: WrapperSignature
  /// Memory whose reading is part of the parsing.
  private var watched: [Range<UInt64>] = []
  /// Objects that the parsing works with: the arguments' containers.
  private var containers: Set<UInt64> = []
  private var arguments: Set<UInt64> = []
  /// What is given by position.
  private var given: [UInt64] = []
  private var isTouched = false
  /// Whether the last snapshot was taken in a loop.
  private var isInLoop = false
  private var last: MachineSnapshot?
  /// How often each argument was referred to when the last snapshot was taken.
  private var counts: [UInt64: UInt64] = [:]
  private var end: UInt64?
  /// How often control has been at each address of the wrapper.
  private var visits: [UInt64: Int] = [:]
  /// How often it had been at the address of the last snapshot.
  private var lastVisits = 0
  /// What the arguments are instead of objects of their own.
  private let replacement: ArgumentReplacement?
  /// Whether the wrapper found the number of its arguments to be wrong.
  package private(set) var isRefused = false
  /// Whether control can get from one address of the wrapper to another one.
  private let reaches: (UInt64, UInt64) -> Bool

  /// - Parameters:
  ///   - machine: a machine that has run the module's initialisation.
  ///   - signature: how the wrapper is called.
  ///   - reaches: whether control can get from one address of the wrapper to another one.
  package convenience init(
    _ machine: Interpreter, _ signature: WrapperSignature,
    reaches: @escaping (UInt64, UInt64) -> Bool
  ) {
    self.init(machine, signature, replacing: nil, reaches: reaches)
  }

  init(
    _ machine: Interpreter, _ signature: WrapperSignature,
    replacing replacement: ArgumentReplacement?,
    reaches: @escaping (UInt64, UInt64) -> Bool
  ) {
    self.machine = machine
    self.signature = signature
    self.replacement = replacement
    self.reaches = reaches
  }

  /// Runs the wrapper.
  ///
  /// - Parameters:
  ///   - wrapper: where it starts.
  ///   - end: where to stop, if control gets there.
  /// - Returns: nil if it does not take its arguments as its signature says.
  package func run(_ wrapper: UInt64, upTo end: UInt64? = nil) -> WrapperSnapshot? {
    self.end = end
    return machine.withoutTraces {
      machine.stepBudget = 200_000
      return start(wrapper)
    }
  }

  private func start(_ wrapper: UInt64) -> WrapperSnapshot? {
    let receiver = machine.makeArgument("receiver")
    let fields = fillFields(of: receiver)
    var positional = (0..<signature.positionalCount).map { machine.makeArgument("\($0)") }
    var keywordOnly = signature.keywordOnlyNames.indices.map { machine.makeArgument("k\($0)") }
    if let replacement {
      let count = positional.count
      positional = replacement.applied(to: positional, from: 0)
      keywordOnly = replacement.applied(to: keywordOnly, from: count)
    }
    given = positional
    if signature.hasStarArguments { given.append(machine.makeArgument("*")) }
    var keywords = zip(signature.keywordOnlyNames, keywordOnly).map { name, value in
      (machine.internString(name), value)
    }
    if signature.hasStarKeywords {
      let name = machine.internString(Text("decython.keyword"))
      keywords.append((name, machine.makeArgument("**")))
    }
    arguments = Set(given + keywords.map(\.1))
    markCounts([receiver] + given + keywords.map(\.1))
    let call = prepare(receiver, keywords)
    observe()
    // The state at entry is right for wrappers that have nothing to take apart.
    isTouched = true
    _ = machine.call(wrapper, call)
    guard let last, !isRefused else { return nil }
    var parameters = (signature.isMethod ? [receiver] : []) + positional + keywordOnly
    // Cython makes nothing for star parameters that are not used.
    if signature.hasStarArguments {
      parameters.append(starTuple() ?? machine.makeArgument("unused"))
    }
    if signature.hasStarKeywords {
      parameters.append(starDictionary() ?? machine.makeArgument("unused"))
    }
    return WrapperSnapshot(
      machine: last, parameters: parameters, receiver: receiver, receiverFields: fields,
      counts: counts, firstArgument: signature.isMethod ? 1 : 0, visits: lastVisits)
  }

  /// Gives every argument a count of its own, by which a register tells that it was read already: since
  /// CPython 3.12 compilers do so before they take the next argument from where it lies.
  private func markCounts(_ objects: [UInt64]) {
    for (index, object) in objects.enumerated() {
      machine.setReferences(of: object, to: 0x2E5A_0000 + UInt64(index) * 0x1000)
    }
    noteCounts(objects)
  }

  private func noteCounts(_ objects: some Collection<UInt64>) {
    counts = Dictionary(
      objects.map { (machine.references(to: $0), $0) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: Arguments

  /// Gives every field of the function object a block of its own, so that a field that was read
  /// early can be told from others.
  private func fillFields(of receiver: UInt64) -> [UInt64: UInt64] {
    let placeholder = machine.makeArgument("default")
    var fields: [UInt64: UInt64] = [:]
    let layout = machine.world.layout
    for offset in (0..<18).map({ layout.field($0) }) {
      guard let block = machine.memory.allocate(512) else { return fields }
      for word in stride(from: UInt64(0), to: 512, by: layout.pointerSize) {
        machine.store(placeholder, block + word)
      }
      machine.store(block, receiver + offset)
      fields[block] = offset
    }
    return fields
  }

  /// Puts the arguments where the wrapper's calling convention wants them.
  private func prepare(
    _ receiver: UInt64, _ keywords: [(name: UInt64, value: UInt64)]
  ) -> [UInt64] {
    let flags = signature.flags
    let layout = machine.world.layout
    if flags & WrapperSignature.noArguments != 0 { return [receiver, 0] }
    if flags & WrapperSignature.oneArgument != 0 { return [receiver, given.first ?? 0] }
    if flags & WrapperSignature.fastCall != 0 {
      let vector =
        machine.memory.allocate(
          Int(layout.words(given.count + keywords.count + 1))) ?? 0
      for (index, value) in (given + keywords.map(\.value)).enumerated() {
        machine.store(value, vector + layout.words(index))
      }
      watch(vector, layout.words(given.count + keywords.count))
      let names = keywords.isEmpty ? 0 : machine.makeTuple(keywords.map(\.name))
      if names != 0 {
        watch(names + layout.type, layout.tupleItems - layout.type + layout.words(keywords.count))
      }
      if names != 0 { containers.insert(names) }
      return [receiver, vector, UInt64(given.count), names]
    }
    let tuple = machine.makeTuple(given)
    let dictionary =
      keywords.isEmpty
      ? 0
      : machine.makeDictionary(
        keywords.map { PythonValue.DictionaryEntry(key: $0.name, value: $0.value) })
    // A function of `*args` alone takes the tuple as it is.
    if signature.positionalCount > 0 {
      watch(tuple + layout.size, layout.tupleItems - layout.size + layout.words(given.count))
    }
    if dictionary != 0 { watch(dictionary, 64) }
    containers.insert(tuple)
    if dictionary != 0 { containers.insert(dictionary) }
    return [receiver, tuple, dictionary]
  }

  private func watch(_ start: UInt64, _ count: UInt64) {
    watched.append(start..<(start + count))
  }

  // MARK: Observing

  private func observe() {
    machine.onLoad = { [unowned self] machine, address in
      if watched.contains(where: { $0.contains(address) }) { isTouched = true }
      // Looking into an argument is the program's business. `None` may be a default value, too, and is
      // referred to before arguments are read; such a run knows where to stop.
      guard replacement == nil else { return }
      // Who owns it, and how often it is referred to, is asked where a reference is taken.
      let object = arguments.first {
        address >= $0 + machine.world.layout.type && address < $0 + 512
      }
      if object != nil, machine.frames.count == 1 || !isTouched { machine.stop(.stopped) }
    }
    machine.onImportedCall = { [unowned self] machine, name in
      if refuses(machine, name) { isRefused = true }
      guard Self.parsingFunctions.contains(name) else { return true }
      // What a star parameter holds is changed, copied and released by the function's own code only.
      if Self.ownFunctions.contains(name), isStar(machine.argument(0)) { return true }
      // What is left in registers behind the last argument means nothing.
      let count = CFunction.table[name]?.parameters.count ?? 4
      let touched = (0..<min(count, 4)).contains { containers.contains(machine.argument($0)) }
      if touched, machine.argument(0) != 0 { isTouched = true }
      return false
    }
    machine.onNextInstruction = { [unowned self] machine, address in
      guard machine.frames.count == 1, let frame = machine.frames.first else { return }
      visits[address, default: 0] += 1
      if address == end, replacement.map({ visits[address] == $0.visits }) ?? true {
        last = machine.snapshot(at: address, frame: frame)
        machine.stop(.stopped)
        return
      }
      // A loop over the arguments is left before anything else happens.
      let leavesLoop = last.map { isInLoop && !reaches(address, $0.address) } ?? false
      guard isTouched || leavesLoop else { return }
      isTouched = false
      last = machine.snapshot(at: address, frame: frame)
      lastVisits = visits[address] ?? 0
      noteCounts(counts.values)
      isInLoop = reaches(address, address)
    }
  }

  /// Whether a call tells that there are too many or too few arguments: `__Pyx_RaiseArgtupleInvalid` in
  /// `Cython/Utility/FunctionArguments.c`.
  private func refuses(_ machine: Interpreter, _ name: String) -> Bool {
    if name == "__Pyx_RaiseArgtupleInvalid" { return true }
    guard name == "PyErr_Format", machine.argument(0) == machine.exceptionType("TypeError") else {
      return false
    }
    return machine.cString(machine.argument(1)).contains("() takes %.8s %zd positional argument")
  }

  private static let ownFunctions: Set<String> = [
    "_Py_Dealloc", "PyDict_SetItem", "_PyDict_SetItem_KnownHash", "PyDict_Copy",
  ]

  private static let parsingFunctions: Set<String> = [
    "PyDict_Size", "_PyDict_GetItem_KnownHash", "PyDict_GetItemWithError", "PyDict_GetItemRef",
    "PyDict_Next", "PyDict_Contains", "PyDict_New", "PyDict_Copy", "PyDict_SetItem",
    "PyTuple_GetSlice", "PyTuple_New", "PyTuple_GetItem", "PyTuple_Size", "PyUnicode_Compare",
    "PyUnicode_Equal", "PyArg_ValidateKeywordArguments", "PyObject_Hash", "memcmp", "_Py_Dealloc",
    "_PyUnicode_Ready", "PyErr_Occurred", "memcpy", "memmove", "_PyStack_AsDict",
  ]

  // MARK: Star parameters

  private func starTuple() -> UInt64? {
    machine.world.values.keys.filter { isStarTuple($0) }.max()
  }

  private func isStarTuple(_ address: UInt64) -> Bool {
    let expected = signature.positionalCount == 0 ? given : Array(given.suffix(1))
    return machine.world.values[address] == .tuple && machine.items(of: address) == expected
  }

  private func starDictionary() -> UInt64? {
    machine.world.values.keys.filter(isStarDictionary).max()
  }

  private func isStarDictionary(_ address: UInt64) -> Bool {
    guard case .dictionary(let entries)? = machine.world.values[address],
      entries.count == 1, let entry = entries.first
    else { return false }
    return machine.text(of: entry.key) == Text("decython.keyword")
  }

  /// Whether an object is what `*args` or `**kwargs` holds.
  private func isStar(_ object: UInt64) -> Bool {
    guard !containers.contains(object) else { return false }
    return signature.hasStarArguments && isStarTuple(object)
      || signature.hasStarKeywords && isStarDictionary(object)
  }
}

extension Interpreter {
  /// Does something of which neither objects nor memory are left afterwards.
  func withoutTraces<Result>(_ run: () -> Result) -> Result {
    let savedMemory = memory
    let savedWorld = world
    let savedBudget = stepBudget
    let savedStorage = storage
    defer {
      memory = savedMemory
      world = savedWorld
      stepBudget = savedBudget
      storage = savedStorage
      onImportedCall = nil
      onReturn = nil
      onLoad = nil
      onNextInstruction = nil
    }
    return run()
  }

  /// An object that stands for an argument.
  func makeArgument(_ name: String) -> UInt64 {
    make(.opaque("argument \(name)"), type: "PyBaseObject_Type", size: 512)
  }
}
