import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel
import Simplification

extension CallRule {
  /// `__Pyx_CyFunction_New(&definition, flags, 'name', …, code)` → a function object.
  static let definitions: [String: CallRule] = [
    "__Pyx_CyFunction_New": CallRule { $0.makeFunction($1, $2) },
    // Without `binding` there is no code object, and the name stands in the definition alone.
    "PyCFunction_NewEx": CallRule { $0.makeBuiltinFunction($1, $2) },
    "PyCMethod_New": CallRule { $0.makeBuiltinFunction($1, $2) },
    "__Pyx_CyFunction_InitDefaults": CallRule { raiser, call, arguments in
      guard let function = arguments.first else { return false }
      return raiser.become(call, .functionDefaults, [function])
    },
    "PyObject_Malloc": CallRule { raiser, call, _ in raiser.makeDefaults(call) },
    // `__Pyx_CyFunction_InitDefaults` of Cython 3.1 and later makes an object of a type of its own.
    "PyObject_CallObject": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      return raiser.isNull(arguments[1]) && raiser.makeDefaults(call)
        || raiser.raiseCall(call, arguments[0], arguments[1], raiser.null)
    },
    // What `__prepare__` makes is not asked for.
    "__Pyx_PyObject_GetAttrStrNoError": CallRule { raiser, call, arguments in
      guard arguments.count >= 2, raiser.text(arguments[1])?.string == "__prepare__",
        raiser.isUnread(call)
      else { return false }
      raiser.function.replace(call, with: .undefined, [])
      return true
    },
    "__Pyx_Method_ClassMethod": .builtin("classmethod", 0),
    "PyClassMethod_New": .builtin("classmethod", 0),
    "PyStaticMethod_New": .builtin("staticmethod", 0),
    "__Pyx_CalculateMetaclass": CallRule { raiser, call, arguments in
      // A clone for calls that all begin without a metaclass takes the bases alone.
      guard arguments.count != 1 else {
        return raiser.become(call, .metaclass, [raiser.null, arguments[0]])
      }
      guard arguments.count >= 2 else { return false }
      // The type of the first base is where the search starts.
      let start = raiser.isTypeOfObject(arguments[0]) ? raiser.null : arguments[0]
      return raiser.become(call, .metaclass, [start, arguments[1]])
    },
    "__Pyx_PEP560_update_bases": CallRule { raiser, call, arguments in
      guard let bases = arguments.first else { return false }
      raiser.function.forward(call, to: bases)
      return true
    },
    // metaclass, bases, name, qualname, mkw, modname, doc
    "__Pyx_Py3MetaclassPrepare": CallRule { $0.prepareClass($1, $2) },
    // metaclass, name, bases, dict, mkw, calculate_metaclass, allow_py2_metaclass
    "__Pyx_Py3ClassCreate": CallRule { $0.makeClass($1, $2) },
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
        if qualifiedName != nil, closure == nil, chain(of: argument) != nil {
          closure = argument
        } else if let number = function.constant(argument) {
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

  /// `PyCFunction_NewEx(&definition, NULL, 'module')` → a function object.
  func makeBuiltinFunction(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 3, let definition = function.constant(arguments[0]),
      isNull(arguments[1]), let pointer = program.word(at: definition),
      let bytes = program.image.cString(at: pointer),
      let name = Text(utf8: Array(bytes)).flatMap({ program.strings[$0] })
    else { return false }
    let object = function.constant(name, width: function.pointerSize)
    return become(call, .function(definition: definition, flags: 0), [object, null, null])
  }

  /// Memory for the defaults of a function, where the helper was inlined.
  func makeDefaults(_ call: Instruction.ID) -> Bool {
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function[id].operation == .machine(.store) && function.operand(1, of: id) == call {
        let (owner, offset) = function.offset(function.operand(0, of: id))
        let isFunction =
          if case .function? = operation(owner) {
            true
          } else {
            function.callee(of: owner, view)?.name == "__Pyx_CyFunction_New"
          }
        guard isFunction, isPlaceOfDefaults(offset) else { continue }
        function.remove(id)
        return become(call, .functionDefaults, [owner])
      }
    }
    return false
  }

  /// Whether a metaclass is the one that the bases have.
  func isCalculated(_ id: Instruction.ID, depth: Int = 0) -> Bool {
    if operation(id) == .metaclass || function.variable(id, view) == "PyType_Type" { return true }
    if function.callee(of: id, view)?.name == "__Pyx_CalculateMetaclass" { return true }
    // Cython takes the type of an object for nothing else that it makes a class with.
    if depth > 0, isNull(id) { return true }
    if isTypeOfObject(id) { return true }
    guard function.isPhi(id), depth < 4 else { return false }
    return function.operands(of: id).allSatisfy { isCalculated($0, depth: depth + 1) }
  }

  /// Whether a value is `Py_TYPE` of something.
  func isTypeOfObject(_ id: Instruction.ID) -> Bool {
    function[id].operation == .machine(.load)
      && function.offset(function.operand(0, of: id)).offset == function.layout.type
  }

  /// metaclass, bases, name, qualified name, keywords, module, docstring; clones leave some out.
  func prepareClass(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count >= 4 else { return false }
    var rest = arguments[...]
    func takeString() -> Instruction.ID? {
      guard let first = rest.first, text(first) != nil else { return nil }
      return rest.popFirst()
    }
    // The name is the first string; what stands before it are metaclass and bases.
    guard let position = rest.firstIndex(where: { text($0) != nil }), position <= 2 else {
      return false
    }
    let head = Array(rest[..<position])
    rest = rest[position...]
    guard let first = takeString(), let name = name(first) else { return false }
    let qualifiedName = takeString() ?? first
    var keywords = null
    if let next = rest.first, text(next) == nil {
      keywords = next
      rest = rest.dropFirst()
    }
    _ = takeString()
    let docstring = rest.first.flatMap { text($0) == nil ? nil : $0 } ?? null
    var metaclass = head.count > 1 || head.first.map(isNull) == true ? head.first ?? null : null
    if isCalculated(metaclass) { metaclass = null }
    let bases = head.count > 1 ? head[1] : head.first ?? null
    return become(
      call, .classNamespace(name), [metaclass, bases, qualifiedName, keywords, docstring])
  }

  /// Whether a value may be a closure scope, and not what is left in a register.
  private func isScope(_ id: Instruction.ID) -> Bool {
    switch function[id].operation {
    case .after, .undefined: return false
    case .python(let operation):
      switch operation {
      case .scope, .cell, .parameter: return true
      default: return false
      }
    default: return true
    }
  }

  /// A helper that is not identified, but gets the namespace of a class, makes the class.
  func makeClassByNamespace(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard let position = arguments.prefix(2).firstIndex(where: { text($0) != nil }),
      arguments.count >= position + 3,
      case .classNamespace(let name)? = operation(arguments[position + 2]),
      self.name(arguments[position]) == name
    else { return false }
    return makeClass(call, arguments)
  }

  /// metaclass, name, bases, namespace, keywords; clones leave a metaclass out that is always the same.
  func makeClass(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard let position = arguments.prefix(2).firstIndex(where: { text($0) != nil }),
      arguments.count >= position + 3, let name = name(arguments[position])
    else { return false }
    let rest = Array(arguments[(position + 1)...])
    let (metaclass, keywords) = (
      position == 0 ? null : arguments[0], rest.count > 2 ? rest[2] : null
    )
    if operation(rest[1]) == .dictionary {
      _ = adopt(rest[1], name, bases: rest[0], keywords: keywords, metaclass)
    }
    return become(call, .makeClass(name), [metaclass, rest[0], rest[1], keywords])
  }
}
