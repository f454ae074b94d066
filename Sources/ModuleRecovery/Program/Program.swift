package import Basics
package import BinaryFormats
package import IR
package import Interpretation
package import Lifting
import RuntimeModel

/// A module as the analyses see it: its code, and its memory as initialisation left it.
///
/// One program serves one thread; the image and the state are shared.
package final class Program {
  package let image: BinaryImage
  package let state: InitialState
  package let machine: Machine
  private let lifter: FunctionLifter<ProgramCode>
  private let code: ProgramCode
  private var functions: [UInt64: MachineFunction?] = [:]
  private var wholeFunctions: [UInt64: MachineFunction] = [:]
  var signatures: [UInt64: CallSignature] = [:]
  var delegations: [UInt64: Bool] = [:]
  var importCounts: [UInt64: Int?] = [:]
  var optionalArguments: [UInt64: OptionalArguments?] = [:]
  var argumentCounts: [UInt64: Int?] = [:]
  /// Tells how many objects a C function and those that it calls use, once somebody can read functions.
  package var countParameters: ((UInt64) -> [UInt64: Int?])?
  /// An address of no code, which stands for `__Pyx_AddTraceback` where compilers inlined it.
  private(set) lazy var inlinedTraceback = image.imports.existingAddress(of: "PyTraceBack_Here")
    .map { $0 + 1 }
  /// The same for `__Pyx_GetException`.
  private(set) lazy var inlinedCatch = image.imports.existingAddress(of: "PyErr_NormalizeException")
    .map { $0 + 1 }
  /// The same for `__Pyx_PyUnicode_From_Py_ssize_t`.
  private(set) lazy var inlinedNumberText = image.imports.existingAddress(
    of: "PyUnicode_FromOrdinal"
  )
  .map { $0 + 1 }
  /// The same for `__Pyx__PyObject_Ord`.
  private(set) lazy var inlinedOrd = image.imports.existingAddress(of: "PyType_IsSubtype")
    .map { $0 + 1 }
  /// The same for `__Pyx_CalculateMetaclass`.
  private(set) lazy var inlinedMetaclass = image.imports.existingAddress(of: "PyType_IsSubtype")
    .map { $0 + 2 }
  /// Where `None` lies; nil if the module does not refer to it.
  var none: UInt64? { image.imports.existingAddress(of: "_Py_NoneStruct") }
  /// The same for the functions that take slices, by their names.
  private(set) lazy var inlinedSlices = [
    "PyUnicode_Substring": "PyUnicode_FromKindAndData", "PyList_GetSlice": "PyList_New",
    "PyTuple_GetSlice": "PyTuple_New",
  ].compactMapValues { image.imports.existingAddress(of: $0).map { $0 + 1 } }
  /// How many rewrites the function at hand may still get.
  package var rewriteLimit = RewriteLimit()
  package private(set) lazy var helpers = HelperCatalog(self)
  /// The types that the module writes in C.
  package lazy var extensionTypes = ExtensionTypeTable(image, state)
  /// Whether functions are read for nothing but their parameters.
  package var isCounting = false
  /// The extension types of what callers give to `cdef` functions, by these and the number of the parameter;
  /// nil if they do not agree.
  package var parameterTypes: [UInt64: [Int: UInt64?]] = [:]
  /// Methods of types of other modules, by the words that stand for them in tables of methods.
  package var foreignMethods: [UInt64: CFunctionPath] = [:]
  /// The variables of closure scopes that hold a function's tuple of other positional arguments (`*args`).
  package var starCells: Set<ScopeField> = []
  /// The functions declared with `cdef` that code of the module calls, by where they start.
  package var calledFunctions: Set<UInt64> = []
  /// The module's variables that are C variables.
  package lazy var statics = StaticVariables(image, state)

  /// The module's constant texts.
  package private(set) lazy var texts = Set(
    state.values.values.compactMap { value in
      if case .string(let text) = value { text.string } else { nil }
    })

  /// The paths of functions that stand in others, as tracebacks write them: without `<locals>`.
  package private(set) lazy var localFunctionPaths = Set(
    texts.filter { $0.contains(".<locals>.") }.map { $0.replacing(".<locals>", with: "") })

  package init(
    _ image: BinaryImage, _ state: InitialState, machine: Machine, decoder: consuming Decoder
  ) {
    self.image = image
    self.state = state
    self.machine = machine
    let code = ProgramCode(image, machine)
    self.code = code
    lifter = FunctionLifter(decoder: decoder, machine: machine, source: code)
    code.decode = { [unowned self] in lifter.block(at: CodePoint($0)) }
  }

  /// The machine code of the function at an address, as far as it can be followed.
  package func function(at address: UInt64) -> MachineFunction? {
    if let known = functions[address] { return known }
    let function = lifter.function(at: address)
    functions[address] = function
    return function
  }

  /// The machine code of the function at an address, with jumps through tables followed.
  package func wholeFunction(at address: UInt64) -> MachineFunction? {
    if let known = wholeFunctions[address] { return known }
    guard let function = function(at: address) else { return nil }
    // A function that calls itself is taken as it is.
    wholeFunctions[address] = function
    guard function.hasIndirectJumps else { return function }
    let whole = followingTables(of: function)
    wholeFunctions[address] = whole
    return whole
  }

  /// The machine code from an address on, with jumps through tables followed.
  package func function(
    at address: UInt64, tables: [UInt64: [UInt64]], registers: [UInt64: UInt64]
  ) -> MachineFunction? {
    lifter.function(at: address, tables: tables, registers: registers)
  }

  /// The instructions of a block, for people.
  package func instructions(of block: MachineBlock) -> [Lifting.Instruction] {
    lifter.instructions(of: block)
  }

  /// The imported function at an address, also if it is a stub that jumps to one.
  package func importedFunction(at address: UInt64) -> String? {
    code.importedFunction(at: address)
  }

  /// The name of the imported variable that lies at an address.
  package func variable(at address: UInt64) -> String? { image.imports.name(at: address) }

  /// Whether the function at an address writes tracebacks, `__Pyx_AddTraceback`.
  package func isTraceback(_ address: UInt64) -> Bool {
    helpers.name(of: address) == "__Pyx_AddTraceback"
  }

  // MARK: Memory

  /// What stands in memory that nothing writes once the module is initialised.
  ///
  /// Read-only memory, and static variables that point at an object: Cython's constants. A variable
  /// that holds `None` is one of the program's own.
  package func constant(at address: UInt64, size: Int) -> UInt64? {
    // Small numbers are no addresses, even where the file's own header is mapped.
    guard address >= 0x400 else { return nil }
    if image.isConstant(address) { return image.integer(at: address, size: size) }
    if address >= image.map.heap { return field(at: address, size: size) }
    if size == 4, let flags = methodFlags(at: address) { return flags }
    guard size == machine.pointerSize, let word = state.word(at: address, size: size) else {
      return nil
    }
    if word >= image.map.heap, word < image.map.imports {
      return state.values[word] == nil ? nil : word
    }
    // The pointer to the module's state, which some compilers do not keep among constants.
    if image.pointer(at: address) == word, image.segment(containing: word)?.isWritable == true {
      return word
    }
    guard let name = image.imports.name(at: word) else {
      // A type of the module's own.
      return word != 0 && state.values[word] != nil ? word : nil
    }
    let values: Set<String> = ["_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct"]
    return values.contains(name) ? nil : word
  }

  /// The flags of a `PyMethodDef`, which nothing changes though it is no constant: a name and code stand
  /// before them.
  private func methodFlags(at address: UInt64) -> UInt64? {
    let layout = state.layout
    guard let name = state.word(at: address &- layout.words(2), size: machine.pointerSize),
      name >= 0x400, image.isConstant(name), let text = image.cString(at: name, limit: 256),
      !text.isEmpty,
      let code = state.word(at: address &- layout.words(1), size: machine.pointerSize),
      image.isExecutable(code),
      // Some METH_ flags, and no pointer: words of any kind may stand behind each other.
      let flags = state.word(at: address, size: 4), flags != 0, flags < 0x400
    else { return nil }
    return flags
  }

  /// What an object's header says: its type, and nothing of the slots that types have.
  ///
  /// CPython fills the slots of its types; taking them for empty makes the general ways be chosen.
  private func field(at address: UInt64, size: Int) -> UInt64? {
    if size == machine.pointerSize, let value = state.values[address &- state.layout.type] {
      return type(of: value)
    }
    if let field = textField(at: address, size: size) ?? integerField(at: address, size: size) {
      return field
    }
    if let (name, offset) = image.imports.symbol(at: address), name.hasSuffix("_Type"),
      let slot = state.layout.slot(at: offset), Self.slots.contains(slot)
    {
      return slot == .mappingMethods && Self.slicedTypes.contains(name) ? nil : 0
    }
    if size == 1, let name = type(at: address &- (state.layout.typeFlags + 3)),
      let flags = ObjectLayout.subclassFlags[name]
    {
      return flags >> 24
    }
    if size >= 4, let name = type(at: address &- state.layout.typeFlags) {
      return (ObjectLayout.subclassFlags[name] ?? 0) | ObjectLayout.readyFlags
    }
    // No builtin type is called faster than others.
    if size == 1, type(at: address &- (state.layout.typeFlags + 1)) != nil { return 0 }
    for slot in Self.slots {
      if case .type? = state.values[address &- state.layout.offset(of: slot)] { return 0 }
    }
    return nil
  }

  /// The C name of the builtin type at an address.
  private func type(at address: UInt64) -> String? {
    if let (name, offset) = image.imports.symbol(at: address), offset == 0, name.hasSuffix("_Type")
    {
      return name
    }
    return state.values[address] == .type(Interpreter.functionType)
      ? Interpreter.functionType : nil
  }

  /// The length or the kind of a string.
  private func textField(at address: UInt64, size: Int) -> UInt64? {
    let layout = state.layout
    if size == machine.pointerSize,
      case .string(let text)? = state.values[address &- layout.textLength]
    {
      return UInt64(text.codePoints.count)
    }
    guard size <= 4, case .string(let text)? = state.values[address &- layout.textState] else {
      return nil
    }
    let largest = text.codePoints.max() ?? 0
    let kind: UInt64 = largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4
    return layout.textState(kind: kind, isASCII: largest < 0x80) & Opcode.mask(size)
  }

  /// The word that says how many digits an integer has, or a digit of it.
  private func integerField(at address: UInt64, size: Int) -> UInt64? {
    let layout = state.layout
    func digits(before place: UInt64) -> (digits: [UInt64], isNegative: Bool)? {
      guard let number = state.values[address &- place]?.integer else { return nil }
      var rest = number.magnitude
      var result: [UInt64] = []
      while rest > 0 {
        result.append(rest & (1 << UInt64(layout.digitBits) - 1))
        rest >>= UInt64(layout.digitBits)
      }
      return (result, number < 0)
    }
    if size == machine.pointerSize, let (digits, isNegative) = digits(before: layout.size) {
      return layout.integerTag(digits: digits.count, isNegative: isNegative) & Opcode.mask(size)
    }
    guard size == layout.digitSize else { return nil }
    for index in 0..<2 {
      let place = layout.integerDigits + UInt64(index * layout.digitSize)
      guard let (digits, _) = digits(before: place), index < digits.count else { continue }
      return digits[index]
    }
    return nil
  }

  /// Slots of `PyTypeObject` that Cython asks for, from `Include/cpython/object.h`.
  private static let slots: [TypeSlot] = [
    .representation, .numberMethods, .sequenceMethods, .mappingMethods, .call, .string,
    .getAttribute, .setAttribute, .iterate, .iterateNext, .richCompare,
  ]

  /// Types whose methods of mappings take slices: without them there is no general way but an error
  /// (`__Pyx_PyObject_GetSlice` in `Cython/Utility/ObjectHandling.c`).
  private static let slicedTypes: Set<String> = [
    "PyList_Type", "PyTuple_Type", "PyUnicode_Type", "PyBytes_Type", "PyByteArray_Type",
  ]

  private lazy var types: [String: UInt64] = {
    var result: [String: UInt64] = [:]
    for (address, value) in state.values {
      if case .type(let name) = value { result[name] = address }
    }
    return result
  }()

  /// The objects of the module's strings.
  package private(set) lazy var strings: [Text: UInt64] = {
    var result: [Text: UInt64] = [:]
    for (address, value) in state.values {
      guard case .string(let text) = value else { continue }
      result[text] = min(address, result[text] ?? .max)
    }
    return result
  }()

  /// Whether the module has classes that are C structures, so that any field of an object may be one
  /// of the program's own.
  package var hasExtensionTypes: Bool { definesTypes || !extensionTypes.isEmpty }

  private lazy var definesTypes = state.values.values.contains { value in
    guard case .type(let name) = value, let last = name.split(separator: ".").last,
      name.contains("."), !name.hasPrefix("_cython")
    else { return false }
    return !last.hasPrefix("__pyx_")
  }

  private func type(of value: PythonValue) -> UInt64? {
    let name: String
    switch value {
    case .string: name = "PyUnicode_Type"
    case .bytes: name = "PyBytes_Type"
    case .integer: name = "PyLong_Type"
    case .float: name = "PyFloat_Type"
    case .tuple: name = "PyTuple_Type"
    case .type: name = "PyType_Type"
    case .builtin(let builtin) where Interpreter.isException(builtin): name = "PyType_Type"
    case .builtin(let builtin) where builtin != "Ellipsis": name = Interpreter.functionType
    default: return nil
    }
    return image.imports.existingAddress(of: name) ?? types[name]
  }

  /// What a word of memory held when the module's own code started.
  package func word(at address: UInt64) -> UInt64? {
    image.isConstant(address)
      ? image.pointer(at: address) : state.word(at: address, size: machine.pointerSize)
  }

  /// The object at an address.
  package func object(at address: UInt64) -> PythonValue? { state.values[address] }
}

