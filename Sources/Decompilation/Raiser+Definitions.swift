import Basics
import IR
import Interpretation
import ModuleRecovery
import Raising
import RuntimeModel
import Simplification
import Structuring

/// A generator or coroutine that a function makes.
struct MadeGenerator {
  let body: UInt64
  let kind: GeneratorKind
  /// The types of its scope and those around it.
  let scopes: [UInt64]
  /// Its own code object, which says how its variables are called.
  let code: CodeObject?
}

extension Raiser {
  /// The generators that the function makes.
  var generators: [MadeGenerator] {
    var result: [MadeGenerator] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if let generator = generator(id) { result.append(generator) }
      }
    }
    return result
  }

  private func generator(_ id: Instruction.ID) -> MadeGenerator? {
    guard case .python(.generator(let body, let kind)) = function[id].operation,
      let scopes = chain(of: function.operand(0, of: id))
    else { return nil }
    var code: CodeObject?
    if case .code(let own)? = object(function.operand(2, of: id)) { code = own }
    return MadeGenerator(body: body, kind: kind, scopes: scopes, code: code)
  }

  /// The generator that the function returns, if it is one that is named like the function itself;
  /// Cython 0.29 does not mark the code objects of generators.
  func returnedGenerator(named name: String) -> MadeGenerator? {
    for block in function.reversePostorder() {
      guard case .return(let value) = function[block].terminator else { continue }
      let id = function.resolve(value)
      guard let generator = generator(id),
        case .string(let text)? = object(function.operand(1, of: id)), text.string == name
      else { continue }
      return generator
    }
    return nil
  }

  /// The function objects that the function makes.
  var functions: [FunctionReference] {
    var result: [FunctionReference] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if let reference = functionReference(id) { result.append(reference) }
      }
    }
    return result
  }

  /// The fields of scopes that functions are stored into, with their names.
  var functionsInCells: [ScopeField: String] {
    var result: [ScopeField: String] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .python(.storeCell(let field)) = function[id].operation,
          let name = functionReference(function.operand(0, of: id))?.localName
        else { continue }
        result[field] = name
      }
    }
    return result
  }

  /// The names of functions that the function keeps for itself.
  var privateNames: Set<String> {
    let shared = Set(functionsInCells.values)
    var result: Set<String> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard let name = functionReference(id)?.localName, !shared.contains(name),
          !isDecorated(id)
        else { continue }
        result.insert(name)
      }
    }
    return result
  }

  /// Whether a function object is handed to a call, which may return what is kept under its name.
  private func isDecorated(_ id: Instruction.ID) -> Bool {
    function.reversePostorder().contains { block in
      function[block].instructions.contains { step in
        guard case .python(.call) = function[step].operation else { return false }
        return function.operands(of: step).dropFirst().contains(id)
      }
    }
  }

  /// The parameters that are stored into a scope, by the distance of the field.
  func parametersInCells(of type: UInt64?) -> [UInt64: Int] {
    var result: [UInt64: Int] = [:]
    for (field, parameter) in parametersInCells where field.type == type {
      result[field.offset] = parameter
    }
    return result
  }

  /// The places of what is stored into the scope of a generator expression, in the order of the
  /// fields: Cython 3 hands what stands in the first `for` over as arguments
  /// (`_HandleGeneratorArguments` in `Cython/Compiler/ParseTreeTransforms.py`).
  func argumentFields(of type: UInt64?) -> [UInt64: Int] {
    var offsets: Set<UInt64> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .python(.storeCell(let field)) = function[id].operation, field.type == type
        else { continue }
        offsets.insert(field.offset)
      }
    }
    return Dictionary(
      offsets.sorted().enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The types of the scopes that the function makes.
  var scopeTypes: [UInt64] {
    var result: [UInt64] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .python(.scope(let type)) = function[id].operation, !result.contains(type) {
          result.append(type)
        }
      }
    }
    return result
  }

  /// The variables in scopes that the function reads or assigns to.
  var cells: Set<ScopeField> {
    var result: Set<ScopeField> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .python(.cell(let field)), .python(.storeCell(let field)),
          .python(.deleteCell(let field)):
          result.insert(field)
        default: continue
        }
      }
    }
    return result
  }
}
