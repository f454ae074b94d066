package import IR
package import RuntimeModel

/// What passes ask of the module around a function.
package protocol ModuleFacts: ProgramFacts {
  /// The C function at an address: an imported one, or a helper of Cython's that was identified.
  func callee(at address: UInt64) -> CFunction?

  /// Whether the function at an address is imported, so that it keeps to the calling convention.
  func isImported(_ address: UInt64) -> Bool

  /// What stands for `__Pyx_AddTraceback` where compilers inlined it; nil if tracebacks are not written.
  var inlinedTraceback: UInt64? { get }

  /// What stands for `__Pyx_GetException` where compilers inlined it; nil if nothing normalises
  /// exceptions.
  var inlinedCatch: UInt64? { get }

  /// What stands for `__Pyx_PyUnicode_From_Py_ssize_t` where compilers inlined it; nil if no text is made.
  var inlinedNumberText: UInt64? { get }

  /// What stands for `__Pyx__PyObject_Ord` where compilers inlined it; nil if no types are compared.
  var inlinedOrd: UInt64? { get }

  /// What stands for `__Pyx_CalculateMetaclass` where compilers inlined it; nil if no types are compared.
  var inlinedMetaclass: UInt64? { get }

  /// What stands for a function that takes slices, such as `PyList_GetSlice`, where compilers inlined it; nil
  /// if nothing makes such objects.
  func inlinedSlice(_ name: String) -> UInt64?

  /// Where `None` lies; nil if the module does not refer to it.
  var none: UInt64? { get }

  /// Whether something of the module lies at an address; scopes lie elsewhere.
  func isMapped(_ address: UInt64) -> Bool

  /// The name of the imported variable that lies at an address, such as `_Py_NoneStruct`.
  func variable(at address: UInt64) -> String?

  /// The text of the string object at an address.
  func text(at address: UInt64) -> String?

  /// The C string at an address.
  func cText(at address: UInt64) -> String?

  /// Whether the object at an address is the empty tuple.
  func isEmptyTuple(at address: UInt64) -> Bool

  /// The number that the object at an address is, if it is an `int` that a C integer holds.
  func integer(at address: UInt64) -> Int64?

  /// Whether the function at an address can say that an operation does not take its operands.
  func raisesUnsupportedOperands(_ address: UInt64) -> Bool

  /// Whether a type of CPython's or the module's lies at an address, imported or not.
  func isType(at address: UInt64) -> Bool

  /// Whether a type lies at an address that Cython made for its own functions and generators.
  func isInternalType(at address: UInt64) -> Bool

  /// Whether a type lies at an address that the source defines.
  func isExtensionType(at address: UInt64) -> Bool

  /// The name of the method, if at an address Cython keeps a method of a builtin type that it looks up
  /// once: `__Pyx_CachedCFunction` in `Cython/Utility/ObjectHandling.c`.
  func unboundMethod(at address: UInt64) -> String?

  /// Where fields of CPython's objects lie.
  var layout: ObjectLayout { get }

  /// Where the module's dictionary counts its changes, before CPython 3.12.
  var dictionaryVersion: UInt64 { get }
}

extension ModuleFacts {
  package func isExtensionType(at address: UInt64) -> Bool { false }
  package func inlinedSlice(_ name: String) -> UInt64? { nil }
  package func isEmptyTuple(at address: UInt64) -> Bool { false }
  package var inlinedMetaclass: UInt64? { nil }
  package var none: UInt64? { nil }
  package func cText(at address: UInt64) -> String? { nil }
  package func integer(at address: UInt64) -> Int64? { nil }
  package func raisesUnsupportedOperands(_ address: UInt64) -> Bool { false }
}

extension Function {
  /// The C function that a call calls, if it is a known one.
  package func callee(of call: Instruction.ID, _ facts: some ModuleFacts) -> CFunction? {
    guard self[call].operation == .call, let target = constant(operand(0, of: call)) else {
      return nil
    }
    return facts.callee(at: target)
  }

  /// The argument of a call at a position, if the call has that many.
  package func argument(_ index: Int, of call: Instruction.ID) -> Instruction.ID? {
    index + 1 < operandCount(of: call) ? operand(index + 1, of: call) : nil
  }

  /// The name of the imported variable whose address a value is.
  package func variable(_ id: Instruction.ID, _ facts: some ModuleFacts) -> String? {
    constant(id).flatMap { facts.variable(at: $0) }
  }
}
