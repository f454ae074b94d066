import RuntimeModel

extension FunctionFeatures {
  /// The features that the function would have if it was built for CPython 3.11, as the functions of
  /// the table of fingerprints were; several, where they hang on what was compiled.
  ///
  /// Source: `Cython/Utility/*.c`, where they ask for `PY_VERSION_HEX`.
  func translated(from version: PythonVersion) -> [FunctionFeatures] {
    guard version != PythonVersion(3, 11) else { return [self] }
    var set = Set(names)
    if set.remove("f:_Py_CheckRecursiveCall") != nil {
      // Py_EnterRecursiveCall was a macro before CPython 3.9.
      set.subtract(["v:_Py_CheckRecursionLimit", "f:PyThreadState_Get"])
      set.formUnion(["f:Py_EnterRecursiveCall", "f:Py_LeaveRecursiveCall"])
    }
    for (name, old) in Self.renamed where set.remove(name) != nil { set.insert(old) }
    var variants = [set]
    for names in Self.optional where set.isDisjoint(with: names) {
      variants.append(set.union(names))
    }
    for names in Self.added where set.isSuperset(of: names) {
      variants.append(set.subtracting(names))
    }
    return variants.map { FunctionFeatures(names: $0.sorted()) }
  }

  /// What later versions call in place of what 3.11 does.
  private static let renamed = [
    ("f:PyThreadState_GetUnchecked", "f:_PyThreadState_UncheckedGet"),
    ("f:PyCMethod_New", "f:PyCFunction_NewEx"),
    ("f:PyUnicode_CopyCharacters", "f:_PyUnicode_FastCopyCharacters"),
    ("f:PyList_Extend", "f:_PyList_Extend"),
    ("f:PyDict_GetItem", "f:_PyDict_GetItem_KnownHash"),
  ]

  /// What only 3.11 and before touch: strings may not be ready before CPython 3.12.
  private static let optional: [Set<String>] = [["f:_PyUnicode_Ready"]]

  /// What only later versions touch: an exception's traceback is set apart since CPython 3.12.
  private static let added: [Set<String>] = [
    ["f:PyException_SetTraceback"], ["f:PyException_GetTraceback"],
    ["f:PyException_SetTraceback", "f:PyException_GetTraceback"],
  ]
}
