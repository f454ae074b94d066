import Basics
import IR
import RuntimeModel

extension BranchRule {
  /// A text that is put together with another one is no `None`; if it is, the same operator says so.
  ///
  /// ```c
  /// a == Py_None || b == Py_None ? PyNumber_Add(a, b) : PyUnicode_Concat(a, b)
  /// ```
  /// becomes the second call (`__Pyx_PyUnicode_ConcatSafe` in `Cython/Utility/StringTools.c`).
  package static let concatenation = BranchRule("concatenation") { site, function, context in
    guard let object = function.comparedWithNone(site, context.facts),
      let general = function.firstCall(of: site.target),
      let name = function.callee(of: general, context.facts)?.name,
      let texts = textFunctions[name],
      let call = function.textCall(from: site.otherTarget, texts, context.facts),
      let left = function.argument(0, of: general), let right = function.argument(1, of: general),
      let first = function.leftText(of: call, context.facts),
      let second = function.argument(1, of: call),
      function.isSame(left, first, ifNone: object, context.facts),
      function.isSame(right, second, ifNone: object, context.facts),
      first == object || second == object
    else { return nil }
    return site.formHolds(false)
  }

  /// Texts are ready, as whatever makes them leaves them.
  ///
  /// ```c
  /// if (!PyUnicode_IS_READY(s)) _PyUnicode_Ready(s)
  /// ```
  /// CPython had the bit from 3.3 to 3.11, the highest of the first byte.
  package static let readyText = BranchRule("ready-text") { site, function, _ in
    guard function.layout.version < PythonVersion(3, 12) else { return nil }
    switch site.condition.form {
    case .less(let state, let zero)
    where function.isTextState(state) && function.constant(zero) == 0:
      return site.formHolds(true)
    case .lessOrEqual(let zero, let state)
    where function.isTextState(state) && function.constant(zero) == 0:
      return site.formHolds(false)
    default: return nil
    }
  }

  /// Where texts are split, `None` is what stands for any space.
  ///
  /// ```c
  /// PyUnicode_Split(s, separator == Py_None ? NULL : separator, -1)
  /// ```
  /// becomes a call with the separator itself (`__Pyx_NoneAsNull`).
  package static let noneSeparator = BranchRule("none-separator") { site, function, context in
    guard let object = function.comparedWithNone(site, context.facts),
      let call = function.firstCall(behind: site.target),
      function.callee(of: call, context.facts)?.name == "PyUnicode_Split",
      let separator = function.argument(1, of: call),
      function.isNullOr(object, separator)
    else { return nil }
    return site.formHolds(false)
  }

  /// A text starts or ends with any of the texts in a tuple, too, if it is asked that way.
  ///
  /// ```c
  /// if (PyTuple_Check(part)) for (…) PyUnicode_Tailmatch(s, PyTuple_GET_ITEM(part, i), …);
  /// else PyUnicode_Tailmatch(s, part, …);
  /// ```
  /// becomes the last call (`__Pyx_PyUnicode_Tailmatch` in `Cython/Utility/StringTools.c`).
  package static let tailMatch = BranchRule("tail-match") { site, function, context in
    guard let value = site.valueComparedWithNull(in: function),
      let (object, bits) = function.testedTypeFlags(value),
      bits == ObjectLayout.subclassFlags["PyTuple_Type"],
      let call = function.firstCall(behind: site.target),
      function.callee(of: call, context.facts)?.name == "PyUnicode_Tailmatch",
      function.argument(1, of: call) == object
    else { return nil }
    return site.formHolds(true)
  }

  /// The general operators, and the functions for texts that do the same.
  static let textFunctions: [String: Set<String>] = [
    "PyNumber_Add": ["PyUnicode_Concat"],
    "PyNumber_InPlaceAdd": ["__Pyx_PyUnicode_ConcatInPlaceImpl", "PyUnicode_Concat"],
    "PyNumber_Remainder": ["PyUnicode_Format"],
    "PyNumber_InPlaceRemainder": ["PyUnicode_Format"],
  ]
}

extension Function {
  /// The first call in a block, or in the one that follows on it if it makes none.
  fileprivate func firstCall(behind block: Block.ID) -> Instruction.ID? {
    if let call = firstCall(of: block) { return call }
    guard case .jump(let next) = self[block].terminator else { return nil }
    return firstCall(of: next)
  }

  /// Whether a value is null on one way and an object on the other.
  fileprivate func isNullOr(_ object: Instruction.ID, _ value: Instruction.ID) -> Bool {
    guard isPhi(value), operandCount(of: value) == 2 else { return false }
    let (first, second) = (operand(0, of: value), operand(1, of: value))
    return first == object && constant(second) == 0 || second == object && constant(first) == 0
  }

  /// Whether a value is the first byte of a text's state.
  fileprivate func isTextState(_ id: Instruction.ID) -> Bool {
    isLoad(id, at: layout.textState) && size(id) == 1
  }

  /// The first call behind tests for `None`, if it is one of a function with one of some names.
  fileprivate func textCall(
    from start: Block.ID, _ names: Set<String>, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    var block = start
    for _ in 0..<16 {
      if let call = self[block].instructions.first(where: { self[$0].operation == .call }) {
        return callee(of: call, facts).map { names.contains($0.name) } == true ? call : nil
      }
      if case .jump(let next) = self[block].terminator {
        block = next
      } else if let site = BranchSite(block, in: self), comparedWithNone(site, facts) != nil {
        block = site.otherTarget
      } else if let site = BranchSite(block, in: self), comparesTexts(site) {
        block = site.target
      } else {
        return nil
      }
    }
    return nil
  }

  /// The first text that a function works on; one that works in place gets a pointer to it.
  fileprivate func leftText(
    of call: Instruction.ID, _ facts: any ModuleFacts
  ) -> Instruction.ID? {
    let isInPlace = callee(of: call, facts)?.name == "__Pyx_PyUnicode_ConcatInPlaceImpl"
    return argument(isInPlace ? 2 : 0, of: call)
  }

  /// Whether two values are the same where an object is `None`.
  fileprivate func isSame(
    _ value: Instruction.ID, _ other: Instruction.ID, ifNone object: Instruction.ID,
    _ facts: any ModuleFacts
  ) -> Bool {
    value == other || other == object && variable(value, facts) == "_Py_NoneStruct"
  }
}
