extension CAPI {
  /// What wrappers call while they take their arguments apart.
  static let arguments: [String: Model] = [
    "PyArg_ValidateKeywordArguments": { $0.finish(1) },
    "PyObject_Size": { machine in
      machine.finish(UInt64(machine.elements(of: machine.argument(0)).count))
    },
    "PyIter_Check": { $0.finish(1) },
    "PyCallable_Check": { $0.finish(1) },
  ]
}
