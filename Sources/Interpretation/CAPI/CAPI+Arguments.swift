import RuntimeModel

extension CAPI {
  /// What wrappers call while they take their arguments apart.
  static let arguments: [String: Model] = [
    "PyArg_ValidateKeywordArguments": { $0.finish(1) },
    "PyObject_Size": { machine in
      machine.finish(UInt64(machine.elements(of: machine.argument(0)).count))
    },
    // `_PyStack_AsDict(values, names)`
    "_PyStack_AsDict": { machine in
      let (values, names) = (machine.argument(0), machine.items(of: machine.argument(1)) ?? [])
      let dictionary = machine.makeDictionary([])
      for (index, name) in names.enumerated() {
        let place = values &+ machine.world.layout.words(index)
        machine.setItem(of: dictionary, name, machine.load(place))
      }
      machine.finish(dictionary)
    },
    "PyIter_Check": { $0.finish(1) },
    "PyCallable_Check": { $0.finish(1) },
  ]
}
