package import Basics
import BigInt
import BinaryFormats
import IR
package import RuntimeModel

/// The objects of the modelled world, by address.
package struct ObjectWorld {
  package let layout: ObjectLayout
  /// What is known of each object.
  package internal(set) var values: [UInt64: PythonValue] = [:]
  /// Types by their C name.
  var types: [String: UInt64] = [:]
  /// Interned objects by value: builtins, modules, small things that exist once.
  var singletons: [PythonValue: UInt64] = [:]
  /// Interned strings.
  var interned: [Text: UInt64] = [:]
  /// The fake thread state.
  package internal(set) var threadState: UInt64 = 0
  /// Types that were made ready, in order.
  package var readyTypes: [UInt64] = []
  /// Where tables with the C methods of types of other modules are taken to lie, by type.
  var foreignMethodTables: [UInt64: UInt64] = [:]
  /// Code objects, in the order of their creation.
  package var codeObjects: [UInt64] = []
  /// Attributes that the module's initialisation set on objects.
  package var attributes: [Attribute] = []
  /// The module that is being initialised, and its state.
  package var currentModule: UInt64 = 0
  package var moduleState: UInt64 = 0
  /// The module's name with the packages that it is in, once it has told.
  package var qualifiedName: String?
  var moduleDictionaries: [UInt64: UInt64] = [:]

  package struct Attribute: Hashable, Sendable {
    package let object: UInt64
    package let name: Text
    package let value: UInt64
  }

  init(_ layout: ObjectLayout) { self.layout = layout }
}

// MARK: - Making objects

extension Interpreter {
  /// A new object; 0 if there is no memory left.
  func make(_ value: PythonValue, type: String, size: Int = 64) -> UInt64 {
    guard let address = memory.allocate(max(size, 64)) else {
      stop(.exhausted)
      return 0
    }
    world.values[address] = value
    setReferences(of: address, to: 1)
    store(self.type(named: type), address + world.layout.type)
    return address
  }

  func store(_ value: UInt64, _ address: UInt64, size: Int? = nil) {
    if !memory.write(value, at: address, size: size ?? machine.pointerSize) {
      stop(.fault("write to 0x\(String(address, radix: 16))", address: address))
    }
  }

  func load(_ address: UInt64) -> UInt64 {
    memory.integer(at: address, size: machine.pointerSize) ?? 0
  }

  /// The one object of a value that exists once.
  func singleton(_ value: PythonValue, type: String) -> UInt64 {
    if let known = world.singletons[value] { return known }
    let address = make(value, type: type)
    world.singletons[value] = address
    return address
  }

  /// The address of a static type of CPython.
  func type(named name: String) -> UInt64 {
    if let known = world.types[name] { return known }
    let address = image.imports.existingAddress(of: name) ?? memory.allocate(world.layout.typeSize)
    guard let address else { return 0 }
    world.types[name] = address
    world.values[address] = .type(name)
    fill(type: address, name: name)
    return address
  }

  /// What `tp_dealloc` of every type points at: code for CPython before 3.9 calls it in place.
  var deallocator: UInt64 { image.map.imports - ImportTable.stride }

  private func fill(type address: UInt64, name: String) {
    let layout = world.layout
    let flags = ObjectLayout.subclassFlags[name] ?? 0
    setReferences(of: address, to: 1 << 20)
    store(type(named: "PyType_Type"), address + layout.type)
    store(flags | ObjectLayout.readyFlags, address + layout.typeFlags)
    store(64, address + layout.typeBasicSize)
    store(deallocator, address + layout.typeDeallocate)
    if let text = memory.allocate(name.utf8.count + 1) {
      _ = memory.write(Array(name.utf8), at: text)
      store(text, address + layout.typeName)
    }
  }

