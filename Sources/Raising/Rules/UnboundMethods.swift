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
  /// The type, where the code says it.
  let type: String?
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
  ///
  /// `list.pop(self)` has the `AttributeError`, too, but is told by what is missing: the method of an
  /// object that nobody declared a list asks whether it is one, and not for `None`.
  func receiversOfUnboundMethods(
    _ facts: some ModuleFacts, _ program: Program
  ) -> Set<UnboundReceiver> {
    var result: Set<UnboundReceiver> = []
    var tested: Set<Instruction.ID> = []
    var popped: Set<Instruction.ID> = []
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self) else { continue }
      if let (object, types) = exactTypes(site.condition, facts), types.contains("PyList_Type") {
        tested.insert(object)
      }
      guard let object = comparedWithNone(site, facts),
        let (call, previous) = firstCall(from: site.target, comingFrom: block),
        callee(of: call, facts)?.name == "PyErr_Format",
        let format = text(1, of: call, from: previous, program),
        let method = text(2, of: call, from: previous, program)
      else { continue }
      if format.hasPrefix("descriptor '%s' requires a") {
        let type = text(3, of: call, from: previous, program)
        result.insert(
          UnboundReceiver(object: object, method: method, type: type.flatMap(Self.builtinType)))
      } else if method == "pop", format.hasPrefix("'NoneType' object has no attribute"),
        case .python(.parameter) = self[object].operation
      {
        popped.insert(object)
      }
    }
    for object in popped.subtracting(tested) {
      result.insert(UnboundReceiver(object: object, method: "pop", type: "list"))
    }
    return result
  }

  /// The name of a builtin type, by what Cython calls it in messages.
  private static func builtinType(_ name: String) -> String? {
    switch name {
    case "object": nil
    case "unicode": "str"
    default: name
    }
  }

  /// The first call on a way without branches, and the block before the one that it stands in.
  ///
  /// Compilers merge the calls that raise errors; what differs is chosen where the ways meet.
  private func firstCall(
    from start: Block.ID, comingFrom previous: Block.ID
  ) -> (call: Instruction.ID, previous: Block.ID)? {
    var (block, previous) = (start, previous)
    for _ in 0..<4 {
      if let call = firstCall(of: block) { return (call, previous) }
      guard case .jump(let next) = self[block].terminator else { return nil }
      (block, previous) = (next, block)
    }
    return nil
  }

  /// The C string that an argument is, where control comes from a block.
  private func text(
    _ index: Int, of call: Instruction.ID, from previous: Block.ID, _ program: Program
  ) -> String? {
    guard var value = argument(index, of: call) else { return nil }
    if isPhi(value), let block = self[value].block, block == self[call].block,
      let position = self[block].predecessors.firstIndex(of: previous)
    {
      value = operand(position, of: value)
    }
    return constant(value).flatMap { program.image.cString(at: $0) }
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
    unboundReceivers.contains { $0.method == method && function.resolve($0.object) == object }
  }

  /// The type whose method is called on an object, where the code names one and no other.
  private func typeOfReceiver(_ method: String, _ object: Instruction.ID) -> String? {
    let found = unboundReceivers.filter {
      $0.method == method && function.resolve($0.object) == object
    }
    let types = Set(found.map(\.type))
    return types.count == 1 ? types.first ?? nil : nil
  }

  /// The method that a C function is, as an attribute of its type; nil if that type is not known.
  func unboundMethod(
    _ call: Instruction.ID, _ method: String, of object: Instruction.ID
  ) -> Instruction.ID? {
    (typeOfReceiver(method, object) ?? typeOfMethod(call)).map { type in
      function.insert(
        .python(.attribute(symbols.intern(method))), [function.builtin(symbols.intern(type))],
        width: function.pointerSize, before: call)
    }
  }

  /// The builtin type whose method a call is; lookups that were inlined are in dicts.
  private func typeOfMethod(_ call: Instruction.ID) -> String? {
    if operation(call) == .item { return "dict" }
    guard let name = function.callee(of: call, view)?.name else { return nil }
    if name.hasPrefix("__Pyx__CallUnboundCMethod") {
      return function.argument(0, of: call).flatMap { function.constant($0) }
        .flatMap { program.word(at: $0) }.flatMap { program.variable(at: $0) }
        .flatMap { variable in Self.types.first { variable == $0.0 + "Type" }?.1 }
    }
    return Self.types.first { name.contains($0.0) }?.1
  }
}
