import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Calls that mean nothing in Python.
extension Raiser {
  /// `PyType_IsSubtype(Py_TYPE(f), &PyCFunction_Type)`, whose answer was pruned.
  func isInternalTypeTest(_ call: Instruction.ID, _ name: String) -> Bool {
    guard name == "PyType_IsSubtype", let type = function.argument(1, of: call),
      let address = function.constant(type)
    else { return false }
    return view.isInternalType(at: address) || program.variable(at: address) == "PyCFunction_Type"
  }

  /// `PyObject_HasAttr(v, "__set_name__")`, whose answer was pruned: a class body binds `v`.
  func asksForAnnouncement(_ call: Instruction.ID, _ name: String) -> Bool {
    name == "PyObject_HasAttr"
      && function.argument(1, of: call).flatMap { function.constant($0) }
        .flatMap { view.text(at: $0) } == "__set_name__"
  }

  /// Functions whose calls mean nothing once nobody reads what they return.
  static let unnoticed: Set<String> = [
    "Py_EnterRecursiveCall", "Py_LeaveRecursiveCall", "PyErr_Occurred",
    "_PyUnicode_Ready", "_Py_Dealloc", "PyObject_GC_UnTrack", "PyObject_GC_Track",
    "__Pyx__ArgTypeTest",
    "_PyDict_GetItem_KnownHash", "_PyThreadState_UncheckedGet", "PyThreadState_GetUnchecked",
    "PyThreadState_Get", "__Pyx_IterFinish", "__Pyx_AddTraceback", "PyIter_Check",
    "PyErr_SetExcInfo", "PyUnstable_Object_IsUniquelyReferenced",
    "__Pyx_ArgTypeTest", "PyUnstable_Object_EnableDeferredRefcount",
    "PyType_Modified", "PyVectorcall_Function",
  ]
}
