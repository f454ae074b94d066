/// A slot of `PyTypeObject` (`Include/cpython/object.h`), numbered by its place in pointers.
package enum TypeSlot: Int, Sendable {
  case deallocate = 6
  case vectorcallOffset = 7
  case getAttributeByText = 8
  case setAttributeByText = 9
  case asynchronousMethods = 10
  case representation = 11
  case numberMethods = 12
  case sequenceMethods = 13
  case mappingMethods = 14
  case hash = 15
  case call = 16
  case string = 17
  case getAttribute = 18
  case setAttribute = 19
  case bufferMethods = 20
  case flags = 21
  case documentation = 22
  case traverse = 23
  case clear = 24
  case richCompare = 25
  case weakReferencesOffset = 26
  case iterate = 27
  case iterateNext = 28
  case methods = 29
  case members = 30
  case getSet = 31
  case base = 32
  case dictionary = 33
  case getDescriptor = 34
  case setDescriptor = 35
  case dictionaryOffset = 36
  case initialize = 37
  case allocate = 38
  case new = 39
  case free = 40
  case isGarbage = 41
  case bases = 42
  case resolutionOrder = 43
  case cache = 44
  case subclasses = 45
  case weakReferences = 46
  case delete = 47
  case versionTag = 48
  case finalize = 49
  case vectorcall = 50

  /// Whether the slot points at a table of further slots.
  package var isTable: Bool {
    switch self {
    case .numberMethods, .sequenceMethods, .mappingMethods, .asynchronousMethods: true
    default: false
    }
  }

  /// How many parameters the function in the slot has, where that is of use.
  package var parameterCount: Int? {
    switch self {
    case .deallocate, .representation, .hash, .string, .iterate, .iterateNext: 1
    case .getAttribute, .allocate: 2
    case .call, .setAttribute, .richCompare, .getDescriptor, .setDescriptor, .initialize, .new: 3
    default: nil
    }
  }
}
