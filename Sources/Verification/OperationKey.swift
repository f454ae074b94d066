import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import Raising
import RuntimeModel

// What steps and objects are called where two modules are compared.
extension Raiser {
  /// An operation without addresses and numbers of names, which differ from module to module.
  func key(of operation: PythonOperation) -> String {
    switch operation {
    case .global(let name): "global \(symbols[name])"
    case .builtin(let name): "builtin \(symbols[name])"
    case .text(let text): "text \(symbols[text])"
    case .storeGlobal(let name): "storeGlobal \(symbols[name])"
    case .deleteGlobal(let name): "deleteGlobal \(symbols[name])"
    case .className(let name): "className \(symbols[name])"
    case .storeClassName(let name): "storeClassName \(symbols[name])"
    case .deleteClassName(let name): "deleteClassName \(symbols[name])"
    case .attribute(let name): "attribute \(symbols[name])"
    case .storeAttribute(let name): "storeAttribute \(symbols[name])"
    case .deleteAttribute(let name): "deleteAttribute \(symbols[name])"
    case .readUnbound(let name, let isFree): "readUnbound \(cText(at: name) ?? "") \(isFree)"
    case .importModule(let name, let level): "import \(symbols[name]) \(level)"
    case .importDotted(let name): "importDotted \(symbols[name])"
    case .importFrom(let name): "importFrom \(symbols[name])"
    case .classNamespace(let name): "classNamespace \(symbols[name])"
    case .makeClass(let name): "makeClass \(symbols[name])"
    case .callMethod(let name, let shape): "callMethod \(symbols[name]) \(key(of: shape))"
    case .call(let shape): "call \(key(of: shape))"
    case .scope(let type): "scope \(typeName(type))"
    case .cell(let field): "cell \(key(of: field))"
    case .storeCell(let field): "storeCell \(key(of: field))"
    case .deleteCell(let field): "deleteCell \(key(of: field))"
    case .generator: "generator"
    case .function(let definition, let flags): "function \(functionName(definition)) \(flags)"
    default: "\(operation)"
    }
  }

  private func key(of shape: CallShapeID) -> String {
    function[shape].arguments.map { argument in
      switch argument {
      case .positional: "_"
      case .starred: "*"
      case .keyword(let name): symbols[name]
      case .doubleStarred: "**"
      }
    }.joined(separator: ",")
  }

  private func key(of field: ScopeField) -> String { "\(typeName(field.type))+\(field.offset)" }

  /// The last component of the name of a static type.
  private func typeName(_ type: UInt64) -> String {
    guard let pointer = program.image.pointer(at: type &+ program.state.layout.typeName),
      let bytes = program.image.cString(at: pointer)
    else { return "?" }
    return Self.typeKey(String(decoding: bytes, as: UTF8.self))
  }

  /// A type's name without its module, and without the number of a closure's scope, which depends on the
  /// functions before it: `module.__pyx_scope_struct_3_outer` → `__pyx_scope_struct_outer`.
  private static func typeKey(_ name: String) -> String {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    let prefix = "__pyx_scope_struct_"
    guard last.hasPrefix(prefix) else { return last }
    return prefix + last.dropFirst(prefix.count).drop { $0.isNumber }.drop { $0 == "_" }
  }

  private func functionName(_ definition: UInt64) -> String {
    guard let pointer = program.word(at: definition),
      let bytes = program.image.cString(at: pointer)
    else { return "?" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A description of the object at an address that is the same in every module.
  func objectKey(_ address: UInt64, depth: Int = 0) -> String? {
    guard depth < 20 else { return nil }
    if let name = program.variable(at: address) { return Self.singletons[name] ?? "C \(name)" }
    guard let value = program.object(at: address) else { return nil }
    func list(_ items: [UInt64]?) -> String {
      (items ?? []).map { objectKey($0, depth: depth + 1) ?? "?" }.joined(separator: ", ")
    }
    switch value {
    case .none: return "None"
    case .boolean(let truth): return truth ? "True" : "False"
    case .tuple: return "tuple(\(list(program.state.items[address])))"
    case .list: return "list(\(list(program.state.items[address])))"
    case .set(let items): return "set(\(list(items)))"
    case .frozenSet(let items): return "frozenset(\(list(items)))"
    case .slice(let start, let stop, let step): return "slice(\(list([start, stop, step])))"
    case .dictionary(let entries):
      return "dict(\(list(entries.flatMap { [$0.key, $0.value] })))"
    case .code(let code): return "code \(code.name)"
    case .type(let name): return "type \(Self.typeKey(name))"
    case .string(let text): return text.string.map { "'\($0)'" } ?? "str \(text.codePoints)"
    case .moduleDictionary, .ellipsis, .notImplemented, .integer, .float, .complex, .bytes,
      .builtin,
      .module:
      return "\(value)"
    default: return nil
    }
  }

  private static let singletons = [
    "_Py_NoneStruct": "None", "_Py_TrueStruct": "True", "_Py_FalseStruct": "False",
  ]
}
