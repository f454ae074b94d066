import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import PythonSyntax
import Raising
import RuntimeModel
import Simplification

/// Finds out what the fields of extension types are called.
///
/// Two places tell: the properties that Cython makes for `public` and `readonly` attributes, and
/// `__reduce_cython__`, which packs every field for `pickle` in the order of their names
/// (`_inject_pickle_methods` in `Cython/Compiler/ParseTreeTransforms.py`).
struct FieldNames {
  private let module: OpenedModule
  private let tables: MethodTables
  /// Raises a C function that takes its own arguments apart.
  private let raise: (UInt64) -> Raiser?

  /// Raises a method of the extension type at an address.
  private let raiseMethod: (UInt64, UInt64) -> Raiser?

  /// A field as code reads it.
  private struct Access: Hashable {
    let offset: UInt64
    let kind: ExtensionType.Field.Kind
  }

  init(
    _ module: OpenedModule, raise: @escaping (UInt64) -> Raiser?,
    raiseMethod: @escaping (UInt64, UInt64) -> Raiser?
  ) {
    self.module = module
    self.raise = raise
    self.raiseMethod = raiseMethod
    tables = MethodTables(module.image, module.state.layout)
  }

  /// Names the fields of every extension type of the module, and finds out what they hold:
  /// `__setstate_cython__` asks that of everything that it stores.
  func find() {
    let types = module.program.extensionTypes.all
    defer {
      for type in types {
        for setter in setters(of: type) { _ = raiseMethod(setter, type.address) }
        for name in ["__setstate_cython__", "__init__"] {
          guard let method = methods(of: type).first(where: { $0.name == name }),
            let raiser = raiseMethod(method.function, type.address)
          else { continue }
          for other in functions(handedSelfBy: raiser) { _ = raiseMethod(other, type.address) }
        }
      }
    }
    let unpicklers = tables.all().filter { $0.name.hasPrefix("__pyx_unpickle_") }
    for type in types {
      for (access, name) in packedFields(type, unpicklers) { set(name, access, type) }
      for (access, name) in properties(type)
      where module.program.extensionTypes.field(at: access.offset, of: type.address) == nil {
        set(name, access, type)
      }
    }
  }

  private func set(_ name: String, _ access: Access, _ type: ExtensionType) {
    module.program.extensionTypes.setField(
      .init(name, access.kind), at: access.offset, of: type.address)
  }

  // MARK: Properties

  /// What properties do to set a field, which asks for the type of the new value.
  private func setters(of type: ExtensionType) -> [UInt64] {
    let layout = module.state.layout
    var result: [UInt64] = []
    guard var entry = module.image.pointer(at: type.address &+ layout.typeGetSet), entry != 0 else {
      return []
    }
    while result.count < 1024, let name = tables.text(at: entry)?.string, !name.isEmpty {
      if let setter = module.image.pointer(at: entry &+ layout.words(2)),
        module.image.isExecutable(setter)
      {
        result.append(setter)
      }
      entry &+= layout.words(5)
    }
    return result
  }

