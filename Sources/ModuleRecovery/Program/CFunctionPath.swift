import Basics
import BinaryFormats
import Interpretation
import RuntimeModel

/// What a C function is called in Python.
package struct CFunctionPath {
  /// The module that defines it.
  package let owner: Program
  /// Where its code starts.
  package let address: UInt64
  /// The extension type of which it is a method.
  package let type: ExtensionType?
  package let name: String
  /// The name with that of the type in front.
  package let text: String
  package let visibility: Visibility

  package enum Visibility {
    /// `cdef`: C code alone calls it.
    case hidden
    /// `cpdef`: Python calls it with so many positional arguments, if that is known.
    case visible(Int?)
  }
}

extension Program {
  /// How many objects the C function at an address uses, which calls of it give; nil if that is not known.
  ///
  /// Registers that it hands on to functions of which nothing is known say nothing.
  package func argumentCount(ofCFunction address: UInt64) -> Int? {
    if let known = argumentCounts[address] { return known }
    argumentCounts.merge(countParameters?(address) ?? [:]) { known, _ in known }
    return argumentCounts[address] ?? nil
  }

  /// The path of the C function at an address, if it tells its name in tracebacks.
  package func cFunctionPath(at address: UInt64) -> CFunctionPath? {
    if let foreign = foreignMethods[address] { return foreign }
    guard let text = helpers.ownPath(of: address) else { return nil }
    let parts = text.split(separator: ".").map(String.init)
    guard let name = parts.last, parts.count <= 2, !name.hasPrefix("__pyx_") else { return nil }
    var type: ExtensionType?
    if parts.count == 2 {
      type = extensionTypes.all.first { $0.name == parts[0] }
      if type == nil { return nil }
    }
    return CFunctionPath(
      owner: self, address: address, type: type, name: name, text: text,
      visibility: visibility(of: name, in: type))
  }

  private func visibility(of name: String, in type: ExtensionType?) -> CFunctionPath.Visibility {
    let table = type.map { word(at: $0.address &+ state.layout.typeMethods) ?? 0 }
    let own = type == nil ? 0 : 1
    guard let flags = methodFlags(of: name, in: table ?? state.definition.methods) else {
      // Function objects made by the module's own code are in no table.
      return argumentCounts(of: name).isEmpty
        ? .hidden : .visible(argumentCount(ofFunctionsNamed: name))
    }
    if flags & 0x4 != 0 { return .visible(own) }
    if flags & 0x8 != 0 { return .visible(own + 1) }
    return .visible(argumentCount(ofFunctionsNamed: name))
  }

  /// How many positional arguments functions of a name have, if it is the same for all.
  package func argumentCount(ofFunctionsNamed name: String) -> Int? {
    let counts = argumentCounts(of: name)
    return counts.count == 1 ? counts.first : nil
  }

  /// How many positional arguments the code objects of a name have.
  private func argumentCounts(of name: String) -> Set<Int> {
    var result: Set<Int> = []
    for address in state.codeObjects {
      guard case .code(let code)? = state.values[address], code.name.string == name else {
        continue
      }
      result.insert(code.argumentCount)
    }
    return result
  }

  /// The flags of a method in a table of `PyMethodDef`s.
  private func methodFlags(of name: String, in table: UInt64) -> UInt64? {
    guard table != 0 else { return nil }
    let layout = state.layout
    for index in 0..<1024 {
      let entry = table &+ layout.words(4 * index)
      guard let pointer = word(at: entry), pointer != 0, let bytes = image.cString(at: pointer)
      else { return nil }
      if String(decoding: bytes, as: UTF8.self) == name {
        return state.word(at: entry &+ layout.methodFlags, size: 4)
          ?? image.integer(at: entry &+ layout.methodFlags, size: 4)
      }
    }
    return nil
  }
}
