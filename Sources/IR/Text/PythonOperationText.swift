import Basics

/// The textual form of Python operations: `name` or `name(part, …)`.
///
/// Parts are numbers, quoted names and words, in the order of the case's values.
struct PythonOperationText {
  var symbols: SymbolTable

  /// Operations that carry nothing but themselves.
  private static let simple: [String: PythonOperation] = {
    let operations: [PythonOperation] = [
      .runGenerator, .yield, .yieldFrom, .item, .storeItem, .deleteItem, .slice, .truth, .notTruth,
      .hasAttribute, .contains, .isInstance, .isSubclass, .isCallable, .boxInteger, .boxFloat,
      .boxBoolean, .unboxInteger, .unboxFloat, .hash, .length, .tuple, .list, .set, .dictionary,
      .starred, .joinedString, .iterator, .next, .addEntry, .addEntries, .appendToList, .addToSet,
      .addToDictionary, .raise, .failAssertion, .tryBegin, .exceptMatch, .functionDefaults,
      .metaclass,
    ]
    var result: [String: PythonOperation] = [:]
    for operation in operations { result["\(operation)"] = operation }
    return result
  }()

  /// Operations that carry a name.
  private static let named: [String: @Sendable (Symbol) -> PythonOperation] = [
    "global": { .global($0) }, "builtin": { .builtin($0) }, "text": { .text($0) },
    "storeGlobal": { .storeGlobal($0) }, "deleteGlobal": { .deleteGlobal($0) },
    "className": { .className($0) }, "storeClassName": { .storeClassName($0) },
    "deleteClassName": { .deleteClassName($0) }, "attribute": { .attribute($0) },
    "storeAttribute": { .storeAttribute($0) },
    "deleteAttribute": { .deleteAttribute($0) },
    "importDotted": { .importDotted($0) }, "importFrom": { .importFrom($0) },
    "classNamespace": { .classNamespace($0) }, "makeClass": { .makeClass($0) },
  ]

  // MARK: Writing

  func write(_ operation: PythonOperation, _ function: borrowing Function) -> String {
    guard let parts = parts(operation, function) else { return "\(operation)" }
    let name = "\(operation)".prefix { $0 != "(" }
    return "\(name)(\(parts.joined(separator: ", ")))"
  }

  /// What an operation carries; nil if that is nothing.
  private func parts(_ operation: PythonOperation, _ function: borrowing Function) -> [String]? {
    switch operation {
    case .global(let name), .builtin(let name), .text(let name), .storeGlobal(let name),
      .deleteGlobal(let name), .className(let name), .storeClassName(let name),
      .deleteClassName(let name),
      .attribute(let name), .storeAttribute(let name), .deleteAttribute(let name),
      .importDotted(let name), .importFrom(let name), .classNamespace(let name),
      .makeClass(let name):
      [quoted(name)]
    case .parameter(let number), .element(let number): ["\(number)"]
    case .scope(let type): ["\(type)"]
    case .cell(let field), .storeCell(let field), .deleteCell(let field):
      ["\(field.type)", "\(field.offset)"]
    case .generator(let body, let kind): ["\(body)", "\(kind)"]
    case .binary(let op, let inPlace): ["\(op)", "\(inPlace)"]
    case .unary(let op): ["\(op)"]
    case .compare(let comparison), .compareTruth(let comparison): ["\(comparison)"]
    case .format(let conversion): ["\(conversion)"]
    case .call(let shape): arguments(function[shape])
    case .callMethod(let name, let shape): [quoted(name)] + arguments(function[shape])
    case .unpack(let before, let after, let isStarred): ["\(before)", "\(after)", "\(isStarred)"]
    case .importModule(let name, let level): [quoted(name), "\(level)"]
    case .readUnbound(let name, let isFree): ["\(name)", "\(isFree)"]
    case .function(let definition, let flags): ["\(definition)", "\(flags)"]
    default: nil
    }
  }

  private func arguments(_ shape: CallShape) -> [String] {
    shape.arguments.map { argument in
      switch argument {
      case .positional: "_"
      case .starred: "*"
      case .doubleStarred: "**"
      case .keyword(let name): quoted(name)
      }
    }
  }

  private func quoted(_ name: Symbol) -> String {
    var text = ""
    for scalar in symbols[name].unicodeScalars {
      let isPlain =
        scalar.value > 0x20 && scalar.value < 0x7F && !"'\\,()".unicodeScalars.contains(scalar)
      text += isPlain ? String(scalar) : "\\{\(String(scalar.value, radix: 16))}"
    }
    return "'\(text)'"
  }

  // MARK: Reading

