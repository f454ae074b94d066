import Basics
import IR

/// How a Python operation is written in C: a macro, and what stands among its arguments beside the
/// operands.
struct OperationMacro {
  let name: String
  /// What stands before the operands.
  var leading: [String] = []
  /// What stands behind them.
  var trailing: [String] = []
  /// How many operands stand before ``leading``.
  var ahead = 0
}

extension OperationMacro {
  /// The macro of an operation; nil for those that are written in another way.
  ///
  /// - Parameters:
  ///   - operation: the operation.
  ///   - name: what C calls the string of a name.
  init?(_ operation: PythonOperation, name: (Basics.Symbol) -> String) {
    switch operation {
    case .global(let symbol): self.init(name: "PY_GLOBAL", leading: [name(symbol)])
    case .text(let symbol): self.init(name: "PY_TEXT", leading: [name(symbol)])
    case .storeGlobal(let symbol): self.init(name: "PY_SET_GLOBAL", leading: [name(symbol)])
    case .deleteGlobal(let symbol): self.init(name: "PY_DEL_GLOBAL", leading: [name(symbol)])
    case .className(let symbol):
      self.init(name: "PY_CLASS_NAME", leading: [name(symbol)], ahead: 1)
    case .storeClassName(let symbol):
      self.init(name: "PY_SET_NAME", leading: [name(symbol)], ahead: 1)
    case .deleteClassName(let symbol):
      self.init(name: "PY_DEL_NAME", leading: [name(symbol)], ahead: 1)
    case .attribute(let symbol): self.init(name: "PY_ATTR", leading: [name(symbol)], ahead: 1)
    case .storeAttribute(let symbol):
      self.init(name: "PY_SET_ATTR", leading: [name(symbol)], ahead: 1)
    case .deleteAttribute(let symbol):
      self.init(name: "PY_DEL_ATTR", leading: [name(symbol)], ahead: 1)
    case .binary(let op, inPlace: false): self.init(name: "PY_" + op.macro)
    case .binary(let op, inPlace: true): self.init(name: "PY_IN_PLACE", leading: ["\"\(op.sign)\""])
    case .unary(.negative): self.init(name: "PY_NEGATIVE")
    case .unary(.positive): self.init(name: "PY_POSITIVE")
    case .unary(.invert): self.init(name: "PY_INVERT")
    case .compare(let comparison):
      self.init(name: "PY_COMPARE", leading: [comparison.constant], ahead: 1)
    case .compareTruth(let comparison):
      self.init(name: "PY_TEST", leading: [comparison.constant], ahead: 1)
    case .format(let conversion): self.init(name: "PY_FORMAT", leading: [conversion.letter])
    case .unpack(let before, let after, let isStarred):
      self.init(name: "PY_UNPACK", trailing: ["\(before)"] + (isStarred ? ["\(after)"] : []))
    case .element(let number): self.init(name: "PY_ELEMENT", trailing: ["\(number)"])
    case .importModule(let symbol, let level):
      self.init(name: "PY_IMPORT", leading: [name(symbol), "\(level)"])
    case .importDotted(let symbol): self.init(name: "PY_IMPORT_LAST", leading: [name(symbol)])
    case .importFrom(let symbol): self.init(name: "PY_FROM", leading: [name(symbol)], ahead: 1)
    case .readUnbound: self.init(name: "PY_UNBOUND")
    case .caught(let part): self.init(name: "PY_CAUGHT", leading: ["\"\(part)\""])
    case .classNamespace(let symbol): self.init(name: "PY_NAMESPACE", leading: [name(symbol)])
    case .makeClass(let symbol): self.init(name: "PY_CLASS", leading: [name(symbol)])
    default:
      guard let name = Self.plain[operation] else { return nil }
      self.init(name: name)
    }
  }

  /// Operations whose operands are all that there is to say.
  private static let plain: [PythonOperation: String] = [
    .runGenerator: "PY_RUN", .yield: "PY_YIELD", .yieldFrom: "PY_YIELD_FROM",
    .asyncIterator: "PY_AITER", .asyncNext: "PY_ANEXT", .item: "PY_ITEM",
    .storeItem: "PY_SET_ITEM", .deleteItem: "PY_DEL_ITEM", .slice: "PY_SLICE", .truth: "PY_TRUE",
    .notTruth: "PY_NOT", .hasAttribute: "PY_HAS_ATTR", .contains: "PY_IN",
    .isInstance: "PY_ISINSTANCE", .isSubclass: "PY_ISSUBCLASS", .isCallable: "PY_CALLABLE",
    .boxInteger: "PY_INT", .boxFloat: "PY_FLOAT", .boxBoolean: "PY_BOOL",
    .unboxInteger: "PY_AS_INT", .unboxFloat: "PY_AS_DOUBLE", .hash: "PY_HASH", .length: "PY_LEN",
    .entryCount: "PY_ENTRIES", .tuple: "PY_TUPLE", .list: "PY_LIST", .set: "PY_SET",
    .dictionary: "PY_DICT", .starred: "PY_STAR", .joinedString: "PY_JOIN", .iterator: "PY_ITER",
    .next: "PY_NEXT", .addEntry: "PY_ADD_ENTRY", .addItems: "PY_EXTEND", .addEntries: "PY_UPDATE",
    .appendToList: "PY_APPEND", .addToSet: "PY_ADD_TO_SET", .addToDictionary: "PY_PUT",
    .raise: "PY_RAISE", .failAssertion: "PY_ASSERT_FAILS", .tryBegin: "PY_TRY",
    .clearError: "PY_CLEAR", .finallyBegin: "PY_FINALLY", .exceptMatch: "PY_EXCEPT",
    .held: "PY_HELD", .saveHandled: "PY_SAVE", .restoreHandled: "PY_RESTORE",
    .endHandled: "PY_END", .resume: "PY_RESUME", .functionDefaults: "PY_DEFAULTS",
    .metaclass: "PY_METACLASS",
  ]
}

extension BinaryOperator {
  var sign: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .matrixMultiply: "@"
    case .divide: "/"
    case .floorDivide: "//"
    case .remainder: "%"
    case .power: "**"
    case .leftShift: "<<"
    case .rightShift: ">>"
    case .and: "&"
    case .or: "|"
    case .exclusiveOr: "^"
    }
  }

  fileprivate var macro: String {
    switch self {
    case .add: "ADD"
    case .subtract: "SUBTRACT"
    case .multiply: "MULTIPLY"
    case .matrixMultiply: "MATRIX_MULTIPLY"
    case .divide: "DIVIDE"
    case .floorDivide: "FLOOR_DIVIDE"
    case .remainder: "REMAINDER"
    case .power: "POWER"
    case .leftShift: "LEFT_SHIFT"
    case .rightShift: "RIGHT_SHIFT"
    case .and: "AND"
    case .or: "OR"
    case .exclusiveOr: "EXCLUSIVE_OR"
    }
  }
}

extension Comparison {
  fileprivate var constant: String {
    switch self {
    case .less: "Py_LT"
    case .lessOrEqual: "Py_LE"
    case .equal: "Py_EQ"
    case .notEqual: "Py_NE"
    case .greater: "Py_GT"
    case .greaterOrEqual: "Py_GE"
    }
  }
}

extension FormatConversion {
  fileprivate var letter: String {
    switch self {
    case .none: "0"
    case .string: "'s'"
    case .representation: "'r'"
    case .ascii: "'a'"
    }
  }
}
