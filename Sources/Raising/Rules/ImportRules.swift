import IR
import Interpretation
import ModuleRecovery
import Simplification

extension CallRule {
  /// `__Pyx_Import('name', names, level)` → `import name`.
  static let imports: [String: CallRule] = [
    "__Pyx_Import": CallRule { raiser, call, arguments in
      guard let name = arguments.first.flatMap({ raiser.name($0) }) else { return false }
      // Where no call imports names, a clone has no parameters for them and the level.
      let count = raiser.parameterCount(of: call) ?? arguments.count
      let level = count > 2 && arguments.count > 2 ? raiser.int32(arguments[2]) ?? 0 : 0
      let isMissing =
        count < 2 || arguments.count < 2 || raiser.isNull(arguments[1])
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

extension Raiser {
  /// How many registers the function that is called reads its arguments from.
  fileprivate func parameterCount(of call: Instruction.ID) -> Int? {
    function.constant(function.operand(0, of: call)).flatMap {
      program.signature(of: $0)?.parameters.count
    }
  }
}
