import RuntimeModel

extension CAPI {
  static let errors: [String: Model] = [
    "PyErr_Occurred": { $0.finish($0.error) },
    "PyErr_Clear": { $0.setError(0) },
    "PyErr_SetString": { $0.setError($0.argument(0)) },
    "PyErr_SetObject": { $0.setError($0.argument(0)) },
    "PyErr_SetNone": { $0.setError($0.argument(0)) },
    "PyErr_Format": { machine in
      machine.setError(machine.argument(0))
      machine.finish(0)
    },
    "PyErr_NoMemory": { $0.fail("MemoryError") },
    "PyErr_ExceptionMatches": { machine in
      machine.finish(machine.matches(machine.error, machine.argument(0)) ? 1 : 0)
    },
    "PyErr_GivenExceptionMatches": { machine in
      machine.finish(machine.matches(machine.argument(0), machine.argument(1)) ? 1 : 0)
    },
    "PyErr_Fetch": { machine in
      machine.store(machine.error, machine.argument(0))
      machine.store(0, machine.argument(1))
      machine.store(0, machine.argument(2))
      machine.setError(0)
    },
    "PyErr_Restore": { $0.setError($0.argument(0)) },
    "PyErr_WarnEx": { $0.finish(0) },
    "PyErr_WarnFormat": { $0.finish(0) },
    "PyErr_GetExcInfo": { machine in
      for index in 0..<3 { machine.store(0, machine.argument(index)) }
    },
    "PyErr_SetExcInfo": { _ in },
    "PyException_GetTraceback": { $0.finish(0) },
    "PyErr_WriteUnraisable": { $0.setError(0) },
  ]
}

extension Interpreter {
  /// Whether an error is of a type or of one of a tuple of types.
  fileprivate func matches(_ error: UInt64, _ type: UInt64) -> Bool {
    guard error != 0 else { return false }
    if error == type { return true }
    if let types = items(of: type) { return types.contains { matches(error, $0) } }
    switch world.values[type] {
    case .builtin("Exception")?, .builtin("BaseException")?: return true
    case .builtin("ImportError")?: return world.values[error] == .builtin("ModuleNotFoundError")
    default: return false
    }
  }
}
