import Basics
package import IR
import Interpretation
package import PythonSyntax
package import Raising

/// A function object that code makes.
package struct FunctionReference {
  /// The address of its `PyMethodDef`.
  package let definition: UInt64
  package let qualifiedName: String
  /// The address of its code object.
  package let code: UInt64?
  /// The types of the scopes around it, the innermost first; nil if they are not known.
  package let scopes: [UInt64]?
  /// The name of a function that is made by `def` in another function.
  package var localName: String? {
    let path = qualifiedName.split(separator: ".")
    guard let name = path.last, path.dropLast().last == "<locals>", name != "<lambda>" else {
      return nil
    }
    return String(name)
  }

  /// Whether it is written as an expression.
  package var isLambda: Bool { qualifiedName.hasSuffix("<lambda>") }

  /// Whether it is a private method that its class keeps by another name: `__f` of `C` as `_C__f`.
  func isPrivate(as name: String) -> Bool {
    let path = qualifiedName.split(separator: ".")
    guard let own = path.last, own.hasPrefix("__"), !own.hasSuffix("__"),
      let owner = path.dropLast().last, owner != "<locals>"
    else { return false }
    return name == "_" + owner.drop { $0 == "_" } + own
  }

  /// What was stored into it: expressions by the offset of the field.
  package var fields: [Int: Expression] = [:]
  /// Defaults that are no literals, by their place in the memory for them.
  package var defaults: [Int: Expression] = [:]
  /// The C function that makes all defaults: `((positional…), {keyword-only…})`.
  package var getter: UInt64?
  /// Whether what is done with it is not understood, so that decorators and defaults may be missing.
  package var isLost = false

  package init(definition: UInt64, qualifiedName: String, code: UInt64?, scopes: [UInt64]?) {
    self.definition = definition
    self.qualifiedName = qualifiedName
    self.code = code
    self.scopes = scopes
  }
}

extension Raiser {
  /// The function object that a step makes.
  package func functionReference(_ id: Instruction.ID) -> FunctionReference? {
    guard case .python(.function(let definition, _)) = function[id].operation,
      case .string(let text)? = object(function.operand(0, of: id)), let name = text.string
    else { return nil }
    return FunctionReference(
      definition: definition, qualifiedName: name,
      code: function.constant(function.operand(2, of: id)).flatMap { $0 == 0 ? nil : $0 },
      scopes: function.constant(function.operand(1, of: id)) == 0
        ? [] : chain(of: function.operand(1, of: id)))
  }
}
