import Basics
import IR
import RuntimeModel
import Simplification

extension CallRule {
  /// `PyLong_FromSsize_t(n)` → the number as an object.
  static let numbers: [String: CallRule] = {
    var result: [String: CallRule] = [
      "PyFloat_FromDouble": .simple(.boxFloat, 0),
      "PyBool_FromLong": .simple(.boxBoolean, 0),
      "PyFloat_AsDouble": CallRule { $0.unboxFloat($1, $2) },
      "__Pyx__PyObject_AsDouble": CallRule { raiser, call, arguments in
        guard let object = arguments.first else { return false }
        let number = raiser.function.insert(
          .python(.call(raiser.function.appendShape(.positional(1)))),
          [raiser.function.builtin(raiser.symbols.intern("float")), object],
          width: raiser.function.pointerSize, before: call)
        raiser.repeatSite(of: call, for: number)
        return raiser.unboxFloat(call, [number])
      },
      "__Pyx__PyObject_Ord": CallRule { raiser, call, arguments in
        guard let object = arguments.first else { return false }
        let code = raiser.function.insert(
          .python(.call(raiser.function.appendShape(.positional(1)))),
          [raiser.function.builtin(raiser.symbols.intern("ord")), object],
          width: raiser.function.pointerSize, before: call)
        raiser.repeatSite(of: call, for: code)
        return raiser.become(call, .unboxInteger, [code])
      },
      "PyObject_Hash": .simple(.hash, 0),
      "PyNumber_Index": CallRule { raiser, call, arguments in
        guard let value = arguments.first else { return false }
        raiser.function.forward(call, to: value)
        return true
      },
    ]
    for name in [
      "PyLong_FromLong", "PyLong_FromSsize_t", "PyLong_FromSize_t", "PyLong_FromLongLong",
      "PyLong_FromUnsignedLong", "PyInt_FromLong",
    ] {
      result[name] = .simple(.boxInteger, 0)
    }
    for name in [
      "PyLong_AsLong", "PyLong_AsSsize_t", "__Pyx_PyIndex_AsSsize_t", "__Pyx_PyInt_As_int",
      "__Pyx_PyInt_As_long", "__Pyx_PyInt_As_Py_ssize_t", "__Pyx_PyLong_As_int",
      "__Pyx_PyLong_As_long",
    ] {
      result[name] = .simple(.unboxInteger, 0)
    }
    return result
  }()
}

extension Raiser {
  /// The result of a function that returns a `double` is in a register of its own.
  func unboxFloat(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard let object = arguments.first else { return false }
    become(call, .unboxFloat, [object])
    forwardLeftovers(call, .register)
    return true
  }

  /// `nb_float(o)` → `float(o)`; what is read of the object that comes out is its number.
  func convertToFloat(_ call: Instruction.ID, _ object: Instruction.ID) -> Bool {
    let place = function.layout.floatValue
    for block in function.reversePostorder() {
      for id in function[block].instructions where function.isLoad(id, at: place) {
        guard function.size(id) == 8, function.offset(function.operand(0, of: id)).base == call
        else { continue }
        become(id, .unboxFloat, [call])
      }
    }
    return becomeBuiltinCall(call, "float", [object])
  }
}