/// The module's code, and what is known of calls in it.
package final class ProgramCode: CodeSource {
  private let image: BinaryImage
  private var stubs: [UInt64: String?] = [:]
  /// Whether functions of the module end the program, as far as that was asked.
  private var endings: [UInt64: Bool] = [:]
  /// Decodes the block at an address.
  var decode: ((UInt64) -> MachineBlock)?

  private let machine: Machine

  init(_ image: BinaryImage, _ machine: Machine) {
    self.image = image
    self.machine = machine
  }

  package func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    image.code(at: address, limit: limit)
  }

  package func functionRange(containing address: UInt64) -> Range<UInt64>? {
    image.functionRange(containing: address)
  }

  package func constant(at address: UInt64, size: Int) -> UInt64? {
    image.constant(at: address, size: size)
  }

  package var tablePointer: UInt64? { image.tablePointer }

  package func doesNotReturn(_ address: UInt64) -> Bool {
    if let name = importedFunction(at: address) { return CFunction.table[name]?.result == .never }
    if let known = endings[address] { return known }
    endings[address] = false
    let ends = image.isExecutable(address) && endsProgram(at: address)
    endings[address] = ends
    return ends
  }

  /// Whether a function of the module calls what never comes back before it branches, as the part of a
  /// function that holds the failing arm of an assertion does.
  private func endsProgram(at address: UInt64) -> Bool {
    guard let block = decode?(address) else { return false }
    if case .jump(let target) = block.exit, doesNotReturn(target.address) { return true }
    return block.transfers.contains {
      $0.opcode == .call && $0.input0.space == .constant && doesNotReturn($0.input0.offset)
    }
  }

  /// Follows a stub that jumps through a pointer which the loader fills.
  func importedFunction(at address: UInt64) -> String? {
    if address >= image.map.imports {
      return image.imports.name(at: address).map(CFunction.commonName)
    }
    if let known = stubs[address] { return known }
    stubs[address] = .some(nil)
    let name = decode.flatMap { target(of: $0(address)) }
    stubs[address] = name
    return name
  }

  private func target(of block: MachineBlock, depth: Int = 0) -> String? {
    guard case .indirect(let target) = block.exit, block.transfers.count <= 48 else { return nil }
    guard let address = ConstantRun(image, machine).value(of: target, after: block.transfers)
    else { return nil }
    if let name = image.imports.name(at: address) { return CFunction.commonName(of: name) }
    // A stub may switch to another instruction set first.
    guard depth == 0, image.isExecutable(address), let decode else { return nil }
    return self.target(of: decode(address), depth: 1)
  }
}
