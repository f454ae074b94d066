import BinaryFormats
import IR
import Interpretation
package import RuntimeModel
import Simplification

/// Tells which functions of a module are helpers of Cython's.
///
/// A function is known by its symbol, where the module still has one, or by its features; never by
/// how often it is called or what stands beside it.
package final class HelperCatalog {
  let program: Program
  private let collector: FeatureCollector
  private var symbols: [UInt64: String] = [:]
  private var names: [UInt64: String?] = [:]
  private var joinedCounts: [UInt64: Int?] = [:]
  private var indexTakers: [UInt64: Bool] = [:]
  private var itemCounts: [UInt64: UInt64?] = [:]
  private var argumentCounts: [UInt64: UInt64?] = [:]
  private var ownPaths: [UInt64: String?] = [:]
  private var fixedIndices: [UInt64: UInt64?] = [:]

  package init(_ program: Program) {
    self.program = program
    collector = FeatureCollector(program)
    for symbol in program.image.symbols where symbol.isFunction && symbol.name.hasPrefix("__Pyx") {
      // `.constprop.0` and its kin mark clones; a part of a function is something else.
      let parts = symbol.name.split(separator: ".")
      let isPart = parts.contains("part") || parts.contains("cold")
      symbols[symbol.address] = String(parts[0]) + (isPart ? ".part" : "")
    }
  }

  /// The helper at an address, by its name in Cython's sources; nil if it is none that is known.
  package func name(of address: UInt64) -> String? {
    if let known = names[address] { return known }
    var name = symbols[address] ?? name(tellingBy: address)
    // A clone that deletes hands null on as the value.
    if name == "__Pyx_PyObject_SetAttrStr", !program.mayRead(argument: 2, address) {
      name = "__Pyx_PyObject_DelAttrStr"
    }
    if let least = name.flatMap({ Self.leastParameters[$0] }),
      program.certainParameterCount(of: address) ?? least < least
    {
      name = nil
    }
    // Since Cython 3.2 this is the one that takes an array, which may have been compiled into it.
    if name == "__Pyx_Import", isImportWithArray(address) { name = "__Pyx__Import" }
    names[address] = name
    return name
  }

  /// The fewest parameters with which calls of a helper can be understood.
  ///
  /// Clones for calls that agree in more know too much by themselves: which slice is taken, which function
  /// or what class is made. They are looked into, as functions are that are no helpers.
  private static let leastParameters = [
    "__Pyx_PyObject_GetSlice": 3, "__Pyx_Py3MetaclassPrepare": 4, "__Pyx_CyFunction_New": 5,
  ]

  private func isImportWithArray(_ address: UInt64) -> Bool {
    let features = collector.features(of: address).names
    return features.contains("f:PyUnicode_FindChar") && features.contains("f:PyImport_GetModule")
  }

  /// The helper that the features of the function at an address tell.
  package func name(tellingBy address: UInt64) -> String? {
    if collector.writesTraceback(address) { return "__Pyx_AddTraceback" }
    let features = collector.features(of: address)
    if let name = name(by: features) { return name }
    if features.makesListOnly, handedOn(by: address, to: ["PyList_New"]) == [.parameter(0)] {
      return "__Pyx_PyList_Pack"
    }
    // Calls through pointers may read more registers elsewhere than on x86-64.
    guard program.machine.splitsAddresses, let count = program.likelyParameterCount(of: address)
    else { return nil }
    return name(by: features.taking(count))
  }

  private func name(by features: FunctionFeatures) -> String? {
    for variant in features.translated(from: program.state.layout.version)
    where variant.tellsAnything {
      guard let name = CythonHelperTable.name(fingerprint: variant.fingerprint) else { continue }
      // What makes classes without looking for their metaclass touches the same as what calls anything.
      if name == "__Pyx_Py3ClassCreate", let other = HelperSummary.name(of: features),
        other.hasSuffix("__Pyx_PyObject_FastCallDict")
      {
        return "__Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict"
      }
      return name
    }
    if let name = HelperSummary.name(of: features) { return name }
    // The table comes from x86-64, where compilers drop other parameters than elsewhere.
    guard program.machine.splitsAddresses, features.names.count > 2 else { return nil }
    let names = Set(
      (0...6).compactMap {
        CythonHelperTable.name(fingerprint: features.fingerprint(parameterCount: $0))
      })
    return names.count == 1 ? names.first : nil
  }

  /// The helper at an address, if passes know what it does.
  package func function(at address: UInt64) -> CFunction? {
    name(of: address).flatMap { CFunction.cythonHelpers[$0] }
  }

  /// Whether a call of the function at an address tells what it does, so that nothing is won by looking
  /// into the function.
  package func isUnderstood(at address: UInt64) -> Bool {
    guard let name = name(of: address), CFunction.cythonHelpers[name] != nil else { return false }
    // It takes the addresses of variables, each clone in other places.
    if name == "__Pyx_PyObject_GetSlice" { return false }
    return !Self.indexHelpers.contains(name) || takesIndex(address)
      || fixedIndex(of: address) != nil
  }

  /// What the function at an address is called in the tracebacks that it writes, without the name of the
  /// module; nil if it writes none, or it is not clear which of several names is its own.
  package func ownPath(of address: UInt64) -> String? {
    if let known = ownPaths[address] { return known }
    let module = program.state.qualifiedName + "."
    let paths = collector.texts(of: address).filter {
      $0.hasPrefix(module) && $0.dropFirst(module.count).allSatisfy(Self.isPartOfPath)
    }
    let path = paths.count > 1 ? lastTraceback(of: address, among: paths) : paths.first
    // Earlier versions name the file of a package as well.
    let result = path.map { String($0.dropFirst(module.count).trimmingPrefix("__init__.")) }
    ownPaths[address] = .some(result)
    return result
  }

  /// The C strings that the function at an address, or one that it calls, refers to.
  package func texts(reachedFrom address: UInt64) -> [String] {
    collector.features(of: address).names.filter { $0.hasPrefix("s:") }.map {
      String($0.dropFirst(2))
    }
  }

  private static func isPartOfPath(_ character: Character) -> Bool {
    character == "." || character == "_" || character.isLetter || character.isNumber
  }

  /// Whether the function at an address stands for a generator expression: it makes a generator.
  func makesGenerator(at address: UInt64) -> Bool { collector.makesGenerator(address) }

  /// Whether the clone of a helper for `o[i]` that is at an address takes the index.
  ///
  /// Where all calls of a module have the same index, a clone knows it, and what stands in its place is
  /// something else. Every such helper makes an object of the index that it is given
  /// (`__Pyx_GetItemInt` in `Cython/Utility/ObjectHandling.c`).
  package func takesIndex(_ address: UInt64) -> Bool {
    if let known = indexTakers[address] { return known }
    let takes = handsOnIndex(address)
    indexTakers[address] = takes
    return takes
  }

  private func handsOnIndex(_ address: UInt64) -> Bool {
    handedOn(by: address, to: ["PyLong_FromSsize_t"]).contains(.parameter(1))
  }

  /// How many items the clone of `__Pyx_PyTuple_FromArray` that is at an address takes, where it knows
  /// that by itself: all calls of a module have as many.
  package func itemCount(of address: UInt64) -> UInt64? {
    if let known = itemCounts[address] { return known }
    var count: UInt64?
    if program.importedFunction(at: address) == nil {
      let sizes = handedOn(by: address, to: ["PyTuple_New", "PyList_New"]).filter {
        $0 != .number(0)
      }
      if sizes.count == 1, case .number(let number)? = sizes.first { count = number }
    }
    itemCounts[address] = count
    return count
  }

  /// How many arguments the clone of `__Pyx_PyObject_FastCallDict` that is at an address hands on, where
  /// it knows that by itself.
  package func argumentCount(of address: UInt64) -> UInt64? {
    if let known = argumentCounts[address] { return known }
    var count: UInt64?
    if program.importedFunction(at: address) == nil {
      let sizes = handedOn(by: address, to: ["PyTuple_New"]).union(
        handedOn(by: address, to: ["PyObject_VectorcallDict"], argument: 2))
      if sizes.count == 1, case .number(let number)? = sizes.first { count = number }
    }
    argumentCounts[address] = count
    return count
  }

  /// Where a number comes from that a helper hands on.
  private enum Source: Hashable {
    case parameter(Int)
    case number(UInt64)
  }

  /// What a helper hands on to some functions as their first argument.
  private func handedOn(
    by address: UInt64, to names: Set<String>, argument: Int = 0
  ) -> Set<Source> {
    guard let function = settled(address) else { return [] }
    let view = ProgramView(program)
    let cells = program.machine.argumentRegisters.indices.map { program.machine.argumentCell($0) }
    var result: Set<Source> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .call {
        guard let name = function.callee(of: id, view)?.name, names.contains(name),
          let value = function.argument(argument, of: id)
        else { continue }
        if let number = function.constant(value) {
          result.insert(.number(number))
        } else if case .entry(let cell) = function[value].operation,
          let index = cells.firstIndex(of: cell)
        {
          result.insert(.parameter(index))
        }
      }
    }
    return result
  }

  /// The helpers that take a C integer as the index, in the second place.
  private static let indexHelpers: Set<String> = [
    "__Pyx_GetItemInt_Fast", "__Pyx_GetItemInt_List_Fast", "__Pyx_GetItemInt_Tuple_Fast",
    "__Pyx_SetItemInt_Fast", "__Pyx_DelItemInt_Fast",
  ]

  /// How many texts a clone of `__Pyx_PyUnicode_Join` joins, which was made for one number of them.
  package func joinedCount(of address: UInt64) -> Int? {
    if let known = joinedCounts[address] { return known }
    let count = countOfJoined(by: address)
    joinedCounts[address] = count
    return count
  }

  /// The index of a clone of `__Pyx_SetItemInt_Fast` and its kin that was made for one index, which
  /// makes an object of the constant: the parameters behind the container move up by one.
  package func fixedIndex(of address: UInt64) -> UInt64? {
    if let known = fixedIndices[address] { return known }
    let values = handedOn(by: address, to: ["PyLong_FromSsize_t"])
    var index: UInt64?
    if values.count == 1, case .number(let number)? = values.first { index = number }
    fixedIndices[address] = index
    return index
  }

  private func countOfJoined(by address: UInt64) -> Int? {
    guard let helper = settled(address) else { return nil }
    return helper.roundsOverFirstArgument(program.machine)
      ?? helper.wordsAtFirstArgument(program.machine)
  }

  private func settled(_ address: UInt64) -> Function? {
    guard let constructed = program.construct(at: address) else { return nil }
    var function = constructed.takeFunction()
    for _ in 0..<8 {
      guard function.canonicalizePureInstructions() || function.removeTrivialPhis() else { break }
    }
    return function
  }
}

