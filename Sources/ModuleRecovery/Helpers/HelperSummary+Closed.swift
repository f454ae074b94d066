extension HelperSummary {
  /// A helper that touches some things for certain, others perhaps, and nothing else.
  struct ClosedRule {
    let name: String
    let required: [String]
    let allowed: Set<String>
    /// How many arguments it may take; compilers drop those that are always the same.
    let parameters: ClosedRange<Int>

    init(
      _ name: String, _ parameters: ClosedRange<Int>, required: [String], allowed: Set<String>...
    ) {
      self.name = name
      self.parameters = parameters
      self.required = required
      self.allowed = allowed.reduce(into: Set(required).union(always)) { $0.formUnion($1) }
    }

    func holds(_ names: Set<String>) -> Bool {
      required.allSatisfy(names.contains)
        && names.allSatisfy { allowed.contains($0) || $0.hasPrefix("n:") }
        && parameters.contains { names.contains("n:\($0)") }
    }
  }

  /// Source: `ObjectHandling.c`, `Exceptions.c`, `StringTools.c` and `Coroutine.c` in `Cython/Utility`.
  static let closedRules: [ClosedRule] = callRules + exceptionRules + otherRules

  // MARK: Calls

  private static let callRules: [ClosedRule] = [
    // Where no vectorcall function takes an array, a tuple is made.
    ClosedRule(
      "__Pyx_PyObject_FastCallDict", 3...3,
      required: ["f:PyObject_Call", "f:PyTuple_New", "t:cython_function_or_method"],
      allowed: calling, functions),
    ClosedRule(
      "__Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict", 4...6,
      required: ["f:PyObject_Call", "f:PyTuple_New", "t:cython_function_or_method"],
      allowed: calling, functions),
    ClosedRule(
      "__Pyx_PyObject_FastCallMethod", 3...3,
      required: [
        "f:PyObject_GetAttr", "f:PyObject_Call", "f:PyTuple_New", "t:cython_function_or_method",
      ],
      allowed: calling, functions),
    ClosedRule(
      "__Pyx_PyObject_CallNoArg", 1...1, required: ["v:PyFunction_Type", "f:PyObject_Call"],
      allowed: calling, functions, frames),
    ClosedRule(
      "__Pyx_PyObject_CallOneArg", 2...2,
      required: ["v:PyFunction_Type", "f:PyObject_Call", "f:PyTuple_New", "v:PyCFunction_Type"],
      allowed: calling, functions, frames),
    ClosedRule(
      "__Pyx_PyObject_Call2Args", 3...3,
      required: ["v:PyFunction_Type", "f:PyEval_EvalFrameEx", "f:PyObject_Call", "f:PyTuple_New"],
      allowed: calling, functions, frames),
    ClosedRule(
      "__Pyx_PyFunction_FastCallDict", 3...4,
      required: ["f:PyEval_EvalCodeEx", "f:PyEval_EvalFrameEx", "f:PyFrame_New"],
      allowed: recursion, frames),
    ClosedRule(
      "__Pyx_PyObject_GetMethod", 3...4,
      required: [
        "f:PyObject_GetAttr", "f:PyErr_Format", "f:_PyObject_GetDictPtr", "f:_PyType_Lookup",
      ],
      allowed: [
        "f:PyErr_Clear", "f:PyType_Ready", "f:_PyDict_GetItem_KnownHash", "f:PyDict_GetItem",
        "f:PyDescr_IsData", "f:PyType_IsSubtype", "s:'%.200s' object has no attribute '%U'",
        "s:'%.50s' object has no attribute '%U'", "t:cython_function_or_method",
        "v:PyBaseObject_Type", "v:PyExc_AttributeError", "v:PyFunction_Type",
        "v:PyMethodDescr_Type", "v:PyMethod_Type", "v:PyObject_GenericGetAttr",
      ]),
  ]

  private static let recursion: Set<String> = [
    "f:Py_EnterRecursiveCall", "f:Py_LeaveRecursiveCall", "f:_Py_CheckRecursiveCall",
    "v:_Py_CheckRecursionLimit", "f:PyThreadState_Get", "s: while calling a Python object",
  ]
  private static let calling: Set<String> = recursion.union([
    "f:PyErr_Occurred", "f:PyErr_SetString", "v:PyExc_SystemError",
    "s:NULL result without error in PyObject_Call",
  ])
  private static let functions: Set<String> = [
    "t:cython_function_or_method", "v:PyBaseObject_Type", "v:PyCFunction_Type",
    "v:PyFunction_Type", "f:PyType_IsSubtype", "f:PyCallable_Check", "f:PyTuple_New",
    "f:_PyFunction_FastCallDict", "f:_PyFunction_Vectorcall", "f:_PyCFunction_FastCallDict",
    "f:_PyCFunction_FastCallKeywords", "f:_PyMethodDef_RawFastCallDict",
  ]
  private static let frames: Set<String> = [
    "f:PyEval_EvalCodeEx", "f:PyEval_EvalFrameEx", "f:PyFrame_New",
  ]
  private static let always: Set<String> = [
    "f:_Py_Dealloc", "f:_PyThreadState_UncheckedGet", "f:PyThreadState_GetUnchecked",
  ]

  // MARK: Exceptions

  private static let exceptionRules: [ClosedRule] = [
    ClosedRule(
      "__Pyx__GetException", 4...4,
      required: ["f:PyException_GetTraceback", "f:_Py_Dealloc"],
      allowed: ["f:PyErr_NormalizeException", "f:PyException_SetTraceback"]),
    ClosedRule(
      "__Pyx__ReturnWithStopIteration", 1...1,
      required: ["f:PyErr_SetObject", "v:PyExc_StopIteration"],
      allowed: ["f:PyObject_Call", "f:PyTuple_New", "f:PyException_SetTraceback"], calling),
    ClosedRule(
      "__Pyx_Raise", 1...6,
      required: [
        "s:raise: exception class must be a subclass of BaseException", "f:PyErr_SetObject",
      ],
      allowed: [
        "f:PyErr_Format", "f:PyException_SetTraceback", "f:PyException_SetCause", "f:PyErr_Fetch",
        "f:PyErr_Restore", "f:PyObject_IsSubclass", "f:PyObject_Call", "f:PyTuple_New",
        "f:PyTuple_Pack", "f:PyObject_CallObject", "f:PyObject_CallOneArg", "v:PyExc_TypeError",
        "f:PyObject_VectorcallDict", "v:PyTraceBack_Type", "v:_Py_NoneStruct",
        "s:calling %R should have returned an instance of BaseException, not %R",
        "s:instance exception may not have a separate value",
        "s:raise: arg 3 must be a traceback or None",
        "s:exception causes must derive from BaseException",
      ], calling, functions),
    // `__Pyx_PyErr_ExceptionMatchesInState` too, where a clone takes the exception instead of the state.
    ClosedRule(
      "__Pyx_PyErr_GivenExceptionMatches", 2...2,
      required: ["f:PyErr_GivenExceptionMatches", "v:PyBaseObject_Type"], allowed: []),
    ClosedRule(
      "__Pyx_IterFinish", 0...0, required: ["v:PyExc_StopIteration"], allowed: matching),
    ClosedRule(
      "__Pyx_IternextUnpackEndCheck", 1...6,
      required: [
        "v:PyExc_StopIteration", "v:PyExc_ValueError",
        "s:too many values to unpack (expected %zd)", "f:PyErr_Format",
      ],
      allowed: matching),
  ]

  private static let matching: Set<String> = [
    "f:PyErr_GivenExceptionMatches", "f:PyErr_ExceptionMatches", "f:PyErr_Occurred",
    "f:PyErr_Clear", "v:PyBaseObject_Type", "f:PyException_SetTraceback",
  ]

  // MARK: Others

  private static let otherRules: [ClosedRule] = [
    ClosedRule(
      "__Pyx_GetBuiltinName", 1...1,
      required: ["f:PyObject_GetOptionalAttr", "s:name '%U' is not defined", "v:PyExc_NameError"],
      allowed: ["f:PyErr_Format", "f:PyErr_Occurred"]),
    ClosedRule(
      "__Pyx__GetModuleGlobalName", 1...3,
      required: ["f:PyObject_GetOptionalAttr", "s:name '%U' is not defined", "v:PyExc_NameError"],
      allowed: [
        "f:PyErr_Format", "f:PyErr_Occurred", "f:PyErr_Clear", "f:PyDict_GetItem",
        "f:PyDict_GetItemWithError", "f:_PyDict_GetItem_KnownHash", "f:PyDict_GetItemRef",
        "f:PyErr_GivenExceptionMatches", "v:PyExc_Exception",
      ]),
    ClosedRule(
      "__Pyx_PyUnicode_Equals", 2...3,
      required: ["f:PyObject_RichCompare", "f:PyObject_IsTrue", "f:memcmp", "v:PyUnicode_Type"],
      allowed: [
        "f:_PyUnicode_Ready", "v:_Py_FalseStruct", "v:_Py_NoneStruct", "v:_Py_TrueStruct",
      ]),
    ClosedRule(
      "__Pyx_PyUnicode_From_Py_ssize_t", 4...4,
      required: [
        "f:PyUnicode_FromOrdinal", "f:PyUnicode_New", "s:0123456789abcdef0123456789ABCDEF",
      ],
      allowed: ["f:memset", "f:memcpy", "f:__stack_chk_fail"]),
    ClosedRule(
      "__Pyx_PyUnicode_Join", 4...4,
      required: ["s:join() result is too long for a Python string", "f:PyUnicode_New"],
      allowed: [
        "f:PyErr_SetString", "f:PyUnicode_CopyCharacters", "f:_PyUnicode_FastCopyCharacters",
        "f:memcpy", "f:_PyUnicode_Ready", "v:PyExc_OverflowError",
      ]),
  ]
}
