import Basics
import RuntimeModel

extension CAPI {
  static let dictionaries: [String: Model] = [
    "PyDict_New": { $0.finish($0.makeDictionary([])) },
    "_PyDict_NewPresized": { $0.finish($0.makeDictionary([])) },
    "PyDict_Copy": { machine in
      machine.finish(machine.makeDictionary(machine.entries(of: machine.argument(0))))
    },
    "PyDict_SetItem": { machine in
      machine.setItem(of: machine.argument(0), machine.argument(1), machine.argument(2))
      machine.finish(0)
    },
    "_PyDict_SetItem_KnownHash": { machine in
      machine.setItem(of: machine.argument(0), machine.argument(1), machine.argument(2))
      machine.finish(0)
    },
    "PyDict_SetItemString": { machine in
      machine.noteModuleName()
      let key = machine.internString(Text(machine.cString(machine.argument(1))))
      machine.setItem(of: machine.argument(0), key, machine.argument(2))
      machine.finish(0)
    },
    "PyDict_GetItem": { $0.finish($0.item(of: $0.argument(0), $0.argument(1)) ?? 0) },
    "PyDict_GetItemWithError": { $0.finish($0.item(of: $0.argument(0), $0.argument(1)) ?? 0) },
    "_PyDict_GetItem_KnownHash": { $0.finish($0.item(of: $0.argument(0), $0.argument(1)) ?? 0) },
    "PyDict_GetItemString": { machine in
      let key = machine.internString(Text(machine.cString(machine.argument(1))))
      machine.finish(machine.item(of: machine.argument(0), key) ?? 0)
    },
    "PyDict_GetItemRef": { machine in
      machine.finishReference(machine.item(of: machine.argument(0), machine.argument(1)))
    },
    "PyDict_GetItemStringRef": { machine in
      let key = machine.internString(Text(machine.cString(machine.argument(1))))
      machine.finishReference(machine.item(of: machine.argument(0), key))
    },
    "PyDict_SetDefault": { machine in
      let (dictionary, key) = (machine.argument(0), machine.argument(1))
      if let known = machine.item(of: dictionary, key) { return machine.finish(known) }
      machine.setItem(of: dictionary, key, machine.argument(2))
      machine.finish(machine.argument(2))
    },
    "PyDict_SetDefaultRef": { machine in
      let (dictionary, key) = (machine.argument(0), machine.argument(1))
      let known = machine.item(of: dictionary, key)
      if known == nil { machine.setItem(of: dictionary, key, machine.argument(2)) }
      if machine.argument(3) != 0 {
        machine.addReference(known ?? machine.argument(2))
        machine.store(known ?? machine.argument(2), machine.argument(3))
      }
      machine.finish(known == nil ? 0 : 1)
    },
    "PyDict_Contains": { machine in
      machine.finish(machine.item(of: machine.argument(0), machine.argument(1)) == nil ? 0 : 1)
    },
    "PyDict_Size": { $0.finish(UInt64($0.entries(of: $0.argument(0)).count)) },
    "PyDict_DelItem": { machine in
      machine.removeItem(of: machine.argument(0), machine.argument(1))
      machine.finish(0)
    },
    "PyDict_Update": { machine in
      for entry in machine.entries(of: machine.argument(1)) {
        machine.setItem(of: machine.argument(0), entry.key, entry.value)
      }
      machine.finish(0)
    },
    "PyDict_Next": { $0.finishNextEntry() },
  ]
}

extension Interpreter {
  func makeDictionary(_ entries: [PythonValue.DictionaryEntry]) -> UInt64 {
    let address = make(.dictionary(entries), type: "PyDict_Type")
    store(UInt64(entries.count), address + world.layout.dictUsed)
    return address
  }

  func entries(of dictionary: UInt64) -> [PythonValue.DictionaryEntry] {
    if case .dictionary(let entries)? = world.values[dictionary] { entries } else { [] }
  }

  func item(of dictionary: UInt64, _ key: UInt64) -> UInt64? {
    if isExportTable(dictionary), let name = text(of: key)?.string {
      return exportedFunction(named: name)
    }
    return entries(of: dictionary).first { areEqual($0.key, key) }?.value
  }

  func setItem(of dictionary: UInt64, _ key: UInt64, _ value: UInt64) {
    addReference(value)
    // The dictionary of the module keeps no entries: nobody reads them before user code runs.
    guard case .dictionary(var entries)? = world.values[dictionary] else { return }
    if let index = entries.firstIndex(where: { areEqual($0.key, key) }) {
      entries[index].value = value
    } else {
      addReference(key)
      entries.append(PythonValue.DictionaryEntry(key: key, value: value))
    }
    setEntries(of: dictionary, entries)
  }

  func removeItem(of dictionary: UInt64, _ key: UInt64) {
    setEntries(of: dictionary, entries(of: dictionary).filter { !areEqual($0.key, key) })
  }

  private func setEntries(of dictionary: UInt64, _ entries: [PythonValue.DictionaryEntry]) {
    world.values[dictionary] = .dictionary(entries)
    store(UInt64(entries.count), dictionary + world.layout.dictUsed)
  }

  /// Whether two keys are equal: strings, numbers and tuples by value, the rest by identity.
  private func areEqual(_ left: UInt64, _ right: UInt64, depth: Int = 0) -> Bool {
    if left == right { return true }
    guard depth < 16, let a = world.values[left], let b = world.values[right] else { return false }
    switch (a, b) {
    case (.tuple, .tuple):
      let (first, second) = (items(of: left) ?? [], items(of: right) ?? [])
      return first.count == second.count
        && zip(first, second).allSatisfy { areEqual($0, $1, depth: depth + 1) }
    case (.string, .string), (.bytes, .bytes), (.integer, .integer), (.float, .float): return a == b
    default: return false
    }
  }

  fileprivate func finishReference(_ found: UInt64?) {
    if let found { addReference(found) }
    store(found ?? 0, argument(argumentOfReference))
    finish(found == nil ? 0 : 1)
  }

  private var argumentOfReference: Int { 2 }

  fileprivate func finishNextEntry() {
    let entries = entries(of: argument(0))
    let position = Int(clamping: load(argument(1)))
    guard position >= 0, position < entries.count else { return finish(0) }
    store(UInt64(position + 1), argument(1))
    if argument(2) != 0 { store(entries[position].key, argument(2)) }
    if argument(3) != 0 { store(entries[position].value, argument(3)) }
    finish(1)
  }
}
