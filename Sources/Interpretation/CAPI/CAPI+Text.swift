import Basics
import RuntimeModel

extension CAPI {
  static let text: [String: Model] = [
    "PyUnicode_FromStringAndSize": { machine in
      let (data, count) = (machine.argument(0), machine.signedArgument(1))
      machine.finishText(data, count)
    },
    "PyUnicode_FromString": { machine in
      machine.finish(machine.makeString(Text(machine.cString(machine.argument(0)))))
    },
    "PyUnicode_InternFromString": { machine in
      let bytes = machine.memory.cString(at: machine.argument(0)) ?? []
      guard let text = Text(utf8: bytes) else { return machine.fail("UnicodeDecodeError") }
      machine.finishNew(machine.internString(text))
    },
    "PyUnicode_InternInPlace": { machine in
      let place = machine.argument(0)
      let object = machine.load(place)
      guard let text = machine.text(of: object) else { return }
      if let known = machine.world.interned[text] {
        machine.addReference(known)
        machine.store(known, place)
      } else {
        machine.world.interned[text] = object
      }
    },
    "PyUnicode_DecodeUTF8": { machine in
      machine.finishText(machine.argument(0), machine.signedArgument(1))
    },
    "PyUnicode_DecodeLatin1": { $0.finishDecoded("latin-1", $0.argument(0), $0.signedArgument(1)) },
    "PyUnicode_DecodeASCII": { $0.finishDecoded("ascii", $0.argument(0), $0.signedArgument(1)) },
    "PyUnicode_Decode": { machine in
      let encoding = machine.cString(machine.argument(2))
      machine.finishDecoded(encoding, machine.argument(0), machine.signedArgument(1))
    },
    "PyUnicode_FromOrdinal": { machine in
      machine.finish(
        machine.makeString(Text(codePoints: [UInt32(truncatingIfNeeded: machine.argument(0))])))
    },
    "PyUnicode_FromFormat": { machine in
      machine.finish(machine.makeString(Text(machine.formatted(argument: 0))))
    },
    "PyUnicode_AsUTF8": { machine in machine.finishUTF8(size: nil) },
    "PyUnicode_AsUTF8AndSize": { machine in machine.finishUTF8(size: machine.argument(1)) },
    "_PyUnicode_Ready": { $0.finish(0) },
    "PyUnicode_Concat": { machine in
      guard let left = machine.text(of: machine.argument(0)),
        let right = machine.text(of: machine.argument(1))
      else { return machine.fail("TypeError") }
      machine.finish(machine.makeString(Text(codePoints: left.codePoints + right.codePoints)))
    },
    "PyUnicode_Compare": { machine in
      let left = machine.text(of: machine.argument(0))?.codePoints ?? []
      let right = machine.text(of: machine.argument(1))?.codePoints ?? []
      machine.finish(
        status: left == right ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1)
    },
    "PyUnicode_Equal": { machine in
      let isEqual =
        machine.text(of: machine.argument(0)) == machine.text(of: machine.argument(1))
      machine.finish(isEqual ? 1 : 0)
    },
    "PyUnicode_FindChar": { machine in machine.finishFindCharacter() },
    "PyUnicode_Substring": { machine in
      let points = machine.text(of: machine.argument(0))?.codePoints ?? []
      let start = Int(clamping: machine.signedArgument(1))
      let end = min(Int(clamping: machine.signedArgument(2)), points.count)
      let part = start >= 0 && start < end ? Array(points[start..<end]) : []
      machine.finish(machine.makeString(Text(codePoints: part)))
    },
    "PyUnicode_GetLength": { machine in
      machine.finish(UInt64(machine.text(of: machine.argument(0))?.codePoints.count ?? 0))
    },
    "PyBytes_FromStringAndSize": { machine in
      let (data, count) = (machine.argument(0), Int(clamping: machine.signedArgument(1)))
      let bytes =
        data == 0
        ? [UInt8](repeating: 0, count: max(0, min(count, 1 << 24)))
        : Array(machine.memory.bytes(at: data, count: count) ?? [])
      machine.finish(machine.makeBytes(bytes))
    },
    "PyBytes_FromString": { machine in
      machine.finish(
        machine.makeBytes(Array(machine.memory.cString(at: machine.argument(0)) ?? [])))
    },
    "PyBytes_AsString": { machine in
      machine.finish(machine.argument(0) &+ machine.world.layout.bytesData)
    },
    "PyBytes_AsStringAndSize": { machine in
      let object = machine.argument(0)
      machine.store(object &+ machine.world.layout.bytesData, machine.argument(1))
      if machine.argument(2) != 0 {
        machine.store(machine.load(object &+ machine.world.layout.size), machine.argument(2))
      }
      machine.finish(0)
    },
  ]
}

extension Interpreter {
  fileprivate func finishText(_ data: UInt64, _ count: Int64) {
    guard
      let bytes = memory.bytes(at: data, count: Int(clamping: count)) ?? (count == 0 ? [] : nil),
      let text = Text(utf8: bytes)
    else { return fail("UnicodeDecodeError") }
    finish(makeString(text))
  }

  fileprivate func finishDecoded(_ encoding: String, _ data: UInt64, _ count: Int64) {
    guard let bytes = memory.bytes(at: data, count: Int(clamping: count)) else {
      return fail("SystemError")
    }
    switch encoding.lowercased() {
    case "utf-8", "utf8": finishText(data, count)
    case "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1":
      finish(makeString(Text(codePoints: bytes.map(UInt32.init))))
    case "unicode_escape", "unicode-escape", "raw_unicode_escape", "utf-16", "utf-32":
      stop(.unmodelled("PyUnicode_Decode of \(encoding)"))
    default: stop(.unmodelled("PyUnicode_Decode of \(encoding)"))
    }
  }

  fileprivate func finishUTF8(size: UInt64?) {
    guard let string = text(of: argument(0))?.string else { return fail("TypeError") }
    let bytes = Array(string.utf8)
    guard let copy = memory.allocate(bytes.count + 1) else { return stop(.exhausted) }
    _ = memory.write(bytes, at: copy)
    if let size, size != 0 { store(UInt64(bytes.count), size) }
    finish(copy)
  }

  fileprivate func finishFindCharacter() {
    let points = text(of: argument(0))?.codePoints ?? []
    let wanted = UInt32(truncatingIfNeeded: argument(1))
    let start = max(0, Int(clamping: signedArgument(2)))
    let end = min(points.count, Int(clamping: signedArgument(3)))
    guard start < end else { return finish(status: -1) }
    let range = points[start..<end]
    let found = intArgument(4) < 0 ? range.lastIndex(of: wanted) : range.firstIndex(of: wanted)
    finish(status: found ?? -1)
  }

  /// The result of a `printf`-like format, as far as module initialisation uses them.
  func formatted(argument first: Int) -> String {
    var result = ""
    var next = first + 1
    var isSpecifier = false
    for character in cString(argument(first)) {
      if isSpecifier {
        switch character {
        case "s": result += cString(argument(next))
        case "d", "i": result += "\(intArgument(next))"
        case "U", "S", "R", "A", "V": result += text(of: argument(next))?.string ?? "?"
        case "%": result += "%"
        case "l", "z", ".", "0"..."9": continue
        default: result += "?"
        }
        if character != "%" { next += 1 }
        isSpecifier = false
      } else if character == "%" {
        isSpecifier = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
