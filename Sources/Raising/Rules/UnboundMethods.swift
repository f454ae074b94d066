import Basics
import BinaryFormats
import IR
import ModuleRecovery
import RuntimeModel
import Simplification

/// A method of a builtin type that is called on an object by way of the type.
package struct UnboundReceiver: Hashable {
  let object: Instruction.ID
  let method: String
}

extension Function {
  /// The objects that are handed to methods of builtin types: `dict.get(self, key)`.
  ///
  /// ```c
  /// if (self == Py_None)
  ///   PyErr_Format(PyExc_TypeError, "descriptor '%s' requires a '%s' object but received a 'NoneType'",
  ///                "get", "object");
  /// ```
  /// A method of an object has an `AttributeError` there (`_wrap_self_arg` in
  /// `Cython/Compiler/Optimize.py`, 0.29 to 3.3). The calls of the C functions behind are the same, and
  /// `self.get(key)` is another method if a class overrides it.
  func receiversOfUnboundMethods(
    _ facts: some ModuleFacts, _ program: Program
  ) -> Set<UnboundReceiver> {
    var result: Set<UnboundReceiver> = []
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self), let object = comparedWithNone(site, facts),
        let call = firstCall(of: site.target),
        callee(of: call, facts)?.name == "PyErr_Format",
        text(1, of: call, program)?.hasPrefix("descriptor '%s' requires a") == true,
        let method = text(2, of: call, program)
      else { continue }
      result.insert(UnboundReceiver(object: object, method: method))
    }
    return result
  }

  private func text(_ index: Int, of call: Instruction.ID, _ program: Program) -> String? {
    argument(index, of: call).flatMap { constant($0) }.flatMap { program.image.cString(at: $0) }
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Raiser {
  /// The builtin types whose methods C functions are, by how the functions' names begin.
  private static let types = [
    ("PyDict_", "dict"), ("PyList_", "list"), ("PySet_", "set"), ("PyUnicode_", "str"),
    ("PyBytes_", "bytes"), ("PyByteArray_", "bytearray"),
  ]

  /// Whether a method is called on an object by way of the object's type.
  func isTakenFromType(_ method: String, of object: Instruction.ID) -> Bool {
    unboundReceivers.contains {
      $0.method == method && function.resolve($0.object) == object
    }
  }

  /// The method that a C function is, as an attribute of its type; nil if that type is not known.
  func unboundMethod(_ call: Instruction.ID, _ method: String) -> Instruction.ID? {
    typeOfMethod(call).map { type in
      function.insert(
        .python(.attribute(symbols.intern(method))), [function.builtin(symbols.intern(type))],
        width: function.pointerSize, before: call)
    }
  }

  /// The builtin type whose method a call is; lookups that were inlined are in dicts.
  private func typeOfMethod(_ call: Instruction.ID) -> String? {
    if operation(call) == .item { return "dict" }
    guard let name = function.callee(of: call, view)?.name else { return nil }
    return Self.types.first { name.contains($0.0) }?.1
  }
}
