import Basics
import BinaryFormats
import IR
import ModuleRecovery

extension CallRule {
  /// `PyObject_Format(o, spec)` and joins → f-strings.
  static let text: [String: CallRule] = [
    "PyObject_Format": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      let specification = arguments[1]
      if let text = raiser.text(specification) {
        return raiser.become(
          call, .format(.none),
          text.codePoints.isEmpty ? [arguments[0]] : [arguments[0], specification])
      }
      // An f-string formats what stands in its specification; the builtin takes it as it is.
      return raiser.isFormatted(specification)
        ? raiser.become(call, .format(.none), Array(arguments.prefix(2)))
        : raiser.becomeBuiltinCall(call, "format", Array(arguments.prefix(2)))
    },
    "__Pyx_PyUnicode_From_Py_ssize_t": CallRule { raiser, call, arguments in
      // The number, the width, what fills that, and the form, of which clones leave out the last three.
      guard let number = arguments.first else { return false }
      let isPlain =
        arguments.count == 1
        || arguments.count >= 4 && raiser.integer(arguments[1]) == 0
          && raiser.function.constant(arguments[3]).map { $0 & 0xFF } == 0x64
      guard isPlain else { return false }
      return raiser.become(call, .format(.none), [raiser.boxed(number, before: call)])
    },
    "PyUnicode_FromOrdinal": CallRule { raiser, call, arguments in
      guard let code = arguments.first else { return false }
      raiser.becomeBuiltinCall(call, "chr", [raiser.boxed(code, before: call)])
      return true
    },
    "PyUnicode_AsEncodedString": CallRule { $0.encode($1, $2) },
    "PyUnicode_AsUTF8String": .encoding("utf-8"),
    "PyUnicode_AsUTF16String": .encoding("utf-16"),
    "PyUnicode_AsLatin1String": .encoding("latin-1", "iso-8859-1", "latin1"),
    "PyUnicode_AsASCIIString": .encoding("ascii", "us-ascii"),
    "PyUnicode_AsUnicodeEscapeString": .encoding("unicode_escape"),
    "PyUnicode_AsRawUnicodeEscapeString": .encoding("raw_unicode_escape"),
    "PyUnicode_Replace": CallRule { raiser, call, arguments in
      guard arguments.count >= 4, let count = raiser.integer(arguments[3]) else { return false }
      let texts = Array(arguments[1...2])
      let number = count == -1 ? [] : [raiser.boxed(arguments[3], before: call)]
      return raiser.becomeMethodCall(call, arguments[0], "replace", texts + number)
    },
    "__Pyx_PyUnicode_ConcatInPlaceImpl": CallRule { raiser, call, arguments in
      // The text itself stands behind the pointer to it and the other text.
      guard arguments.count == 3 else { return false }
      return raiser.concatenateInPlace(call, arguments[2], arguments[1])
    },
    "PyUnicode_Concat": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      // What asked whether the text may change is a part of the same helper.
      return raiser.uniqueTexts.contains(arguments[0])
        ? raiser.concatenateInPlace(call, arguments[0], arguments[1])
        : raiser.become(call, .binary(.add, inPlace: false), Array(arguments.prefix(2)))
    },
    "__Pyx_PyUnicode_Join": CallRule { raiser, call, arguments in
      // The parts may lie in an array, and stand behind the arguments then.
      if arguments.count > 4 {
        return raiser.become(call, .joinedString, Array(arguments.dropFirst(4)))
      }
      guard let parts = arguments.first, raiser.operation(parts) == .tuple else { return false }
      let values = raiser.function.operands(of: parts)
      raiser.function.remove(parts)
      return raiser.become(call, .joinedString, values)
    },
  ]
}

extension CallRule {
  /// `PyUnicode_AsASCIIString(s)` → `s.encode("ascii")`.
  ///
  /// Cython calls such a function for every name of its encoding; the module may have one of those that are given
  /// last among its constants.
  /// (`_handle_simple_method_unicode_encode` in `Cython/Compiler/Optimize.py`)
  private static func encoding(_ usual: String, _ others: String...) -> CallRule {
    CallRule { raiser, call, arguments in
      guard let text = arguments.first else { return false }
      let known = raiser.program.texts
      let name = known.contains(usual) ? usual : others.first(where: known.contains) ?? usual
      return raiser.becomeMethodCall(
        call, text, "encode", [raiser.function.text(raiser.symbols.intern(name))])
    }
  }
}

extension Raiser {
  /// `PyUnicode_AsEncodedString(s, "utf8", "replace")` → `s.encode("utf8", "replace")`.
  fileprivate func encode(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 3 else { return false }
    var given: [Instruction.ID] = []
    for argument in arguments[1...2] where !isNull(argument) {
      guard let address = function.constant(argument),
        let bytes = program.image.cString(at: address)
      else { return false }
      given.append(function.text(symbols.intern(String(decoding: bytes, as: UTF8.self))))
    }
    guard isNull(arguments[2]) || given.count == 2 else { return false }
    return becomeMethodCall(call, arguments[0], "encode", given)
  }

  /// Whether a text was put together as f-strings are: of constants and of what was formatted.
  fileprivate func isFormatted(_ id: Instruction.ID) -> Bool {
    switch operation(id) {
    case .format, .joinedString: true
    case .binary(.add, _):
      function.operands(of: id).allSatisfy { text($0) != nil || isFormatted($0) }
    default: false
    }
  }

  /// `a += b` for texts, or `a + b` where nothing but this step knows `a`: `AddNode` in
  /// `Cython/Compiler/ExprNodes.py` lets the left text change for both.
  func concatenateInPlace(
    _ call: Instruction.ID, _ left: Instruction.ID, _ right: Instruction.ID
  ) -> Bool {
    textsInPlace.insert(call)
    return become(call, .binary(.add, inPlace: true), [left, right])
  }
}
