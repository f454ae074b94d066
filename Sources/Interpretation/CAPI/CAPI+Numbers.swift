import BigInt
import RuntimeModel

extension CAPI {
  static let numbers: [String: Model] = [
    "PyLong_FromLong": { $0.finish($0.makeInteger(BigInt($0.longArgument(0)))) },
    "PyLong_FromLongLong": {
      $0.finish($0.makeInteger(BigInt(Int64(bitPattern: $0.wideArgument(0)))))
    },
    "PyLong_FromSsize_t": { $0.finish($0.makeInteger(BigInt($0.longArgument(0)))) },
    "PyLong_FromUnsignedLong": { $0.finish($0.makeInteger(BigInt($0.argument(0)))) },
    "PyLong_FromUnsignedLongLong": { $0.finish($0.makeInteger(BigInt($0.wideArgument(0)))) },
    "PyLong_FromSize_t": { $0.finish($0.makeInteger(BigInt($0.argument(0)))) },
    "PyLong_FromDouble": { machine in
      let value = machine.doubleArgument(0)
      guard value.isFinite, let integer = BigInt(exactly: value.rounded(.towardZero)) else {
        return machine.fail("OverflowError")
      }
      machine.finish(machine.makeInteger(integer))
    },
    "PyLong_FromString": { $0.finishIntegerFromString() },
    "PyFloat_FromDouble": { $0.finish($0.makeFloat($0.doubleArgument(0))) },
    "PyComplex_FromDoubles": { machine in
      let (real, imaginary) = (machine.doubleArgument(0), machine.doubleArgument(1))
      let object = machine.make(
        .complex(real: real.bitPattern, imaginary: imaginary.bitPattern), type: "PyComplex_Type")
      machine.store(real.bitPattern, object + machine.world.layout.fields, size: 8)
      machine.store(imaginary.bitPattern, object + machine.world.layout.fields + 8, size: 8)
      machine.finish(object)
    },
    "PyBool_FromLong": { $0.finishNew($0.boolean($0.argument(0) != 0)) },
    "PyLong_AsLong": { $0.finishInteger() },
    "PyLong_AsSsize_t": { $0.finishInteger() },
    "PyLong_AsLongLong": { $0.finishInteger() },
    "PyLong_AsUnsignedLong": { $0.finishInteger() },
    "PyLong_AsUnsignedLongLong": { $0.finishInteger() },
    "PyFloat_AsDouble": { machine in
      switch machine.value(of: machine.argument(0)) {
      case .float(let bits): machine.finish(double: Double(bitPattern: bits))
      case .integer(let value): machine.finish(double: Double(value))
      default:
        machine.fail("TypeError")
        machine.finish(double: -1)
      }
    },
    "PyNumber_Long": { $0.finishNew($0.argument(0)) },
    "PyNumber_Negative": { machine in
      switch machine.value(of: machine.argument(0)) {
      case .integer(let value): machine.finish(machine.makeInteger(-value))
      case .float(let bits): machine.finish(machine.makeFloat(-Double(bitPattern: bits)))
      default: machine.stop(.unmodelled("PyNumber_Negative"))
      }
    },
  ]
}

extension Interpreter {
  fileprivate func finishInteger() {
    guard case .integer(let value)? = world.values[argument(0)] else {
      fail("TypeError")
      return finish(.max)
    }
    finish(UInt64(truncatingIfNeeded: value))
  }

  /// `PyLong_FromString(text, &end, base)`, on digits and an optional sign.
  fileprivate func finishIntegerFromString() {
    let start = argument(0)
    let base = intArgument(2)
    var digits = Array(memory.cString(at: start) ?? [])[...]
    let sign: BigInt = digits.first == UInt8(ascii: "-") ? -1 : 1
    if let first = digits.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      digits = digits.dropFirst()
    }
    var radix = base == 0 ? 10 : base
    if digits.first == UInt8(ascii: "0"), let mark = digits.dropFirst().first {
      let prefixes: [UInt8: Int] = [
        UInt8(ascii: "x"): 16, UInt8(ascii: "X"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "O"): 8,
        UInt8(ascii: "b"): 2, UInt8(ascii: "B"): 2,
      ]
      if let implied = prefixes[mark], base == 0 || base == implied {
        radix = implied
        digits = digits.dropFirst(2)
      }
    }
    let text = String(decoding: digits.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
    guard radix >= 2, radix <= 36, let magnitude = BigInt(text, radix: radix) else {
      return fail("ValueError")
    }
    if argument(1) != 0 {
      store(start &+ UInt64(memory.cString(at: start)?.count ?? 0), argument(1))
    }
    finish(makeInteger(sign * magnitude))
  }
}
