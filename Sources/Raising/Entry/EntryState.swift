import Basics
package import IR
package import Interpretation
package import RuntimeModel
package import Simplification

/// What registers, stack and memory hold where a function's own code starts.
///
/// A wrapper takes its arguments apart, and the exec function makes constants, before anything that
/// the source says happens. Both were run up to that point; this is what they left behind.
package struct EntryState: Sendable {
  package let snapshot: MachineSnapshot
  /// Objects that stand for parameters: the number of the parameter by the object's address.
  package let parameters: [UInt64: Int]
  /// How often parameters were referred to: the object's address by the count.
  private let counts: [UInt64: UInt64]
  /// The first C argument of a wrapper: the function object.
  package let receiver: UInt64?
  /// The scopes around the function, if it uses any.
  package let closure: ClosureEntry?
  /// The extension type of which the function is a method: that of parameter 0.
  package var ownType: UInt64?
  /// The extension types of other parameters, by their numbers.
  package var parameterTypes: [Int: UInt64] = [:]
  /// The number of the parameter that is a tuple of the other positional arguments.
  package var starParameter: Int?
  /// The function's qualified name.
  package var ownPath: String?
  /// What the C function returns.
  package var result = NativeResult.object
  /// The scope of the generator whose body this is.
  package let generatorScope: GeneratorScope?
  /// What registers hold that are not part of the snapshot.
  private let registers: [Cell: UInt64]
  /// What lies in a structure with optional arguments, by address.
  fileprivate var structure: [UInt64: UInt64] = [:]
  /// What stands for the innermost scope where the wrapper read it before it took arguments apart.
  private let loadedClosure: UInt64?
  /// What the wrapper asked about its arguments while it took them apart.
  fileprivate let answers: [Cell: ArgumentAnswer]
  /// The parameter that argument 0 is.
  fileprivate let firstArgument: Int

  /// The exec function, behind the making of constants.
  package init(moduleBoundary snapshot: MachineSnapshot) {
    self.snapshot = snapshot
    parameters = [:]
    counts = [:]
    answers = [:]
    firstArgument = 0
    receiver = nil
    closure = nil
    generatorScope = nil
    loadedClosure = nil
    registers = [:]
  }

  /// A wrapper, behind the parsing of arguments.
  ///
  /// - Parameters:
  ///   - wrapper: what a run of it left behind.
  ///   - scopes: the types of the scopes around the function, the innermost first.
  ///   - layout: says where an object's fields lie.
  ///   - closureOffset: where a function object points at its scope.
  package init(
    _ wrapper: WrapperSnapshot, scopes: [UInt64], layout: ObjectLayout, closureOffset: UInt64
  ) {
    snapshot = wrapper.machine
    parameters = Dictionary(
      wrapper.parameters.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    counts = wrapper.counts
    answers = wrapper.answers
    firstArgument = wrapper.firstArgument
    receiver = wrapper.receiver
    closure =
      scopes.isEmpty ? nil : ClosureEntry(scopes, pointer: wrapper.receiver + closureOffset, layout)
    generatorScope = nil
    let read = wrapper.receiverFields.first { $0.value == closureOffset }
    loadedClosure = scopes.isEmpty ? nil : read?.key
    registers = [:]
  }

  /// A function to which a wrapper hands its arguments on.
  ///
  /// - Parameters:
  ///   - wrapper: the wrapper, behind the parsing of arguments.
  ///   - address: where the function starts.
  ///   - words: what it gets in registers.
  ///   - optional: what it gets in a structure behind these (`CFuncType.op_arg_struct` in
  ///     `Cython/Compiler/PyrexTypes.py`).
  ///   - machine: says where arguments are.
  ///   - layout: says how large pointers are.
  package init(
    _ wrapper: EntryState, forwardingTo address: UInt64, _ words: [UInt64],
    optional: [UInt64] = [], _ machine: Machine, _ layout: ObjectLayout
  ) {
    snapshot = MachineSnapshot(address: address)
    parameters = wrapper.parameters
    counts = [:]
    answers = [:]
    firstArgument = 0
    receiver = wrapper.receiver
    closure = wrapper.closure
    ownType = wrapper.ownType
    parameterTypes = wrapper.parameterTypes
    ownPath = wrapper.ownPath
    starParameter = wrapper.starParameter
    generatorScope = nil
    loadedClosure = wrapper.loadedClosure
    var words = words
    if !optional.isEmpty {
      let (start, fields) = Self.structure(of: optional, layout)
      words.append(start)
      structure = fields
    }
    registers = Dictionary(
      words.enumerated().map { (machine.argumentCell($0.offset), $0.element) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Where a structure with optional arguments lies, and what is in it, by address.
  private static func structure(
    of optional: [UInt64], _ layout: ObjectLayout
  ) -> (start: UInt64, fields: [UInt64: UInt64]) {
    let start = madeUpAddress(0x40000, layout)
    var fields = [start: UInt64(optional.count)]
    for (index, word) in optional.enumerated() { fields[start + layout.words(index + 1)] = word }
    return (start, fields)
  }

  /// An address of nothing in the file.
  private static func madeUpAddress(_ offset: UInt64, _ layout: ObjectLayout) -> UInt64 {
    1 << (layout.pointerSize == 8 ? 46 : 31) | 0x10 + offset
  }

  /// A C function that takes objects.
  ///
  /// - Parameters:
  ///   - address: where it starts.
  ///   - count: how many objects it takes.
  ///   - optional: how many of them, the last ones, lie in a structure.
  ///   - type: the extension type of the first one, if it is known.
  ///   - machine: says where arguments are.
  ///   - layout: says how large pointers are.
  package init(
    nativeAt address: UInt64, parameterCount count: Int, optional: Int = 0, of type: UInt64?,
    _ machine: Machine, _ layout: ObjectLayout
  ) {
    let objects = (0..<count).map { Self.madeUpAddress(UInt64($0) * 0x1000, layout) }
    snapshot = MachineSnapshot(address: address)
    parameters = Dictionary(uniqueKeysWithValues: objects.enumerated().map { ($1, $0) })
    counts = [:]
    answers = [:]
    firstArgument = 0
    receiver = nil
    closure = nil
    ownType = type
    generatorScope = nil
    loadedClosure = nil
    var words = Array(objects.prefix(count - optional))
    if optional > 0 {
      let (start, fields) = Self.structure(of: Array(objects.suffix(optional)), layout)
      words.append(start)
      structure = fields
    }
    registers = Dictionary(
      words.enumerated().map { (machine.argumentCell($0), $1) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The body of a generator: `body(generator, thread state, sent value)`.
  ///
  /// - Parameters:
  ///   - address: where it starts.
  ///   - kind: what the body belongs to.
  ///   - scopes: the types of the generator's scope and those around it.
  ///   - parameters: the parameters that are stored into the scope, by the distance of the field.
  ///   - variableCount: how many variables the scope holds, if that is known.
  ///   - machine: says which registers hold arguments.
  ///   - layout: says where objects keep their fields.
  package init(
    generatorBody address: UInt64, kind: GeneratorKind, scopes: [UInt64],
    parameters: [UInt64: Int] = [:],
    variableCount: Int? = nil, machine: Machine, layout: ObjectLayout
  ) {
    let start: UInt64 = layout.field(scopes.count > 1 ? 1 : 0)
    generatorScope = GeneratorScope(
      address: ClosureEntry.address(of: 0), start: start,
      size: variableCount.map { start + layout.words($0) }, parameters: parameters,
      kind: kind)
    snapshot = MachineSnapshot(address: address)
    self.parameters = [:]
    counts = [:]
    answers = [:]
    firstArgument = 0
    receiver = nil
    let closure = ClosureEntry(generatorWith: scopes, layout)
    self.closure = closure
    loadedClosure = nil
    registers = [machine.argumentCell(0): closure.generator ?? 0]
  }
}

extension Function {
  /// Replaces what the function found at its start by what is known to have been there.
  ///
  /// - Returns: whether anything was replaced.
  @discardableResult
  package mutating func bind(_ state: EntryState, machine: Machine) -> Bool {
    let pointer = Cell(.register, offset: Int32(truncatingIfNeeded: machine.stackPointer.offset))
    var changed = false
    for id in instructionIDs {
      guard case .entry(let cell) = self[id].operation, cell != pointer,
        let word = state.word(cell)
      else { continue }
      if state.answers[cell] == .unknown { continue }
      // A flag that says the same of two objects may have asked for their type.
      if state.snapshot.isFlag(cell), !state.isOneObject(cell) { continue }
      let value =
        count(word, state) ?? answer(cell, state) ?? self.value(of: word, state, pointer)
      forward(id, to: isWord(id) ? value : extract(value, 0, width: size(id)))
      changed = true
    }
    guard !state.structure.isEmpty else { return changed }
    for id in instructionIDs {
      guard self[id].operation == .machine(.load), let address = constant(operand(0, of: id)),
        let word = state.structure[address]
      else { continue }
      forward(
        id, to: isWord(id) ? value(of: word, state, pointer) : constant(word, width: size(id)))
      changed = true
    }
    return changed
  }

  /// The count of a parameter that the wrapper read already, and perhaps changed in the register.
  private mutating func count(_ word: UInt64, _ state: EntryState) -> Instruction.ID? {
    guard let (parameter, change) = state.count(word) else { return nil }
    let width = layout.version < PythonVersion(3, 12) ? pointerSize : 4
    let distance = constant(layout.referenceCount, width: pointerSize)
    let object = self.parameter(parameter)
    let place =
      layout.referenceCount == 0 ? object : binary(.add, object, distance, width: pointerSize)
    let load =
      if let first = self[entry].instructions.first {
        insert(.machine(.load), [place], width: width, before: first)
      } else {
        append(
          .machine(.load), [place], width: width, to: entry, at: state.snapshot.address)
      }
    let changed =
      change == 0
      ? load : binary(.add, load, constant(UInt64(bitPattern: change), width: width), width: width)
    return width == pointerSize ? changed : unary(.zeroExtend, changed, width: pointerSize)
  }

  /// The answer to what the wrapper asked about a parameter.
  private mutating func answer(_ cell: Cell, _ state: EntryState) -> Instruction.ID? {
    guard case .identity(let argument, let same, let other)? = state.answers[cell] else {
      return nil
    }
    let parameter = self.parameter(state.firstArgument + argument)
    var result = constant(other, width: pointerSize)
    for word in Set(same.values).sorted() {
      let objects = same.filter { $0.value == word }.keys.sorted()
      let tests = objects.map {
        binary(.equal, parameter, constant($0, width: pointerSize), width: 1)
      }
      let condition = tests.dropFirst().reduce(tests[0]) { binary(.or, $0, $1, width: 1) }
      let factor = constant(word &- other, width: pointerSize)
      let change = binary(
        .multiply, unary(.zeroExtend, condition, width: pointerSize), factor, width: pointerSize)
      result = binary(.add, result, change, width: pointerSize)
    }
    return result
  }

  private mutating func value(
    of word: UInt64, _ state: EntryState, _ pointer: Cell
  ) -> Instruction.ID {
    if let parameter = state.parameters[word] { return self.parameter(parameter) }
    if state.isClosure(word) { return constant(ClosureEntry.address(of: 0), width: pointerSize) }
    // Where the stack lies is known of a wrapper that was run, not of what it hands its arguments to.
    let distance = Int64(bitPattern: word &- state.snapshot.stackPointer)
    guard state.snapshot.stackPointer != 0, abs(distance) < 1 << 20 else {
      return constant(word, width: pointerSize)
    }
    let base = entry(pointer, width: pointerSize)
    let offset = constant(UInt64(bitPattern: distance), width: pointerSize)
    return distance == 0 ? base : binary(.add, base, offset, width: pointerSize)
  }
}

extension Function {
  /// Replaces loads of pointers to scopes by the addresses that are made up for them.
  ///
  /// - Returns: whether anything was replaced.
  package mutating func followClosure(_ closure: ClosureEntry) -> Bool {
    var changed = false
    for id in instructionIDs {
      guard self[id].operation == .machine(.load), isWord(id),
        let address = constant(operand(0, of: id)), let pointer = closure.pointers[address]
      else { continue }
      forward(id, to: constant(pointer, width: pointerSize))
      changed = true
    }
    return changed
  }
}

extension EntryState {
  /// What lies in a structure with optional arguments, which the wrapper has filled already.
  package func words(ofStructureAt place: Int?, _ layout: ObjectLayout) -> [UInt64]? {
    guard let place, let number = snapshot.stack(at: place) else { return nil }
    let count = number & 0xFFFF_FFFF
    guard (1...32).contains(count) else { return nil }
    let words = (1...Int(count)).map { snapshot.stack(at: place + $0 * layout.pointerSize) }
    return words.contains(nil) ? nil : words.compactMap(\.self)
  }

  /// The pointers into the frame that lie in the frame itself: where they point, by where they lie, as
  /// distances from the stack pointer.
  var framePointers: [Int: Int] {
    var result: [Int: Int] = [:]
    for place in snapshot.stack.indices where place.isMultiple(of: 4) {
      guard let word = snapshot.stack(at: place), parameters[word] == nil, !isClosure(word),
        word >= snapshot.stackPointer, word &- snapshot.stackPointer < snapshot.stack.count
      else { continue }
      result[place] = Int(word &- snapshot.stackPointer)
    }
    return result
  }

  /// The parameter of which a word is the count, and what was added to it.
  fileprivate func count(_ word: UInt64) -> (parameter: Int, change: Int64)? {
    for (count, object) in counts {
      let change = Int64(bitPattern: word &- count)
      guard change.magnitude < 16, let parameter = parameters[object] else { continue }
      return (parameter, change)
    }
    return nil
  }

  fileprivate func isClosure(_ word: UInt64) -> Bool { word == loadedClosure }

  /// Whether a place tells whether an argument is one certain object.
  fileprivate func isOneObject(_ cell: Cell) -> Bool {
    if case .identity(_, let same, _)? = answers[cell] { same.count == 1 } else { false }
  }

  fileprivate func word(_ cell: Cell) -> UInt64? {
    if let word = registers[cell] { return word }
    return snapshot.word(cell)
  }
}
