import BinaryFormats
import IR
import Interpretation
import Simplification

extension CallRule {
  /// `__Pyx_CyFunction_New(&definition, flags, 'name', …, code)` → a function object
  static let definitions: [String: CallRule] = [
    "__Pyx_CyFunction_New": CallRule { $0.makeFunction($1, $2) },
    "__Pyx_Method_ClassMethod": .builtin("classmethod", 0),
    "PyClassMethod_New": .builtin("classmethod", 0),
    "PyStaticMethod_New": .builtin("staticmethod", 0),
    "__Pyx_CalculateMetaclass": .simple(.metaclass, 0, 1),
    "__Pyx_PEP560_update_bases": CallRule { raiser, call, arguments in
      guard let bases = arguments.first else { return false }
      raiser.function.forward(call, to: bases)
      return true
    },
    // metaclass, bases, name, qualname, mkw, modname, doc
    "__Pyx_Py3MetaclassPrepare": CallRule { raiser, call, arguments in
      guard arguments.count >= 7, let name = raiser.name(arguments[2]) else { return false }
      return raiser.become(
        call, .classNamespace(name),
        [arguments[0], arguments[1], arguments[3], arguments[4], arguments[6]])
    },
    // metaclass, name, bases, dict, mkw, calculate_metaclass, allow_py2_metaclass
    "__Pyx_Py3ClassCreate": CallRule { $0.makeClass($1, $2) },
    "__Pyx_Py3ClassCreate|__Pyx_PyObject_FastCallDict": CallRule { $0.makeClass($1, $2) },
  ]
}

extension Raiser {
  /// Clones of the helper leave unused parameters out; what is left is told apart by kind.
  func makeFunction(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 4, let definition = function.constant(arguments[0]) else {
      return false
    }
    var code: Instruction.ID?
    var qualifiedName: Instruction.ID?
    var closure: Instruction.ID?
    var flags = 0
    for argument in arguments.dropFirst() {
      switch object(argument) {
      case .code: code = argument
      case .string where qualifiedName == nil: qualifiedName = argument
      case .string, .moduleDictionary: break
      case nil:
        if let number = function.constant(argument) {
          if number < 64, flags == 0 { flags = Int(number) }
        } else if qualifiedName != nil, code == nil, closure == nil, isScope(argument) {
          closure = argument
        }
      default: break
      }
    }
    guard let qualifiedName else { return false }
    return become(
      call, .function(definition: definition, flags: UInt8(truncatingIfNeeded: flags)),
      [qualifiedName, closure ?? null, code ?? null])
  }

  private func isScope(_ id: Instruction.ID) -> Bool {
    if case .after = function[id].operation { false } else { true }
  }

  func makeClass(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 4, let name = name(arguments[1]) else { return false }
    let keywords = arguments.count > 4 ? arguments[4] : null
    return become(
      call, .makeClass(name), [arguments[0], arguments[2], arguments[3], keywords])
  }
}
