package import BinaryFormats
import ModuleRecovery
import PythonSyntax
package import RuntimeModel
import Structuring

/// Turns a module whose code cannot be followed into what its static tables tell of it: the
/// extension types, the functions and their docstrings.
package struct TableDecompiler {
  private let image: BinaryImage
  private let layout: ObjectLayout
  private let moduleName: String

  /// - Parameters:
  ///   - image: the module.
  ///   - layout: that of the objects of its CPython.
  ///   - moduleName: the last part of the module's name.
  package init(_ image: BinaryImage, _ layout: ObjectLayout, moduleName: String) {
    self.image = image
    self.layout = layout
    self.moduleName = moduleName
  }

  /// - Parameter reason: why the module's code cannot be followed.
  /// - Returns: nil if there are no such tables.
  package func run(_ reason: String) -> ModuleDecompiler.Result? {
    let types = ExtensionTypes(image, layout, moduleName: moduleName).find()
    let inTypes = Set(types.flatMap { $0.methods.map(\.address) })
    let functions = MethodTables(image, layout).all().filter { !inTypes.contains($0.address) }
    guard !types.isEmpty || !functions.isEmpty else { return nil }
    let problem = NotUnderstood(reason)
    var reports = [Self.report("<module>", 0, problem)]
    var body = [Statement(.comment, comments: ["decython: outline: \(reason)"])]
    for type in types {
      let (statement, methods) = type.definition()
      body.append(statement)
      reports += methods
    }
    for function in functions {
      body.append(Statement(.function(function.definition(isMethod: false, problem))))
      reports.append(Self.report(function.name, function.function, problem))
    }
    return ModuleDecompiler.Result(source: Module(body: body), reports: reports)
  }

  private static func report(
    _ name: String, _ address: UInt64, _ problem: NotUnderstood
  ) -> FunctionReport {
    FunctionReport(
      name: name, line: nil, address: address, rung: .outline, reason: problem.reason,
      reasonAddress: nil)
  }
}