  /// The functions that a method gives its object to: `__setstate_cython__` leaves all that it does to one.
  private func functions(handedSelfBy raiser: Raiser) -> [UInt64] {
    var result: [UInt64] = []
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions
      where raiser.function[id].operation == .call && raiser.function.operandCount(of: id) > 1 {
        guard let address = raiser.function.constant(raiser.function.operand(0, of: id)),
          module.image.isExecutable(address), module.program.importedFunction(at: address) == nil,
          module.program.helpers.name(of: address) == nil,
          case .python(.parameter(0)) =
            raiser.function[raiser.function.operand(1, of: id)].operation
        else { continue }
        result.append(address)
      }
    }
    return result
  }

  /// The fields that properties do nothing but read.
  private func properties(_ type: ExtensionType) -> [(Access, String)] {
    let layout = module.state.layout
    var result: [(Access, String)] = []
    guard var entry = module.image.pointer(at: type.address &+ layout.typeGetSet), entry != 0 else {
      return []
    }
    while result.count < 1024, let name = tables.text(at: entry)?.string, !name.isEmpty {
      if Identifiers.isValid(name), let getter = module.image.pointer(at: entry &+ layout.words(1)),
        let access = onlyField(getter, type)
      {
        result.append((access, name))
      }
      entry &+= layout.words(5)
    }
    return result
  }

  /// The field that a getter returns and does nothing else with.
  private func onlyField(_ getter: UInt64, _ type: ExtensionType) -> Access? {
    guard module.image.isExecutable(getter), let raiser = raise(getter) else { return nil }
    var found: Set<Access> = []
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        switch raiser.function[id].operation {
        case .call: return nil
        case .python(.boxInteger), .python(.boxBoolean), .python(.boxFloat): break
        case .python: return nil
        default: break
        }
      }
      guard case .return(let value) = raiser.function[block].terminator else { continue }
      found.formUnion(accesses(raiser.function.resolve(value), raiser, type))
    }
    return found.count == 1 ? found.first : found.isEmpty ? onlyTruth(raiser, type) : nil
  }

  /// The `bint` field that a getter returns: it asks for it, and returns `True` or `False`.
  private func onlyTruth(_ raiser: Raiser, _ type: ExtensionType) -> Access? {
    var found: Set<UInt64> = []
    var answers: Set<String?> = []
    for block in raiser.function.reversePostorder() {
      switch raiser.function[block].terminator {
      case .return(let value):
        for leaf in raiser.leaves(of: raiser.function.resolve(value)) {
          answers.insert(raiser.function.constant(leaf).flatMap { module.program.variable(at: $0) })
        }
      case .branch(let condition, _, _):
        found.formUnion(truths(raiser.function.resolve(condition), raiser, type))
      default: continue
      }
    }
    guard answers == ["_Py_TrueStruct", "_Py_FalseStruct"], found.count == 1 else { return nil }
    return found.first.map { Access(offset: $0, kind: .truth) }
  }

  /// The fields of C `int`s that a condition compares with 0.
  private func truths(
    _ condition: Instruction.ID, _ raiser: Raiser, _ type: ExtensionType
  ) -> [UInt64] {
    let machine = module.program.machine
    return raiser.function.operands(of: condition).compactMap { id in
      guard raiser.function[id].operation == .machine(.load), raiser.function.size(id) == 4 else {
        return nil
      }
      let (base, offset) = raiser.function.offset(raiser.function.operand(0, of: id))
      guard case .entry(machine.argumentCell(0)) = raiser.function[base].operation,
        offset >= module.state.layout.fields, offset < type.size
      else { return nil }
      return offset
    }
  }

  /// The fields that a value is made of.
  private func accesses(
    _ value: Instruction.ID, _ raiser: Raiser, _ type: ExtensionType
  ) -> Set<Access> {
    let machine = module.program.machine
    var result: Set<Access> = []
    var pending: [(Instruction.ID, ExtensionType.Field.Kind)] = [(value, .object)]
    var seen: Set<Instruction.ID> = []
    while let (id, kind) = pending.popLast(), seen.count < 64 {
      guard seen.insert(id).inserted else { continue }
      switch raiser.function[id].operation {
      case .machine(.load):
        let (base, offset) = raiser.function.offset(raiser.function.operand(0, of: id))
        guard case .entry(machine.argumentCell(0)) = raiser.function[base].operation,
          offset >= module.state.layout.fields, offset < type.size,
          kind != .object || raiser.function.isWord(id)
        else { continue }
        result.insert(Access(offset: offset, kind: sized(kind, raiser.function.size(id))))
      case .python(.boxInteger): pending.append((raiser.function.operand(0, of: id), .integer(0)))
      case .python(.boxBoolean): pending.append((raiser.function.operand(0, of: id), .truth))
      case .python(.boxFloat): pending.append((raiser.function.operand(0, of: id), .double))
      case .python: break
      default: pending += raiser.function.operands(of: id).map { ($0, kind) }
      }
    }
    return result
  }

  private func sized(_ kind: ExtensionType.Field.Kind, _ size: Int) -> ExtensionType.Field.Kind {
    kind == .integer(0) ? .integer(size) : kind
  }

  // MARK: Pickling

  private func packedFields(
    _ type: ExtensionType, _ unpicklers: [MethodDefinition]
  ) -> [(Access, String)] {
    guard let packing = methods(of: type).first(where: { $0.name == "__reduce_cython__" }),
      let unpickler = unpicklers.first(where: { $0.name == "__pyx_unpickle_\(type.name)" }),
      let raiser = raise(packing.function)
    else { return [] }
    let lists = namesLists(unpickler.function)
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        guard case .python(.tuple) = raiser.function[id].operation else { continue }
        let items = raiser.function.operands(of: id)
        guard let names = lists.first(where: { $0.count == items.count }) else { continue }
        let fields = items.map { accesses($0, raiser, type) }
        let known = fields.filter { !$0.isEmpty }
        guard known.allSatisfy({ $0.count == 1 }), Set(known).count == known.count else { continue }
        return zip(fields, names).compactMap { field, name in field.first.map { ($0, name) } }
      }
    }
    return []
  }

  private func methods(of type: ExtensionType) -> [MethodDefinition] {
    tables.table(
      at: module.image.pointer(at: type.address &+ module.state.layout.typeMethods) ?? 0)
  }

  /// The lists of names that a function has among its constants.
  private func namesLists(_ address: UInt64) -> [[String]] {
    var result = module.program.helpers.texts(reachedFrom: address).compactMap(Self.names)
    guard let raiser = raise(address) else { return result }
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        for operand in raiser.function.operands(of: id) {
          guard let constant = raiser.function.constant(operand), let text = text(constant) else {
            continue
          }
          if let names = Self.names(in: text) { result.append(names) }
        }
      }
    }
    return result
  }

  private func text(_ address: UInt64) -> String? {
    if case .string(let text)? = module.program.object(at: address) { return text.string }
    guard address >= 0x400, module.image.isConstant(address) else { return nil }
    return module.image.cString(at: address).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The names in `Incompatible checksums (… = (a, b))`, or in a list of nothing else since Cython 3.2;
  /// they are sorted.
  static func names(in text: String) -> [String]? {
    var list = Substring(text)
    // A list of one name alone could be any text.
    var least = 2
    if text.hasPrefix("Incompatible checksums"), let start = text.lastIndex(of: "(") {
      list = text[text.index(after: start)...].prefix { $0 != ")" }
      least = 1
    }
    let names = list.split(separator: ",", omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " })
    }
    let isSorted = zip(names, names.dropFirst()).allSatisfy { $0 < $1 }
    return names.count >= least && isSorted && names.allSatisfy(Identifiers.isValid) ? names : nil
  }
}
