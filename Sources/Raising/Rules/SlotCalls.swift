import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

// Calls through the slots of types.
extension Raiser {
  /// A call through a slot of an operand's type.
  ///
  /// ```c
  /// Py_TYPE(o)->tp_getattro(o, n)     →     o.n
  /// ```
  func raiseSlotCall(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    let target = function.operand(0, of: call)
    if let type = arguments.first, function[target].operation == .machine(.load) {
      let place = function.operand(0, of: target)
      if isSlot(place, .new, of: type) { return callNew(call, type, arguments) }
    }
    guard let object = arguments.first,
      let path = slotOfKnownType(target, of: object) ?? slotPath(target, arguments)
    else { return false }
    guard path.object == object else { return false }
    let layout = function.layout
    guard let slot = path.offsets.first.flatMap({ layout.slot(at: $0) }) else { return false }
    switch (slot, path.offsets.dropFirst()) {
    case (.getAttribute, []): return getAttribute(call, arguments)
    case (.setAttribute, []): return setAttribute(call, arguments)
    case (.call, []):
      return arguments.count >= 3 && raiseCall(call, object, arguments[1], arguments[2])
    case (.iterateNext, []): return become(call, .next, [object])
    case (.iterate, []): return become(call, .iterator, [object])
    // am_aiter, in the order of `PyAsyncMethods`.
    case (.asynchronousMethods, [layout.words(1)]): return become(call, .asyncIterator, [object])
    case (.mappingMethods, [layout.words(1)]):
      return arguments.count >= 2 && become(call, .item, [object, arguments[1]])
    case (.numberMethods, [layout.integerSlot]):
      return becomeMethodCall(call, object, "__int__", [])
    case (.numberMethods, [layout.floatSlot]):
      return convertToFloat(call, object)
    // sq_item, whose index is not counted from the end.
    case (.sequenceMethods, [layout.words(3)]):
      guard arguments.count >= 2, let index = integer(arguments[1]), index >= 0 else {
        return false
      }
      return become(call, .item, [object, boxed(arguments[1], before: call)])
    case (.mappingMethods, [layout.words(2)]):
      guard arguments.count >= 3 else { return false }
      return isNull(arguments[2])
        ? become(call, .deleteItem, [object, arguments[1]])
        : become(call, .storeItem, [object, arguments[1], arguments[2]])
    default: return false
    }
  }

  /// Whether an address is that of a type's slot; the type may be known.
  private func isSlot(_ place: Instruction.ID, _ slot: TypeSlot, of type: Instruction.ID) -> Bool {
    let (base, offset) = function.offset(place)
    if base == type { return function.layout.slot(at: offset) == slot }
    guard let address = function.constant(place), let start = function.constant(type) else {
      return false
    }
    return function.layout.slot(at: address &- start) == slot
  }

  /// `type->tp_new(type, args, NULL)` → `type.__new__(type, *args)` (`__Pyx_tp_new` in
  /// `Cython/Utility/ObjectHandling.c`); of `frozenset` without arguments `__Pyx_PyFrozenSet_New` asks so
  /// (`Cython/Utility/Builtins.c`).
  private func callNew(
    _ call: Instruction.ID, _ type: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> Bool {
    guard arguments.count >= 3, isNull(arguments[2]) else { return false }
    let items: [Instruction.ID]
    if case .tuple? = operation(arguments[1]) {
      items = function.operands(of: arguments[1])
    } else if case .tuple? = object(arguments[1]), let tuple = function.constant(arguments[1]),
      program.state.items[tuple]?.isEmpty == true
    {
      items = []
    } else {
      return false
    }
    if items.isEmpty, function.variable(type, view) == "PyFrozenSet_Type" {
      return becomeBuiltinCall(call, "frozenset", [])
    }
    return becomeMethodCall(call, type, "__new__", [type] + items)
  }

  /// The slot of an object's type that is called, if the type's address is known.
  private func slotOfKnownType(
    _ target: Instruction.ID, of object: Instruction.ID
  ) -> (object: Instruction.ID, offsets: [UInt64])? {
    let layout = function.layout
    guard function[target].operation == .machine(.load),
      let place = function.constant(function.operand(0, of: target)),
      let address = function.constant(object),
      let type = program.constant(at: address &+ layout.type, size: layout.pointerSize),
      layout.slot(at: place &- type) != nil
    else { return nil }
    return (object, [place &- type])
  }

  /// Whether a value is the call of `type` for an object whose type was loaded.
  private func isType(_ id: Instruction.ID, loadedAs type: Instruction.ID) -> Bool {
    guard case .call? = operation(id),
      case .builtin(let name)? = operation(function.operand(0, of: id)), symbols[name] == "type",
      function.isLoad(type, at: function.layout.type)
    else { return false }
    return function.operand(1, of: id) == function.offset(function.operand(0, of: type)).base
  }

  /// The operand, and the offsets of the slots of its type, through which a function was found.
  private func slotPath(
    _ target: Instruction.ID, _ arguments: [Instruction.ID]
  ) -> (object: Instruction.ID, offsets: [UInt64])? {
    let layout = function.layout
    var id = target
    var offsets: [UInt64] = []
    while function[id].operation == .machine(.load), offsets.count < 4 {
      let place = function.operand(0, of: id)
      if let address = function.constant(place) {
        // The slot of a builtin type, which was asked for before.
        guard let slot = slotOfBuiltinType(at: address), let object = arguments.first else {
          return nil
        }
        return (object, [slot] + offsets)
      }
      let (base, offset) = function.offset(place)
      if offset == layout.type, !offsets.isEmpty {
        if arguments.contains(base) { return (base, offsets) }
        if let object = arguments.first, isType(object, loadedAs: base) { return (object, offsets) }
      }
      offsets.insert(offset, at: 0)
      id = base
    }
    return nil
  }

  /// The offset of the slot of a type of CPython's that lies at an address.
  private func slotOfBuiltinType(at address: UInt64) -> UInt64? {
    let layout = function.layout
    return [TypeSlot.numberMethods, .sequenceMethods, .mappingMethods].map(layout.offset(of:)).first
    {
      view.variable(at: address &- $0)?.hasSuffix("_Type") == true
    }
  }
}
