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

  enum Arguments {
    /// So many objects in registers.
    case fixed([String])
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
      Identifiers.isValid(path.name), program.optionalArgumentsIndex(ofCFunction: address) == nil,
      let count = program.argumentCount(ofCFunction: address)
    else { return nil }
    let own = path.type == nil ? [] : ["self"]
    let others = (own.count..<max(count, own.count)).map(ParameterNames.placeholder)
    self.init(
      name: path.text, address: address, type: path.type?.address, parameters: .fixed(own + others),
      result: .unknown)
  }
}
