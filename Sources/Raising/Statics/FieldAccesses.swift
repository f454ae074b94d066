import Basics
import IR
import ModuleRecovery
import RuntimeModel
import Simplification

// Attributes that are fields of C structures.
extension Raiser {
  /// Makes what is read from and stored into objects of extension types attributes.
  ///
  /// ```
  /// %5 = load %self + 24           %5 = attribute(queue) %self
  /// store %self + 40, %7     →     storeAttribute(text) %self, %7
  /// %9 = load.4 %self + 48         %8 = attribute(trace) %self
  ///                                %9 = truth %8
  /// ```
  /// C numbers become objects, as the attribute holds them in Python.
  func raiseFields() {
    guard program.hasExtensionTypes else { return }
    _ = sinkLoads(
      function.reversePostorder().flatMap { block in
        function[block].instructions.filter {
          function[$0].operation == .machine(.load) && field(of: $0, function.size($0)) != nil
        }
      })
    let read = readValues()
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        noteTypedCell(id)
        switch function[id].operation {
        case .machine(.load):
          if read.contains(id), let (object, field) = field(of: id, function.size(id)) {
            raiseLoad(id, object, field)
          }
        case .machine(.store):
          let width = function.size(function.operand(1, of: id))
          if let (object, field) = field(of: id, width) { raiseStore(id, object, field) }
        default: break
        }
      }
    }
    function.removeForwarded()
  }

  private func noteTypedCell(_ id: Instruction.ID) {
    guard case .storeCell(let field)? = operation(id),
      let type = extensionType(of: function.operand(0, of: id))
    else { return }
    program.extensionTypes.ofCells[field] = type
  }

  /// The extension type that an object is known to be of.
  func extensionType(of object: Instruction.ID) -> UInt64? {
    switch operation(object) {
    case .parameter(0)? where ownType != nil: return ownType
    case .parameter(let number)? where parameterTypes[Int(number)] != nil:
      return parameterTypes[Int(number)]
    case .cell(let field)?: return program.extensionTypes.ofCells[field]
    case .call?:
      // An object that the type itself makes.
      if let made = function.constant(function.operand(0, of: object)),
        program.extensionTypes.type(at: made) != nil
      {
        return made
      }
    default: break
    }
    return typedObjects[object] ?? typesOfValues[object]
  }

  /// The extension types for which the function tests its parameters, as a wrapper does before it hands
  /// them on.
  package var testedParameterTypes: [Int: UInt64] {
    var result: [Int: UInt64] = [:]
    for (object, type) in typedObjects {
      if case .parameter(let number)? = operation(object) { result[Int(number)] = type }
    }
    return result
  }

  private func field(
    of access: Instruction.ID, _ width: Int
  ) -> (object: Instruction.ID, field: ExtensionType.Field)? {
    let (object, offset) = function.offset(function.operand(0, of: access))
    guard let type = extensionType(of: object),
      let field = program.extensionTypes.field(at: offset, of: type)
    else { return nil }
    let size =
      switch field.kind {
      case .object: function.pointerSize
      case .truth: 4
      case .integer(let size): size
      case .double: 8
      }
    return size == width ? (object, field) : nil
  }

  private func raiseLoad(
    _ id: Instruction.ID, _ object: Instruction.ID, _ field: ExtensionType.Field
  ) {
    let name = symbols.intern(field.name)
    if field.kind == .object {
      become(id, .attribute(name), [object])
      plainReads.insert(id)
      if let type = field.type { typesOfValues[id] = type }
      return
    }
    let attribute = function.insert(
      .python(.attribute(name)), [object], width: function.pointerSize, before: id)
    plainReads.insert(attribute)
    switch field.kind {
    case .truth: become(id, .truth, [attribute])
    case .double: become(id, .unboxFloat, [attribute])
    default: become(id, .unboxInteger, [attribute])
    }
  }

  /// Takes what is read from C structures and variables away if nothing uses it any more: tests did that are
  /// gone.
  func removeUnreadPlainReads() {
    guard !plainReads.isEmpty else { return }
    let read = readValues()
    for block in function.reversePostorder() {
      for id in function[block].instructions where plainReads.contains(id) && !read.contains(id) {
        function.remove(id)
      }
    }
    function.removeDead(Self.isRemovable)
  }

  private func raiseStore(
    _ id: Instruction.ID, _ object: Instruction.ID, _ field: ExtensionType.Field
  ) {
    let value = function.operand(1, of: id)
    let boxed: Instruction.ID
    if field.kind == .object, let own = extensionType(of: object),
      let type = extensionType(of: value)
    {
      let (_, offset) = function.offset(function.operand(0, of: id))
      program.extensionTypes.setType(type, ofFieldAt: offset, of: own)
    }
    switch field.kind {
    case .object: boxed = value
    case .truth:
      boxed = function.insert(
        .python(.boxBoolean), [value], width: function.pointerSize, before: id)
    case .integer:
      boxed = function.insert(
        .python(.boxInteger), [value], width: function.pointerSize, before: id)
    case .double:
      boxed = function.insert(.python(.boxFloat), [value], width: function.pointerSize, before: id)
    }
    plainStores.insert(id)
    become(id, .storeAttribute(symbols.intern(field.name)), [object, boxed])
  }
}

extension Function {
  /// The objects whose type is compared with an extension type of the module: they are, or will be treated
  /// as, objects of that type (`__Pyx_TypeTest` in `Cython/Utility/ObjectHandling.c`).
  func objectsComparedWithTypes(
    _ types: ExtensionTypeTable
  ) -> [(object: Instruction.ID, type: UInt64)] {
    guard !types.isEmpty else { return [] }
    var result: [(object: Instruction.ID, type: UInt64)] = []
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      for (value, other) in [(left, right), (right, left)] {
        guard let type = constant(other), types.type(at: type) != nil,
          self[value].operation == .machine(.load), isWord(value)
        else { continue }
        let (object, offset) = offset(operand(0, of: value))
        if offset == layout.type { result.append((object, type)) }
      }
    }
    return result
  }
}
