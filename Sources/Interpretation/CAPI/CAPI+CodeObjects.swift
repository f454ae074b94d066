import Basics
import RuntimeModel

extension CAPI {
  static let codeObjects: [String: Model] = [
    "PyCode_NewEmpty": { machine in
      var code = CodeObject()
      code.fileName = Text(machine.cString(machine.argument(0)))
      code.name = Text(machine.cString(machine.argument(1)))
      code.firstLine = machine.intArgument(2)
      machine.finish(machine.makeCode(code))
    },
    // argcount, kwonly, nlocals, stacksize, flags, code, consts, names, varnames, freevars,
    // cellvars, filename, name, firstlineno, lnotab
    "PyCode_New": { machine in
      var code = CodeObject()
      code.argumentCount = machine.intArgument(0)
      code.keywordOnlyCount = machine.intArgument(1)
      code.localCount = machine.intArgument(2)
      code.flags = machine.intArgument(4)
      code.variableNames = machine.texts(of: machine.argument(8))
      code.fileName = machine.text(of: machine.argument(11)) ?? Text("")
      code.name = machine.text(of: machine.argument(12)) ?? Text("")
      code.firstLine = machine.intArgument(13)
      code.lineTable = machine.bytes(of: machine.argument(14))
      machine.finish(machine.makeCode(code))
    },
    "PyCode_NewWithPosOnlyArgs": { $0.finishCodeWithPositionalOnly() },
    "PyUnstable_Code_NewWithPosOnlyArgs": { $0.finishCodeWithPositionalOnly() },
  ]
}

extension Interpreter {
  fileprivate func makeCode(_ code: CodeObject) -> UInt64 {
    let address = make(.code(code), type: "PyCode_Type", size: 256)
    world.codeObjects.append(address)
    return address
  }

  fileprivate func texts(of tuple: UInt64) -> [Text] {
    (items(of: tuple) ?? []).map { text(of: $0) ?? Text("") }
  }

  fileprivate func bytes(of object: UInt64) -> [UInt8] {
    if case .bytes(let bytes)? = world.values[object] { bytes } else { [] }
  }

  /// argcount, posonly, kwonly, nlocals, stacksize, flags, code, consts, names, varnames, freevars,
  /// cellvars, filename, name, [3.11: qualname,] firstlineno, linetable, [3.11: exceptiontable].
  fileprivate func finishCodeWithPositionalOnly() {
    var code = CodeObject()
    code.argumentCount = intArgument(0)
    code.positionalOnlyCount = intArgument(1)
    code.keywordOnlyCount = intArgument(2)
    code.localCount = intArgument(3)
    code.flags = intArgument(5)
    code.variableNames = texts(of: argument(9))
    code.fileName = text(of: argument(12)) ?? Text("")
    code.name = text(of: argument(13)) ?? Text("")
    let hasQualifiedName = world.layout.version.minor >= 11
    if hasQualifiedName { code.qualifiedName = text(of: argument(14)) }
    code.firstLine = intArgument(hasQualifiedName ? 15 : 14)
    code.lineTable = bytes(of: argument(hasQualifiedName ? 16 : 15))
    finish(makeCode(code))
  }

  /// `code.replace(**fields)`, by which Cython 0.29 and 3.0 make code objects on CPython 3.11.
  func replaceCode(_ old: CodeObject, _ fields: [PythonValue.DictionaryEntry]) -> UInt64 {
    var code = old
    for field in fields {
      guard let name = text(of: field.key)?.string else { continue }
      switch (name, world.values[field.value]) {
      case ("co_argcount", .integer(let value)): code.argumentCount = Int(clamping: value)
      case ("co_posonlyargcount", .integer(let value)):
        code.positionalOnlyCount = Int(clamping: value)
      case ("co_kwonlyargcount", .integer(let value)): code.keywordOnlyCount = Int(clamping: value)
      case ("co_nlocals", .integer(let value)): code.localCount = Int(clamping: value)
      case ("co_flags", .integer(let value)): code.flags = Int(clamping: value)
      case ("co_varnames", .tuple): code.variableNames = texts(of: field.value)
      case ("co_name", .string(let text)): code.name = text
      case ("co_filename", .string(let text)): code.fileName = text
      default: break
      }
    }
    // The first object was only a step on the way.
    if let index = world.codeObjects.lastIndex(where: { world.values[$0] == .code(old) }) {
      world.codeObjects.remove(at: index)
    }
    return makeCode(code)
  }
}