extension Function {
  /// The number of pointers at which a loop ends that moves along the array in the first argument; nil
  /// if there is no such loop.
  fileprivate func roundsOverFirstArgument(_ processor: Machine) -> Int? {
    guard let register = processor.argumentRegisters.first else { return nil }
    var counts: Set<UInt64> = []
    for block in reversePostorder() {
      guard let value = self[block].terminator.value,
        let (opcode, left, right) = machine(resolve(value))
      else { continue }
      // MSVC asks whether the next number is still smaller.
      if opcode == .less || opcode == .signedLess, let number = constant(right),
        case let (phi, step) = offset(left), step == 1, isPhi(phi),
        operands(of: phi).contains(left), operands(of: phi).contains(where: { constant($0) == 0 })
      {
        counts.insert(number)
      }
      guard opcode == .equal || opcode == .notEqual else { continue }
      for (moving, end) in [(left, right), (right, left)] {
        let phi = offset(moving).base
        guard isPhi(phi), let first = operands(of: phi).first(where: { offset($0).base != phi }),
          let next = operands(of: phi).first(where: { offset($0).base == phi }),
          moving == next || moving == phi
        else { continue }
        let step = offset(next).offset
        if constant(first) == 0, step == 1, let number = constant(end) {
          counts.insert(moving == phi ? number &+ 1 : number)
        } else if case .entry(let cell) = self[offset(end).base].operation, cell.kind == .register,
          UInt64(clamping: cell.offset) == register.offset, first == offset(end).base,
          moving == next,
          step == UInt64(pointerSize), offset(end).offset % step == 0
        {
          counts.insert(offset(end).offset / step)
        }
      }
    }
    return counts.count == 1 ? counts.first.map { Int(clamping: $0) } : nil
  }

  /// The number of pointers that are read from the array in the first argument, where the loop over it
  /// was unrolled; nil if anything else is done with it.
  fileprivate func wordsAtFirstArgument(_ processor: Machine) -> Int? {
    guard let register = processor.argumentRegisters.first else { return nil }
    func isArray(_ id: Instruction.ID) -> Bool {
      guard case .entry(let cell) = self[id].operation else { return false }
      return cell.kind == .register && UInt64(clamping: cell.offset) == register.offset
    }
    var places: Set<UInt64> = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        for (index, value) in operands(of: id).enumerated() {
          let (base, distance) = offset(value)
          guard isArray(base) else { continue }
          // It may be kept in the frame, from which it is not read any more then.
          if self[id].operation == .machine(.store), index == 1 { continue }
          guard self[id].operation == .machine(.load) else { return nil }
          places.insert(distance)
        }
      }
    }
    let size = UInt64(pointerSize)
    let expected = Set((0..<UInt64(places.count)).map { $0 * size })
    return !places.isEmpty && places.count < 64 && places == expected ? places.count : nil
  }
}
