/// Helpers that a few of their features tell for certain, whatever else compilers put into them.
///
/// A fingerprint is of all features; a compiler that inlines another callee changes it. Some features,
/// such as the text of an error, belong to one helper only. The program's own functions share them when
/// they call the helper, and are told apart by the tracebacks that they write.
enum HelperSummary {
  private struct Rule {
    let name: String
    let required: [String]
    var forbidden: [String] = []
  }

  /// The helper that has these features; nil if they do not tell.
  static func name(of features: FunctionFeatures) -> String? {
    let names = Set(features.names)
    guard !names.contains("f:PyTraceBack_Here") else { return nil }
    if let rule = closedRules.first(where: { $0.holds(names) }) { return rule.name }
    if isFastCall(names) {
      return names.contains("n:3")
        ? "__Pyx_PyObject_FastCallDict" : "__Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict"
    }
    return rules.first { rule in
      rule.required.allSatisfy(names.contains) && !rule.forbidden.contains(where: names.contains)
    }?.name
  }

  private static let metaclassConflict =
    "s:metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass"
    + " of the metaclasses of all its bases"

  /// Source: `Cython/Utility/ImportExport.c`, `ObjectHandling.c` and `CythonFunction.c`.
  private static let rules: [Rule] = [
    Rule(
      name: "__Pyx_ImportFrom", required: ["s:cannot import name %S", "f:PyObject_GetAttr"],
      forbidden: ["f:PyImport_ImportModuleLevelObject"]),
    Rule(
      name: "__Pyx_MergeKeywords",
      required: [
        "s:%s() got multiple values for keyword argument '%U'", "f:PyDict_Contains",
        "f:PyDict_SetItem", "f:PyDict_Next", "n:2",
      ],
      forbidden: [
        "s:%s() got an unexpected keyword argument '%U'", "s:%.200s() keywords must be strings",
      ]),
    Rule(
      name: "__Pyx__Import",
      required: [
        "f:PyImport_ImportModuleLevelObject", "f:PyImport_GetModule", "f:PyUnicode_FindChar",
      ],
      forbidden: ["s:cannot import name %S"]),
    Rule(
      name: "__Pyx_ImportDottedModule",
      required: ["f:PyImport_ImportModuleLevelObject", "f:PyImport_GetModule", "o:__spec__"],
      forbidden: ["s:cannot import name %S"]),
    Rule(
      name: "__pyx_import_star",
      required: [
        "s:from-import-* object has no __dict__ and no __all__", "f:PyDict_New", "f:PyDict_Items",
      ]),
    Rule(name: "__Pyx_PEP560_update_bases", required: ["o:__mro_entries__"]),
    Rule(
      name: "__Pyx_Py3MetaclassPrepare",
      required: ["o:__prepare__", "o:__module__", "o:__qualname__"]),
    Rule(
      name: "__Pyx_Py3ClassCreate", required: [metaclassConflict, "f:PyObject_VectorcallDict"],
      forbidden: ["o:__prepare__"]),
    Rule(
      name: "__Pyx_CalculateMetaclass", required: [metaclassConflict, "n:2"],
      forbidden: ["f:PyObject_VectorcallDict", "f:PyObject_Call", "f:PyDict_New"]),
    Rule(
      name: "__Pyx_CyFunction_New",
      required: ["s:Bad call flags for CyFunction", "f:PyObject_GC_Track"]),
    Rule(
      name: "__Pyx__GetModuleGlobalName",
      required: ["s:name '%U' is not defined", "f:_PyDict_GetItem_KnownHash"]),
    // Generators call it on their way to a traceback.
    Rule(
      name: "__Pyx_Generator_Replace_StopIteration",
      required: ["s:generator raised StopIteration"]),
    Rule(
      name: "__Pyx_Generator_Replace_StopIteration",
      required: ["s:async generator raised StopIteration"]),
  ]

  /// Whether this calls an object with an array of arguments and does nothing else.
  private static func isFastCall(_ names: Set<String>) -> Bool {
    names.contains("f:PyObject_VectorcallDict") && names.contains("t:cython_function_or_method")
      && names.isSubset(of: fastCallNames)
  }

  private static let fastCallNames: Set<String> = [
    "f:PyCallable_Check", "f:PyErr_Occurred", "f:PyErr_SetString", "f:PyObject_Call",
    "f:PyObject_VectorcallDict",
    "f:PyVectorcall_Function", "f:Py_EnterRecursiveCall", "f:Py_LeaveRecursiveCall",
    "f:PyType_IsSubtype", "n:3", "n:4", "n:5", "n:6", "s: while calling a Python object",
    "s:NULL result without error in PyObject_Call", "t:cython_function_or_method",
    "v:PyBaseObject_Type", "v:PyCFunction_Type", "v:PyExc_SystemError",
  ]
}
