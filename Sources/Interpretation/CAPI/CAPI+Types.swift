import Basics
import RuntimeModel

extension CAPI {
  static let types: [String: Model] = [
    "PyType_Ready": { machine in
      machine.makeReady(machine.argument(0))
      machine.finish(0)
    },
    "PyType_Modified": { $0.finish(0) },
    "PyType_IsSubtype": { machine in
      machine.finish(machine.isSubtype(machine.argument(0), machine.argument(1)) ? 1 : 0)
    },
    "PyType_FromSpec": { $0.finishType(spec: $0.argument(0), bases: 0) },
    "PyType_FromSpecWithBases": { $0.finishType(spec: $0.argument(0), bases: $0.argument(1)) },
    "PyType_FromModuleAndSpec": { $0.finishType(spec: $0.argument(1), bases: $0.argument(2)) },
    "PyType_FromMetaclass": { $0.finishType(spec: $0.argument(2), bases: $0.argument(3)) },
    "PyType_GetFlags": { machine in
      machine.finish(machine.load(machine.argument(0) &+ machine.world.layout.typeFlags))
    },
    "PyType_GetSlot": { $0.finish(0) },
    "PyObject_IsSubclass": { machine in
      machine.finish(machine.isSubtype(machine.argument(0), machine.argument(1)) ? 1 : 0)
    },
    "PyObject_IsInstance": { machine in
      let type = machine.load(machine.argument(0) &+ machine.world.layout.type)
      machine.finish(machine.isSubtype(type, machine.argument(1)) ? 1 : 0)
    },
    "PyCFunction_NewEx": { machine in
      machine.finish(
        machine.make(.builtinFunction(definition: machine.argument(0)), type: "PyCFunction_Type"))
    },
    "PyCMethod_New": { machine in
      machine.finish(
        machine.make(.builtinFunction(definition: machine.argument(0)), type: "PyCFunction_Type"))
    },
    "PyStaticMethod_New": {
      $0.finish($0.make(.opaque("staticmethod"), type: "PyStaticMethod_Type"))
    },
    "PyClassMethod_New": { $0.finish($0.make(.opaque("classmethod"), type: "PyClassMethod_Type")) },
    "PyDescr_NewClassMethod": {
      $0.finish($0.make(.opaque("classmethod"), type: "PyMethodDescr_Type"))
    },
    // What Cython adds to its types by itself before CPython 3.9.
    "PyDescr_NewGetSet": {
      $0.finish($0.make(.opaque("getset"), type: "PyGetSetDescr_Type"))
    },
    "PyDescr_NewMember": {
      $0.finish($0.make(.opaque("member"), type: "PyMemberDescr_Type"))
    },
    "PyMethod_New": { $0.finish($0.make(.opaque("method"), type: "PyMethod_Type")) },
  ]
}

extension Interpreter {
  /// What `PyType_Ready` leaves behind, as far as compiled code reads it.
  func makeReady(_ type: UInt64) {
    let layout = world.layout
    let flags = load(type &+ layout.typeFlags)
    store(flags | ObjectLayout.readyFlags, type &+ layout.typeFlags)
    if load(type &+ layout.type) == 0 {
      store(self.type(named: "PyType_Type"), type &+ layout.type)
    }
    if load(type &+ layout.typeBase) == 0 {
      store(self.type(named: "PyBaseObject_Type"), type &+ layout.typeBase)
    }
    fillAncestors(of: type)
    if load(type &+ layout.typeDict) == 0 { store(makeDictionary([]), type &+ layout.typeDict) }
    if world.values[type] == nil {
      world.values[type] = .type(cString(load(type &+ layout.typeName)))
    }
    world.readyTypes.append(type)
  }

  /// Fills `tp_bases` and `tp_mro`, which assertions ask for, of a type with one base.
  private func fillAncestors(of type: UInt64) {
    let layout = world.layout
    let base = load(type &+ layout.typeBase)
    if load(type &+ layout.typeBases) == 0 { store(makeTuple([base]), type &+ layout.typeBases) }
    guard load(type &+ layout.typeResolutionOrder) == 0 else { return }
    var order = [type]
    while let last = order.last, order.count < 64 {
      let next = load(last &+ layout.typeBase)
      guard next != 0 else { break }
      order.append(next)
    }
    store(makeTuple(order), type &+ layout.typeResolutionOrder)
  }

  func isSubtype(_ type: UInt64, _ base: UInt64) -> Bool {
    var current = type
    for _ in 0..<64 where current != 0 {
      if current == base { return true }
      current = load(current &+ world.layout.typeBase)
    }
    return base == self.type(named: "PyBaseObject_Type")
  }

  /// A heap type made from a `PyType_Spec`: name, size, item size, flags, slots.
  fileprivate func finishType(spec: UInt64, bases: UInt64) {
    let layout = world.layout
    guard let type = memory.allocate(layout.typeSize) else { return stop(.exhausted) }
    let name = load(spec)
    setReferences(of: type, to: 1)
    store(self.type(named: "PyType_Type"), type + layout.type)
    store(name, type + layout.typeName)
    store(memory.integer(at: spec &+ layout.words(1), size: 4) ?? 0, type + layout.typeBasicSize)
    let base = items(of: bases)?.first ?? bases
    store(base, type + layout.typeBase)
    // Subclasses of `type` and other builtins are marked like their bases.
    let inherited = base == 0 ? 0 : load(base &+ layout.typeFlags) & 0xFF00_0000
    let flags = (memory.integer(at: spec &+ layout.words(1) &+ 8, size: 4) ?? 0) | 1 << 9
    store(flags | inherited, type + layout.typeFlags)
    copySlots(from: load(spec &+ layout.words(1) &+ (layout.pointerSize == 8 ? 16 : 12)), to: type)
    makeReady(type)
    finish(type)
  }

  /// Copies the slots that tell the layout of instances.
  private func copySlots(from slots: UInt64, to type: UInt64) {
    // Numbers from CPython's Include/typeslots.h, places from its type object.
    let places: [UInt64: TypeSlot] = [
      50: .call, 51: .clear, 52: .deallocate, 58: .getAttribute, 64: .methods, 65: .new,
      70: .string, 71: .traverse, 73: .getSet,
    ]
    let layout = world.layout
    var slot = slots
    for _ in 0..<128 {
      guard let number = memory.integer(at: slot, size: 4), number != 0 else { return }
      if let place = places[number] {
        store(load(slot &+ layout.words(1)), type &+ layout.offset(of: place))
      }
      slot = slot &+ layout.words(2)
    }
  }
}
