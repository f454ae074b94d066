import RuntimeModel

extension CAPI {
  static let containers: [String: Model] = [
    "PyTuple_New": { machine in
      guard let count = machine.count(0) else { return machine.fail("SystemError") }
      machine.finish(machine.makeTuple(Array(repeating: 0, count: count)))
    },
    "PyTuple_Pack": { machine in
      guard let count = machine.count(0) else { return machine.fail("SystemError") }
      let items = (0..<count).map { machine.argument($0 + 1) }
      for item in items { machine.addReference(item) }
      machine.finish(machine.makeTuple(items))
    },
    "PyTuple_FromArray": { machine in
      guard let count = machine.count(1) else { return machine.fail("SystemError") }
      let items = (0..<count).map {
        machine.load(machine.argument(0) &+ machine.world.layout.words($0))
      }
      for item in items { machine.addReference(item) }
      machine.finish(machine.makeTuple(items))
    },
    "PyTuple_GetItem": { machine in
      let items = machine.items(of: machine.argument(0)) ?? []
      let index = Int(clamping: machine.signedArgument(1))
      guard items.indices.contains(index) else { return machine.fail("IndexError") }
      machine.finish(items[index])
    },
    "PyTuple_GetSlice": { machine in
      let items = machine.items(of: machine.argument(0)) ?? []
      let start = max(0, min(items.count, Int(clamping: machine.signedArgument(1))))
      let end = max(start, min(items.count, Int(clamping: machine.signedArgument(2))))
      for item in items[start..<end] { machine.addReference(item) }
      machine.finish(machine.makeTuple(Array(items[start..<end])))
    },
    "PyTuple_Size": { $0.finish($0.load($0.argument(0) &+ $0.world.layout.size)) },
    "PyList_New": { machine in
      guard let count = machine.count(0) else { return machine.fail("SystemError") }
      machine.finish(machine.makeList(Array(repeating: 0, count: count)))
    },
    "PyList_Append": { machine in
      let list = machine.argument(0)
      machine.addReference(machine.argument(1))
      machine.setItems(of: list, (machine.items(of: list) ?? []) + [machine.argument(1)])
      machine.finish(0)
    },
    "PyList_AsTuple": { machine in
      let items = machine.items(of: machine.argument(0)) ?? []
      for item in items { machine.addReference(item) }
      machine.finish(machine.makeTuple(items))
    },
    "PyList_SetSlice": { $0.finish(0) },
    "PyList_Sort": { $0.finish(0) },
    "PySequence_List": { machine in
      machine.finish(machine.makeList(machine.items(of: machine.argument(0)) ?? []))
    },
    "PySequence_Tuple": { machine in
      machine.finish(machine.makeTuple(machine.items(of: machine.argument(0)) ?? []))
    },
    "PySlice_New": { machine in
      let parts = (0..<3).map { index in
        let part = machine.argument(index)
        return part == 0 ? machine.none : part
      }
      for part in parts { machine.addReference(part) }
      machine.finish(
        machine.make(.slice(start: parts[0], stop: parts[1], step: parts[2]), type: "PySlice_Type"))
    },
    "PyFrozenSet_New": { machine in
      let items = machine.argument(0) == 0 ? [] : machine.elements(of: machine.argument(0))
      machine.finish(machine.make(.frozenSet(items), type: "PyFrozenSet_Type"))
    },
    "PySet_New": { machine in
      let items = machine.argument(0) == 0 ? [] : machine.elements(of: machine.argument(0))
      machine.finish(machine.make(.set(items), type: "PySet_Type"))
    },
    "PySet_Add": { machine in
      let set = machine.argument(0)
      machine.addReference(machine.argument(1))
      switch machine.value(of: set) {
      case .set(let items): machine.world.values[set] = .set(items + [machine.argument(1)])
      case .frozenSet(let items):
        machine.world.values[set] = .frozenSet(items + [machine.argument(1)])
      default: return machine.fail("SystemError")
      }
      machine.finish(0)
    },
    "PyMemoryView_FromMemory": { machine in
      guard let count = machine.count(1) else { return machine.fail("ValueError") }
      machine.finish(
        machine.make(
          .memoryView(address: machine.argument(0), count: count), type: "PyMemoryView_Type"))
    },
    "PyMemoryView_FromObject": { $0.finishNew($0.argument(0)) },
  ]
}

extension Interpreter {
  /// An argument that counts something; nil if it is out of bounds.
  func count(_ index: Int) -> Int? {
    let value = signedArgument(index)
    return value >= 0 && value < 1 << 24 ? Int(value) : nil
  }

  func setItems(of list: UInt64, _ items: [UInt64]) {
    let layout = world.layout
    var storage = load(list + layout.listItems)
    if load(list + layout.listCapacity) < UInt64(items.count) {
      guard let larger = memory.allocate(Int(layout.words(items.count * 2))) else {
        return stop(.exhausted)
      }
      storage = larger
      store(storage, list + layout.listItems)
      store(UInt64(items.count * 2), list + layout.listCapacity)
    }
    store(UInt64(items.count), list + layout.size)
    for (index, item) in items.enumerated() { store(item, storage + layout.words(index)) }
  }

  /// The elements of any container whose contents are known.
  func elements(of object: UInt64) -> [UInt64] {
    switch world.values[object] {
    case .set(let items), .frozenSet(let items): items
    case .dictionary(let entries): entries.map(\.key)
    default: items(of: object) ?? []
    }
  }
}
