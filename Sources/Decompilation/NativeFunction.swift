import ModuleRecovery
import PythonSyntax
import Simplification

/// A function that C code calls without a function object: a special method in a slot of its type, or one
/// that is declared with `cdef`.
struct NativeFunction {
  /// The qualified name.
  let name: String
  /// Where its code starts.
  let address: UInt64
  /// The extension type of which it is a method.
  let type: UInt64?
  let parameters: Arguments
  let result: NativeResult
  /// Whether it is declared with `cdef`, and no special method.
  var isHidden = false

  enum Arguments {
    /// So many objects in registers.
    case fixed([String])
    /// So many objects, and those in a structure of optional ones, as far as their defaults are known.
    case optional([String], defaults: [UInt64?])
    /// A tuple and a dict behind the receiver.
    case packed
  }

  /// The last part of the name.
  var lastName: String { name.split(separator: ".").last.map(String.init) ?? name }
}

extension NativeFunction {
  /// The `cdef` function at an address; nil if it is none, or does not tell its name or its parameters.
  ///
  /// What parameters are called is not kept; the first one of a method is the object.
  init?(hiddenAt address: UInt64, _ program: Program) {
    guard let path = program.cFunctionPath(at: address), case .hidden = path.visibility,
      Identifiers.isValid(path.name)
    else { return nil }
    let optional = program.optionalArguments(ofCFunction: address)
    // Of numbers among them nothing is read but that they are there.
    let defaults = optional?.defaults ?? []
    guard let count = optional?.index ?? program.argumentCount(ofCFunction: address) else {
      return nil
    }
    let own = path.type == nil ? [] : ["self"]
    let others = (own.count..<max(count + defaults.count, own.count)).map(
      ParameterNames.placeholder)
    self.init(
      name: path.text, address: address, type: path.type?.address,
      parameters: optional?.defaults == nil
        ? .fixed(own + others) : .optional(own + others, defaults: defaults),
      result: .unknown, isHidden: true)
  }
}
