import Basics
import Interpretation
package import ModuleRecovery
import PythonSyntax
import Structuring

/// What a module holds beside its code: the objects that its initialisation makes.
package struct ModuleInventory {
  /// An object that is the same whenever the module runs.
  package struct Constant: Codable, Sendable {
    package let address: UInt64
    package let kind: String
    /// The object as a Python expression.
    package let text: String
  }

  /// A code object's fields, named as CPython names them.
  package struct Code: Codable, Sendable {
    package let name: String
    package let qualifiedName: String?
    package let fileName: String
    package let firstLine: Int
    package let argumentCount: Int
    package let positionalOnlyCount: Int
    package let keywordOnlyCount: Int
    package let flags: Int
    package let variableNames: [String]
    /// The location table in hexadecimal digits, where the module has one.
    package let lineTable: String
  }

  private let module: OpenedModule

  package init(_ module: OpenedModule) { self.module = module }

  /// The constants, in the order of their making.
  package var constants: [Constant] {
    let expressions = ConstantExpressions(module.program)
    let values = module.state.values.sorted { $0.key < $1.key }
    return values.compactMap { address, value in
      guard let kind = Self.kind(of: value), let expression = expressions.expression(address) else {
        return nil
      }
      return Constant(address: address, kind: kind, text: ModulePrinter().print(expression))
    }
  }

  /// The code objects, in the order of their making.
  package var codes: [Code] {
    module.state.codeObjects.compactMap { address in
      guard case .code(let code)? = module.state.values[address] else { return nil }
      func text(_ text: Text) -> String { text.string ?? "" }
      return Code(
        name: text(code.name), qualifiedName: code.qualifiedName.map(text),
        fileName: text(code.fileName), firstLine: code.firstLine,
        argumentCount: code.argumentCount, positionalOnlyCount: code.positionalOnlyCount,
        keywordOnlyCount: code.keywordOnlyCount, flags: code.flags,
        variableNames: code.variableNames.map(text),
        lineTable: code.lineTable.map { byte in
          (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined())
    }
  }

  /// What people call the kind of a constant; nil for objects that are none.
  private static func kind(of value: PythonValue) -> String? {
    switch value {
    case .string: "str"
    case .bytes: "bytes"
    case .integer: "int"
    case .float: "float"
    case .complex: "complex"
    case .tuple: "tuple"
    case .frozenSet: "frozenset"
    case .slice: "slice"
    default: nil
    }
  }
}