  /// Reads what ``write(_:_:)`` wrote; nil if it is anything else.
  mutating func read(_ text: String, _ function: inout Function) -> PythonOperation? {
    guard let open = text.firstIndex(of: "(") else { return Self.simple[text] }
    guard text.last == ")" else { return nil }
    let name = String(text[..<open])
    let inside = text[text.index(after: open)...].dropLast()
    let parts = inside.split(separator: ",").map { String($0.drop { $0 == " " }) }
    if let make = Self.named[name], parts.count == 1 { return symbol(parts[0]).map(make) }
    return readNumbers(name, parts) ?? readWords(name, parts) ?? readCall(name, parts, &function)
  }

  private func readNumbers(_ name: String, _ parts: [String]) -> PythonOperation? {
    let numbers = parts.compactMap { UInt64($0) }
    guard numbers.count == parts.count else { return nil }
    switch (name, numbers.count) {
    case ("parameter", 1): return UInt16(exactly: numbers[0]).map { .parameter($0) }
    case ("element", 1): return UInt16(exactly: numbers[0]).map { .element($0) }
    case ("scope", 1): return .scope(type: numbers[0])
    case ("cell", 2): return .cell(ScopeField(type: numbers[0], offset: numbers[1]))
    case ("storeCell", 2): return .storeCell(ScopeField(type: numbers[0], offset: numbers[1]))
    case ("deleteCell", 2): return .deleteCell(ScopeField(type: numbers[0], offset: numbers[1]))
    case ("function", 2):
      return UInt8(exactly: numbers[1]).map { .function(definition: numbers[0], flags: $0) }
    default: return nil
    }
  }

  private mutating func readWords(_ name: String, _ parts: [String]) -> PythonOperation? {
    switch (name, parts.count) {
    case ("generator", 2):
      let kinds: [GeneratorKind] = [.generator, .coroutine, .asyncGenerator]
      guard let body = UInt64(parts[0]), let kind = kinds.first(where: { "\($0)" == parts[1] })
      else { return nil }
      return .generator(body: body, kind: kind)
    case ("binary", 2):
      guard let op: BinaryOperator = word(parts[0]), let inPlace = Bool(parts[1]) else {
        return nil
      }
      return .binary(op, inPlace: inPlace)
    case ("unary", 1): return word(parts[0]).map { .unary($0) }
    case ("compare", 1): return word(parts[0]).map { .compare($0) }
    case ("compareTruth", 1): return word(parts[0]).map { .compareTruth($0) }
    case ("format", 1): return word(parts[0]).map { .format($0) }
    case ("unpack", 3):
      guard let before = UInt16(parts[0]), let after = UInt16(parts[1]),
        let isStarred = Bool(parts[2])
      else { return nil }
      return .unpack(before: before, after: after, isStarred: isStarred)
    case ("importModule", 2):
      guard let name = symbol(parts[0]), let level = Int16(parts[1]) else { return nil }
      return .importModule(name, level: level)
    case ("readUnbound", 2):
      guard let name = UInt64(parts[0]), let isFree = Bool(parts[1]) else { return nil }
      return .readUnbound(name: name, isFree: isFree)
    default: return nil
    }
  }

  private mutating func readCall(
    _ name: String, _ parts: [String], _ function: inout Function
  ) -> PythonOperation? {
    var parts = parts[...]
    var method: Symbol?
    if name == "callMethod" {
      guard let first = parts.popFirst(), let symbol = symbol(first) else { return nil }
      method = symbol
    } else if name != "call" {
      return nil
    }
    var arguments: [CallShape.Argument] = []
    for part in parts {
      switch part {
      case "_": arguments.append(.positional)
      case "*": arguments.append(.starred)
      case "**": arguments.append(.doubleStarred)
      default:
        guard let name = symbol(part) else { return nil }
        arguments.append(.keyword(name))
      }
    }
    let shape = function.appendShape(CallShape(arguments))
    return method.map { .callMethod($0, shape) } ?? .call(shape)
  }

  /// A case of an enumeration by its name.
  private func word<Word: RawRepresentable>(_ text: String) -> Word? where Word.RawValue == UInt8 {
    for value in 0..<UInt8(32) {
      if let word = Word(rawValue: value), "\(word)" == text { return word }
    }
    return nil
  }

  private mutating func symbol(_ text: String) -> Symbol? {
    guard text.count >= 2, text.first == "'", text.last == "'" else { return nil }
    var name = ""
    var rest = text.dropFirst().dropLast()
    while let character = rest.popFirst() {
      guard character == "\\" else {
        name.append(character)
        continue
      }
      guard rest.popFirst() == "{", let end = rest.firstIndex(of: "}"),
        let scalar = UInt32(rest[..<end], radix: 16).flatMap(Unicode.Scalar.init)
      else { return nil }
      name.unicodeScalars.append(scalar)
      rest = rest[rest.index(after: end)...]
    }
    return symbols.intern(name)
  }
}