  func makeInteger(_ value: BigInt) -> UInt64 {
    let layout = world.layout
    var digits: [UInt64] = []
    var rest = value.magnitude
    let base = BigUInt(1 << layout.digitBits)
    while rest > 0, digits.count < 4096 {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: base)
      digits.append(UInt64(remainder))
      rest = quotient
    }
    let address = make(.integer(value), type: "PyLong_Type", size: 32 + digits.count * 4)
    store(layout.integerTag(digits: digits.count, isNegative: value < 0), address + layout.size)
    for (index, digit) in digits.enumerated() {
      store(
        digit, address + layout.integerDigits + UInt64(index * layout.digitSize),
        size: layout.digitSize)
    }
    return address
  }

  func makeFloat(_ value: Double) -> UInt64 {
    let address = make(.float(bits: value.bitPattern), type: "PyFloat_Type")
    store(value.bitPattern, address + world.layout.floatValue, size: 8)
    return address
  }

  func makeString(_ text: Text) -> UInt64 {
    let layout = world.layout
    let largest = text.codePoints.max() ?? 0
    let kind = largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4
    let data = largest < 0x80 ? layout.asciiData : layout.compactData
    let address = make(
      .string(text), type: "PyUnicode_Type", size: Int(data) + (text.codePoints.count + 1) * kind)
    store(UInt64(text.codePoints.count), address + layout.textLength)
    store(.max, address + layout.textHash)
    store(
      layout.textState(kind: UInt64(kind), isASCII: largest < 0x80), address + layout.textState,
      size: 4)
    for (index, value) in text.codePoints.enumerated() {
      store(UInt64(value), address + data + UInt64(index * kind), size: kind)
    }
    return address
  }

  func makeBytes(_ bytes: [UInt8]) -> UInt64 {
    let layout = world.layout
    let address = make(
      .bytes(bytes), type: "PyBytes_Type", size: Int(layout.bytesData) + bytes.count + 1)
    store(UInt64(bytes.count), address + layout.size)
    _ = memory.write(bytes, at: address + layout.bytesData)
    return address
  }

  func makeTuple(_ items: [UInt64]) -> UInt64 {
    let layout = world.layout
    let address = make(
      .tuple, type: "PyTuple_Type", size: Int(layout.tupleItems + layout.words(items.count)))
    store(UInt64(items.count), address + layout.size)
    for (index, item) in items.enumerated() {
      store(item, address + layout.tupleItems + layout.words(index))
    }
    return address
  }

  func makeList(_ items: [UInt64]) -> UInt64 {
    let layout = world.layout
    let address = make(.list, type: "PyList_Type")
    let capacity = max(items.count, 4)
    guard let storage = memory.allocate(Int(layout.words(capacity))) else { return 0 }
    store(UInt64(items.count), address + layout.size)
    store(storage, address + layout.listItems)
    store(UInt64(capacity), address + layout.listCapacity)
    for (index, item) in items.enumerated() { store(item, storage + layout.words(index)) }
    return address
  }

  /// The items of a tuple or list, as they lie in memory now.
  package func items(of address: UInt64) -> [UInt64]? {
    let layout = world.layout
    let count = load(address + layout.size)
    guard count < 1 << 20 else { return nil }
    let start: UInt64
    switch world.values[address] {
    case .tuple: start = address + layout.tupleItems
    case .list: start = load(address + layout.listItems)
    default: return nil
    }
    return (0..<count).map { load(start + $0 * layout.words(1)) }
  }

  package func value(of address: UInt64) -> PythonValue? { world.values[address] }

  package func text(of address: UInt64) -> Text? {
    if case .string(let text)? = world.values[address] { text } else { nil }
  }

  /// The C string at an address.
  func cString(_ address: UInt64) -> String {
    String(decoding: memory.cString(at: address) ?? [], as: UTF8.self)
  }

  func internString(_ text: Text) -> UInt64 {
    if let known = world.interned[text] { return known }
    let address = makeString(text)
    world.interned[text] = address
    return address
  }
}
