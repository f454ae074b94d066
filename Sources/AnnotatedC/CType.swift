import IR

/// The C types that values of a function have.
enum CType: Hashable {
  case object
  /// An integer of so many bytes.
  case integer(Int)
  case double

  var text: String {
    switch self {
    case .object: "PyObject *"
    case .integer(1): "signed char "
    case .integer(2): "short "
    case .integer(4): "int "
    case .integer: "Py_ssize_t "
    case .double: "double "
    }
  }

  /// The type where no name follows.
  var bare: String { String(text.reversed().drop { $0 == " " }.reversed()) }
}

/// A C expression, and what must be known of it to use it.
struct CExpression {
  var text: String
  var type: CType
  /// Whether it can stand beside any operator without parentheses.
  var isAtom = true

  /// The expression as an operand of an operator.
  var operand: String { isAtom ? text : "(\(text))" }

  /// The expression as a value of a type.
  func cast(to wanted: CType) -> CExpression {
    if wanted == type { return self }
    switch (type, wanted) {
    case (.double, .integer): return CExpression(text: "P_BITS(\(text))", type: wanted)
    case (.double, .object):
      return CExpression(text: "(PyObject *) P_BITS(\(text))", type: wanted, isAtom: false)
    case (_, .double):
      let bits = type == .object ? cast(to: .integer(8)) : self
      return CExpression(text: "P_DOUBLE(\(bits.text))", type: wanted)
    case (.integer, .object) where text == "0": return CExpression(text: "NULL", type: wanted)
    case (.object, .integer(let width)) where width < 8:
      return cast(to: .integer(8)).cast(to: wanted)
    case (.integer(let width), .object) where width < 8:
      return cast(to: .integer(8)).cast(to: wanted)
    // Comparisons and small constants need no cast.
    case (.integer(let width), .integer(let other))
    where width < other && (Int32(text) != nil || text == "NULL"):
      return CExpression(text: text, type: wanted, isAtom: isAtom)
    default:
      return CExpression(text: "(\(wanted.bare)) \(operand)", type: wanted, isAtom: false)
    }
  }
}

/// What the values of a function are.
struct ValueTypes {
  private var types: [Instruction.ID: CType] = [:]

  subscript(id: Instruction.ID) -> CType? { types[id] }

  mutating func set(_ type: CType, of id: Instruction.ID) { types[id] = type }
}

extension PythonOperation {
  /// What the operation's value is in C.
  var valueType: CType {
    switch self {
    case .compareTruth, .truth, .notTruth, .hasAttribute, .contains, .isInstance, .isSubclass,
      .isCallable, .tryBegin, .finallyBegin, .exceptMatch, .storeGlobal, .deleteGlobal,
      .storeClassName, .deleteClassName, .storeAttribute, .deleteAttribute, .storeItem, .deleteItem,
      .addEntry, .addItems, .addEntries, .appendToList, .addToSet, .addToDictionary, .raise,
      .failAssertion, .readUnbound, .clearError, .restoreHandled, .endHandled, .resume:
      .integer(4)
    case .unboxInteger, .hash, .length, .entryCount: .integer(8)
    case .unboxFloat: .double
    default: .object
    }
  }
}

extension Opcode {
  /// Whether the value is a floating-point number.
  var isFloat: Bool {
    switch self {
    case .floatAdd, .floatDivide, .floatMultiply, .floatSubtract, .floatNegate, .floatAbsolute,
      .floatSquareRoot, .integerToFloat, .floatToFloat, .floatCeiling, .floatFloor, .floatRound:
      true
    default: false
    }
  }

  /// Whether the operands are floating-point numbers.
  var readsFloats: Bool {
    switch self {
    case .floatEqual, .floatNotEqual, .floatLess, .floatLessOrEqual, .floatIsNaN, .floatAdd,
      .floatDivide, .floatMultiply, .floatSubtract, .floatNegate, .floatAbsolute, .floatSquareRoot,
      .floatToFloat, .floatToInteger, .floatCeiling, .floatFloor, .floatRound:
      true
    default: false
    }
  }
}
