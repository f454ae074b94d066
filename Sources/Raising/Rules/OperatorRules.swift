import IR
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `PyNumber_Add(a, b)` → `a + b`.
  static let operators: [String: CallRule] = {
    var result: [String: CallRule] = [
      "PyNumber_Negative": .simple(.unary(.negative), 0),
      "PyNumber_Positive": .simple(.unary(.positive), 0),
      "PyNumber_Invert": .simple(.unary(.invert), 0),
      "PyObject_IsTrue": .simple(.truth, 0),
      "__Pyx_PyObject_IsTrue": .simple(.truth, 0),
      "__Pyx_PyObject_IsTrueAndDecref": .simple(.truth, 0),
      "PyObject_Not": .simple(.notTruth, 0),
      "PyObject_RichCompare": CallRule { raiser, call, arguments in
        raiser.compare(call, arguments, as: PythonOperation.compare)
      },
      "PyObject_RichCompareBool": CallRule { raiser, call, arguments in
        raiser.compare(call, arguments, as: PythonOperation.compareTruth)
      },
      "PySequence_Contains": .simple(.contains, 1, 0),
      "PyDict_Contains": .simple(.contains, 1, 0),
      "PySet_Contains": .simple(.contains, 1, 0),
      "PyUnicode_Contains": .simple(.contains, 1, 0),
      "__Pyx_PySequence_ContainsTF": CallRule { raiser, call, arguments in
        // The third argument is Py_EQ or Py_NE; a clone without it tests membership.
        guard arguments.count >= 2 else { return false }
        let operation = arguments.count > 2 ? raiser.int32(arguments[2]) : 2
        guard operation == 2 else { return false }
        return raiser.become(call, .contains, [arguments[0], arguments[1]])
      },
      "PySequence_Concat": .simple(.binary(.add, inPlace: false), 0, 1),
      "PySequence_InPlaceConcat": CallRule { raiser, call, arguments in
        guard arguments.count >= 2 else { return false }
        let isNew = raiser.isNewDisplay(arguments[0], in: call)
        return raiser.become(call, .binary(.add, inPlace: !isNew), Array(arguments.prefix(2)))
      },
      "PyUnicode_Format": .simple(.binary(.remainder, inPlace: false), 0, 1),
      "PyNumber_Power": CallRule { raiser, call, arguments in
        raiser.power(call, arguments, inPlace: false)
      },
      "PyNumber_InPlacePower": CallRule { raiser, call, arguments in
        raiser.power(call, arguments, inPlace: true)
      },
    ]
    for name in ["__Pyx_PyUnicode_Equals", "__Pyx_PyBytes_Equals", "__Pyx_PyObject_Equals"] {
      result[name] = CallRule { raiser, call, arguments in
        raiser.compare(call, arguments, as: PythonOperation.compareTruth)
      }
    }
    for (name, operation) in binaryNames {
      result["PyNumber_" + name] = .simple(.binary(operation, inPlace: false), 0, 1)
      result["PyNumber_InPlace" + name] = CallRule { raiser, call, arguments in
        guard arguments.count >= 2 else { return false }
        let isNew = raiser.isNewDisplay(arguments[0], in: call)
        return raiser.become(
          call, .binary(operation, inPlace: !isNew), Array(arguments.prefix(2)))
      }
    }
    return result
  }()

  private static let binaryNames: [(String, BinaryOperator)] = [
    ("Add", .add), ("Subtract", .subtract), ("Multiply", .multiply),
    ("MatrixMultiply", .matrixMultiply), ("TrueDivide", .divide), ("FloorDivide", .floorDivide),
    ("Remainder", .remainder), ("Lshift", .leftShift), ("Rshift", .rightShift), ("And", .and),
    ("Or", .or), ("Xor", .exclusiveOr),
  ]
}

extension Raiser {
  /// Whether an operand is a display that is used for nothing else: Cython multiplies `[x] * n` and adds
  /// to it in place, as nobody can tell.
  fileprivate func isNewDisplay(_ operand: Instruction.ID, in call: Instruction.ID) -> Bool {
    guard isMadeOfDisplay(operand), let site = sites[call] else { return false }
    return site.temporaries.contains { function.resolve($0) == operand }
  }

  private func isMadeOfDisplay(_ id: Instruction.ID) -> Bool {
    switch operation(id) {
    case .list: true
    case .binary(.multiply, inPlace: false), .binary(.add, inPlace: false):
      operation(function.operand(0, of: id)) == .list
    default: false
    }
  }

  func compare(
    _ call: Instruction.ID, _ arguments: [Instruction.ID],
    as operation: (Comparison) -> PythonOperation
  ) -> Bool {
    guard arguments.count >= 2,
      let number = (arguments.count > 2 ? int32(arguments[2]) : nil) ?? comparison(in: call),
      let comparison = UInt8(exactly: number).flatMap(Comparison.init(rawValue:))
    else { return false }
    return become(call, operation(comparison), [arguments[0], arguments[1]])
  }

  /// The comparison that the clone of a helper makes, where all calls ask for the same.
  private func comparison(in call: Instruction.ID) -> Int? {
    guard let target = function.constant(function.operand(0, of: call)),
      program.signature(of: target)?.parameters.count == 2,
      let constructed = program.construct(at: target)
    else { return nil }
    let helper = constructed.takeFunction()
    for block in helper.reversePostorder() {
      for id in helper[block].instructions
      where helper.callee(of: id, view)?.name == "PyObject_RichCompare" {
        return helper.argument(2, of: id).flatMap { helper.constant($0) }.map {
          Int(Int32(truncatingIfNeeded: $0))
        }
      }
    }
    return nil
  }

  /// `PyNumber_Power(a, b, None)` → `a ** b`; with a modulus, `pow(a, b, c)`.
  func power(_ call: Instruction.ID, _ arguments: [Instruction.ID], inPlace: Bool) -> Bool {
    guard arguments.count >= 3 else { return false }
    guard function.variable(arguments[2], view) != "_Py_NoneStruct" else {
      return become(call, .binary(.power, inPlace: inPlace), [arguments[0], arguments[1]])
    }
    return !inPlace && becomeBuiltinCall(call, "pow", arguments)
  }
}
