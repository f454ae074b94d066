import Basics
import BinaryFormats
package import Decompilation
import Interpretation
package import ModuleRecovery
import RuntimeModel

/// What Cython called the things of a module: functions, constants, static variables.
///
/// The names are those of Cython's generated C (`Cython/Compiler/Naming.py`), as far as the module
/// tells; letters that C does not know are escaped.
package struct ModuleNames {
  /// A thing that has a name.
  package struct Named: Sendable {
    package enum Kind: String, Sendable, Codable {
      case function, helper, importStub, constant, type, methodTable, variable
    }

    package let address: UInt64
    package let name: String
    package let kind: Kind
    /// What it is, in Python's terms.
    package let comment: String
    /// Where it ends, if that is known.
    package var end: UInt64?
  }

  /// An object that initialisation made.
  package struct Object: Sendable {
    package let name: String
    /// The object as a Python expression.
    package let text: String
  }

  /// The objects, by their addresses in the model of the process.
  package private(set) var objects: [UInt64: Object] = [:]
  /// The C name of the string constant with a text.
  package private(set) var strings: [String: String] = [:]
  /// The C functions of the module by their addresses.
  package private(set) var functions: [UInt64: Named] = [:]
  /// What lies in the module's memory, by address.
  package private(set) var data: [UInt64: Named] = [:]
  /// The functions of the source, in their order.
  package let catalogue: FunctionCatalogue
  /// The C name of each function of ``catalogue``.
  package private(set) var entryNames: [String] = []
  private var unique = UniqueNames()
  private let module: OpenedModule

  package init(_ module: OpenedModule, _ catalogue: FunctionCatalogue) {
    self.module = module
    self.catalogue = catalogue
    nameObjects()
    nameFunctions()
    nameHelpers()
    nameData()
  }

  // MARK: Objects

  private mutating func nameObjects() {
    for constant in ModuleInventory(module).constants {
      let name: String
      if case .string(let text)? = module.state.values[constant.address] {
        name = unique.claim(Self.stringName(text.string, constant.text))
        if let text = text.string, strings[text] == nil { strings[text] = name }
      } else {
        name = unique.claim(Self.name(ofKind: constant.kind, constant.text))
      }
      objects[constant.address] = Object(name: name, text: constant.text)
    }
    for address in module.state.codeObjects {
      guard case .code(let code)? = module.state.values[address] else { continue }
      let name = (code.qualifiedName ?? code.name).string ?? ""
      objects[address] = Object(
        name: unique.claim("__pyx_codeobj_" + CIdentifier.part(name)), text: "code of \(name)")
    }
  }

  /// `__pyx_n_s_` for what can be a name, `__pyx_kp_s_` for other text.
  private static func stringName(_ text: String?, _ literal: String) -> String {
    guard let text, !text.isEmpty,
      text.unicodeScalars.allSatisfy({ $0 == "_" || $0.properties.isXIDContinue })
    else {
      let words = CIdentifier.part(String(literal.dropFirst().dropLast()), limit: 200)
      return "__pyx_kp_s_" + Self.shortened(words)
    }
    return "__pyx_n_s_" + CIdentifier.part(text)
  }

  /// Escapes and their like say nothing in a name.
  private static func shortened(_ text: String) -> String {
    var result = ""
    for character in text.split(separator: "_").filter({ !$0.hasPrefix("x") || $0.count > 5 }) {
      guard result.count < 32 else { break }
      result += (result.isEmpty ? "" : "_") + character
    }
    return String(result.prefix(40))
  }

  private static func name(ofKind kind: String, _ text: String) -> String {
    switch kind {
    case "int":
      let digits = CIdentifier.part(text.replacing("-", with: "neg_"))
      return "__pyx_int_" + digits.prefix(40)
    case "float":
      let digits = text.replacing("-", with: "neg_").replacing("+", with: "")
      return "__pyx_float_" + CIdentifier.part(digits)
    case "bytes": return "__pyx_kp_b_" + shortened(CIdentifier.part(text, limit: 100))
    default: return "__pyx_\(kind)_"
    }
  }

  // MARK: Functions

  /// A name with the lengths of the scopes around it: `Class.method` → `6module_5Class_method`.
  private func mangled(_ name: String) -> String {
    let module = CIdentifier.part(self.module.state.definition.name)
    let path = name.split(separator: ".").map { part in
      CIdentifier.part(part == "<locals>" ? "locals" : part == "<lambda>" ? "lambda" : String(part))
    }
    let scopes = ([module] + path.dropLast()).map { "\($0.count)\($0)_" }.joined()
    return scopes + (path.last ?? "")
  }

  private mutating func nameFunctions() {
    let image = module.image
    func add(_ address: UInt64, _ name: String, _ comment: String, _ kind: Named.Kind = .function) {
      guard functions[address] == nil, image.isExecutable(address) else { return }
      functions[address] = Named(
        address: address, name: name, kind: kind, comment: comment,
        end: image.functionRange(containing: address).flatMap {
          $0.lowerBound == address ? $0.upperBound : nil
        })
    }
    let definition = module.state.definition.name
    for (name, address) in image.exports.sorted(by: { $0.key < $1.key })
    where image.isExecutable(address) {
      // Linkers export functions of their own, such as `_init`.
      if name.hasPrefix("PyInit") {
        add(address, CIdentifier.part(name), "the module's entry point")
      } else {
        add(address, CIdentifier.part(name), "exported by the file", .helper)
      }
    }
    for entry in catalogue.entries {
      if entry.name == "<module>" {
        let name = unique.claim("__pyx_pymod_exec_" + CIdentifier.part(definition))
        entryNames.append(name)
        add(module.state.definition.execute, name, "the module's own code")
        continue
      }
      let path = mangled(entry.name)
      let isGenerator = entry.isGenerator
      let name = unique.claim((isGenerator ? "__pyx_gb_" : "__pyx_pf_") + path)
      entryNames.append(name)
      if let wrapper = entry.wrapper {
        add(wrapper, unique.claim("__pyx_pw_" + path), entry.name)
      }
      if let body = entry.body, image.functionRange(containing: body)?.lowerBound == body {
        add(body, name, isGenerator ? "the body of \(entry.name)" : entry.name)
      }
    }
  }

  /// Other functions: helpers of Cython that are known, and those that are not.
  private mutating func nameHelpers() {
    let image = module.image
    for range in image.functionRanges where functions[range.lowerBound] == nil {
      let address = range.lowerBound
      guard image.isExecutable(address) else { continue }
      let symbol = image.symbols.first { $0.address == address && $0.isFunction }?.name
      let helper = module.program.helpers.name(of: address)
      let name: String
      var kind = Named.Kind.helper
      if let stub = module.program.importedFunction(at: address) {
        (name, kind) = (stub + "@plt", .importStub)
      } else {
        name =
          symbol ?? helper?.split(separator: "|").first.map(String.init) ?? Self.unknown(address)
      }
      let part =
        kind == .importStub
        ? "plt_" + CIdentifier.part(name.replacing("@plt", with: ""))
        : CIdentifier.part(name)
      functions[address] = Named(
        address: address, name: unique.claim(part), kind: kind,
        comment: helper == nil ? "" : "a helper of Cython's", end: range.upperBound)
    }
  }

  /// The name of a function of which nothing is known.
  package static func unknown(_ address: UInt64) -> String {
    "sub_" + String(address, radix: 16)
  }

  // MARK: Static variables

  private mutating func nameData() {
    let layout = module.state.layout
    let size = module.image.architecture.pointerSize
    var seen: Set<UInt64> = []
    for region in module.state.memory.sorted(by: { $0.address < $1.address })
    where module.image.segment(containing: region.address) != nil {
      for place in stride(from: 0, to: region.bytes.count - size + 1, by: size) {
        let address = region.address + UInt64(place)
        let word = region.bytes[place..<(place + size)].reversed()
          .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard word >= module.image.map.heap, let object = objects[word],
          seen.insert(word).inserted
        else { continue }
        data[address] = Named(
          address: address, name: object.name, kind: .constant, comment: object.text,
          end: address + UInt64(size))
      }
    }
    for entry in catalogue.entries {
      guard let definition = entry.definition else { continue }
      let name = unique.claim("__pyx_mdef_" + mangled(entry.name))
      data[definition] = Named(
        address: definition, name: name, kind: .methodTable, comment: entry.name,
        end: definition &+ layout.words(4))
    }
    for (address, value) in module.state.values.sorted(by: { $0.key < $1.key }) {
      guard case .type(let text) = value, module.image.segment(containing: address) != nil else {
        continue
      }
      let name = text.split(separator: ".").last.map(String.init) ?? text
      data[address] = Named(
        address: address, name: unique.claim("__pyx_type_" + CIdentifier.part(name)), kind: .type,
        comment: text)
    }
  }
}
