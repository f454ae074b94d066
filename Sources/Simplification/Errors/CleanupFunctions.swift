package import IR
import RuntimeModel

/// C functions that run between an error and its traceback without meaning of their own.
enum CleanupFunctions {
  /// Deallocation, and the raising of errors that an operation of Python implies: unbound names,
  /// wrong numbers of values, `None` where an object was needed.
  private static let names: Set<String> = [
    "_Py_Dealloc", "PyErr_Format", "PyErr_SetString", "PyErr_NoMemory", "PyErr_Clear",
    "PyErr_Occurred", "Py_LeaveRecursiveCall", "PyErr_ExceptionMatches",
    "__Pyx_PyErr_ExceptionMatchesInState", "PyErr_GivenExceptionMatches",
    "__Pyx_PyErr_GivenExceptionMatches", "_PyThreadState_UncheckedGet", "PyErr_SetExcInfo",
    "__Pyx_RaiseTooManyValuesError", "__Pyx_RaiseNeedMoreValuesError",
    "__Pyx_RaiseNoneNotIterableError", "__Pyx_RaiseUnboundLocalError",
    "__Pyx_RaiseClosureNameError", "__Pyx_RaiseArgtupleInvalid", "__Pyx_RaiseKeywordRequired",
    "__Pyx_RaiseDoubleKeywordsError", "__Pyx_RaiseUnexpectedTypeError", "__Pyx_IterFinish",
    "__Pyx_UnpackTupleError", "__Pyx_IternextUnpackEndCheck",
    "__Pyx_Generator_Replace_StopIteration", "_PyThreadState_UncheckedGet",
    "PyThreadState_GetUnchecked", "PyThreadState_Get",
  ]

  /// Whether a step may stand between an error and its traceback or handler.
  static func isQuiet(
    _ id: Instruction.ID, _ function: borrowing Function, _ facts: some ModuleFacts
  ) -> Bool {
    switch function[id].operation {
    case .call:
      guard let name = function.callee(of: id, facts)?.name else { return false }
      return contains(name, call: id, function, facts)
    case .python(.restoreHandled), .python(.held): return true
    case .python: return false
    default: return true
    }
  }

  /// Functions that set an error, other than a failed assertion's.
  private static let setters: Set<String> = [
    "PyErr_Format", "PyErr_SetString", "PyErr_NoMemory", "__Pyx_RaiseTooManyValuesError",
    "__Pyx_RaiseNeedMoreValuesError", "__Pyx_RaiseNoneNotIterableError",
    "__Pyx_RaiseUnboundLocalError", "__Pyx_RaiseClosureNameError", "__Pyx_RaiseArgtupleInvalid",
    "__Pyx_RaiseUnexpectedTypeError", "__Pyx_UnpackTupleError",
  ]

  /// Whether a function raises an exception as a statement of the source does.
  static func raises(_ name: String) -> Bool {
    ["__Pyx_Raise", "PyErr_SetObject", "PyErr_SetNone"].contains(name)
  }

  /// Whether a call sets an error that no statement of the source raises.
  static func setsError(
    _ call: Instruction.ID, _ function: borrowing Function, _ facts: some ModuleFacts
  ) -> Bool {
    function.callee(of: call, facts).map { setters.contains($0.name) } ?? false
  }

  /// Whether a tuple holds a key that a dict lacks, which is a tuple itself.
  ///
  /// `__Pyx_PyDict_GetItem` in `Cython/Utility/ObjectHandling.c`, where it was inlined.
  private static func isMissingKey(
    _ tuple: Instruction.ID, _ function: borrowing Function, _ facts: some ModuleFacts
  ) -> Bool {
    guard var block = function[tuple].block else { return false }
    for _ in 0..<4 {
      for id in function[block].instructions
      where function.callee(of: id, facts)?.name == "PyErr_SetObject" {
        guard let type = function.argument(0, of: id) else { return false }
        return function.argument(1, of: id) == tuple
          && function.exceptionName(type, facts) == "PyExc_KeyError"
      }
      if case .jump(let next) = function[block].terminator {
        block = next
      } else if let (tested, null, other) = function.nullTest(at: block), tested == tuple,
        null != other
      {
        block = other
      } else {
        return false
      }
    }
    return false
  }

  static func contains(
    _ name: String, call: Instruction.ID, _ function: borrowing Function, _ facts: some ModuleFacts
  ) -> Bool {
    if names.contains(name) { return true }
    if name == "PyTuple_Pack" { return isMissingKey(call, function, facts) }
    // An assertion that fails is a statement; a missing key belongs to a subscript. What has the type of
    // an object was raised by a statement.
    guard name == "PyErr_SetObject", let type = function.argument(0, of: call) else { return false }
    if let exception = function.exceptionName(type, facts) {
      return exception != "PyExc_AssertionError"
    }
    guard function[type].operation == .machine(.load) else { return false }
    let (object, distance) = function.offset(function.operand(0, of: type))
    // A class is no instance of an exception, whatever asks for that.
    return distance == function.layout.type && function.exceptionName(object, facts) != nil
  }
}

extension Function {
  /// The name of the variable that holds an exception type, if a value is read from one.
  package func exceptionName(_ id: Instruction.ID, _ facts: some ModuleFacts) -> String? {
    guard self[id].operation == .machine(.load) else { return variable(id, facts) }
    return variable(operand(0, of: id), facts)
  }
}
