import Basics
import IR
import Interpretation
import ModuleRecovery
import RuntimeModel

// Calls of functions that stand in other functions.
extension Raiser {
  /// Makes the call of the C function behind a function in a function a call of that.
  ///
  /// ```
  /// %5 = function(f) …                              %5 = function(f) …
  /// %7 = call 0x1200, %5, %3, RDX            →      %7 = call(_) %5, %3
  /// ```
  /// Cython calls the C function of a `def` that is bound once and gets positional arguments alone
  /// (`InlinedDefNodeCallNode` in `Cython/Compiler/ExprNodes.py`): the function object comes first, and compilers
  /// leave it out where nothing reads it. Behind the arguments, what was left in registers may stand.
  func callInnerFunction(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard let target = function.constant(function.operand(0, of: call)),
      let code = program.function(at: target),
      code.blocks.contains(where: { block in
        block.transfers.contains { $0.opcode == .call && program.isTraceback($0.input0.offset) }
      })
    else { return false }
    let path = program.helpers.ownPath(of: target)
    let named = path.flatMap { argumentCount(ofPath: $0) }
    if let object = arguments.first {
      switch operation(object) {
      case .cell(let field)? where holdsOther(field): break
      case .function?, .cell?:
        guard let count = argumentCount(ofFunction: object) ?? named, takes(count + 1, target)
        else {
          return false
        }
        guard arguments.count > count else { return false }
        return becomeCall(call, object, Array(arguments[1...].prefix(count)))
      default: break
      }
    }
    if let path, callMethodOfBody(call, arguments, path, target) { return true }
    guard let path, let named, arguments.count >= named, takes(named, target),
      let object = functionObject(path)
    else { return false }
    return becomeCall(call, object, Array(arguments.prefix(named)))
  }

  /// Makes the call of a function that the body of a class defines and calls by its name.
  ///
  /// The object is looked up behind the arguments, for nothing: the function has no use for it.
  private func callMethodOfBody(
    _ call: Instruction.ID, _ arguments: [Instruction.ID], _ path: String, _ target: UInt64
  ) -> Bool {
    guard program.texts.contains(path), let name = path.split(separator: ".").last,
      let count = program.argumentCount(ofFunctionsNamed: String(name)), takes(count, target),
      arguments.count >= count, let block = function[call].block,
      let object = function[block].instructions.prefix(while: { $0 != call }).last(where: { id in
        guard case .className(let found)? = operation(id) else { return false }
        return symbols[found] == String(name)
      })
    else { return false }
    return becomeCall(call, object, Array(arguments.prefix(count)))
  }

  /// How many positional arguments the functions in functions take that tracebacks call by a path; nil if
  /// that is not known.
  private func argumentCount(ofPath path: String) -> Int? {
    guard program.localFunctionPaths.contains(path), let name = path.split(separator: ".").last
    else { return nil }
    return program.argumentCount(ofFunctionsNamed: String(name))
  }

  /// Whether a C function reads so many arguments itself.
  ///
  /// Compilers leave out those that it does not read, and then nothing tells which is which.
  private func takes(_ count: Int, _ address: UInt64) -> Bool {
    program.ownParameterCount(of: address) == count
  }

  /// The function object of a path that this function makes.
  private func functionObject(_ path: String) -> Instruction.ID? {
    let found = function.instructionIDs.filter { id in
      guard case .function? = operation(id), let name = text(function.operand(0, of: id))?.string
      else { return false }
      return name.replacing(".<locals>", with: "") == path
    }
    return found.count == 1 ? found.first : nil
  }

  /// How many arguments a function takes that this one defines; nil if that is not known.
  private func argumentCount(ofFunction id: Instruction.ID) -> Int? {
    switch operation(id) {
    case .function(let definition, _)?:
      // METH_NOARGS and METH_O in CPython's Include/methodobject.h.
      let flags = program.word(at: definition &+ function.layout.methodFlags) ?? 0
      if flags & 4 != 0 { return 0 }
      if flags & 8 != 0 { return 1 }
      let operands = function.operands(of: id)
      guard operands.count > 2, case .code(let code)? = object(operands[2]),
        code.keywordOnlyCount == 0, code.flags & 0xC == 0
      else { return nil }
      return code.argumentCount
    case .cell(let field)?:
      var counts: Set<Int?> = []
      for block in function.reversePostorder() {
        for step in function[block].instructions {
          guard function[step].operation == .python(.storeCell(field)) else { continue }
          let value = function.operand(0, of: step)
          guard case .function? = operation(value) else { return nil }
          counts.insert(argumentCount(ofFunction: value))
        }
      }
      return counts.count == 1 ? counts.first ?? nil : nil
    default: return nil
    }
  }

  /// Whether a shared variable holds something else than functions: what is done with it but to call it
  /// tells.
  private func holdsOther(_ field: ScopeField) -> Bool {
    function.reversePostorder().contains { block in
      function[block].instructions.contains { id in
        let operands = function.operands(of: id)
        switch function[id].operation {
        case .referenceCount: return false
        case .python(.storeCell(field)):
          if case .function? = operation(operands[0]) { return false }
          return true
        case .call: return operands.dropFirst(2).contains { operation($0) == .cell(field) }
        case .python(.call): return operands.dropFirst().contains { operation($0) == .cell(field) }
        default: return operands.contains { operation($0) == .cell(field) }
        }
      }
    }
  }
}
