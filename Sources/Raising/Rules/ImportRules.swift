import IR
import Interpretation
import Simplification

extension CallRule {
  /// `__Pyx_Import('name', names, level)` → `import name`.
  static let imports: [String: CallRule] = [
    "__Pyx_Import": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let name = raiser.name(arguments[0]) else { return false }
      let level = arguments.count > 2 ? raiser.int32(arguments[2]) ?? 0 : 0
      let isMissing =
        raiser.isNull(arguments[1])
        || raiser.function.variable(arguments[1], raiser.view) == "_Py_NoneStruct"
      let names = isMissing ? [] : [arguments[1]]
      return raiser.become(
        call, .importModule(name, level: Int16(clamping: level)), names)
    },
    "__Pyx_ImportDottedModule": CallRule { raiser, call, arguments in
      guard let name = arguments.first.flatMap({ raiser.name($0) }) else { return false }
      return raiser.become(call, .importDotted(name), [])
    },
    "__Pyx_ImportFrom": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, let name = raiser.name(arguments[1]) else { return false }
      return raiser.become(call, .importFrom(name), [arguments[0]])
    },
  ]
}
