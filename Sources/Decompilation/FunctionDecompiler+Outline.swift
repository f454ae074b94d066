import Basics
import IR
import PythonSyntax
import Raising
import Structuring

// What can be said of a module whose own code is not understood.
extension FunctionDecompiler {
  /// The functions that a module makes, in classes as their names say.
  func outline(from start: EntryState) -> [Statement] {
    guard let raiser = raised(from: start) else { return [] }
    let values = StraightValues(raiser)
    var root = OutlineNode()
    for block in raiser.function.reversePostorder() {
      for id in raiser.function[block].instructions {
        guard let reference = values.reference(id) else { continue }
        let path = reference.qualifiedName.split(separator: ".").map(String.init)
        guard !path.contains("<locals>") else { continue }
        root.insert(definition(reference), path[...])
      }
    }
    return root.statements
  }
}

/// Definitions by the classes around them.
private struct OutlineNode {
  private var order: [String] = []
  private var functions: [String: FunctionDefinition] = [:]
  private var classes: [String: OutlineNode] = [:]

  mutating func insert(_ definition: FunctionDefinition, _ path: ArraySlice<String>) {
    guard let name = path.first else { return }
    if functions[name] == nil, classes[name] == nil { order.append(name) }
    if path.count == 1 {
      functions[name] = definition
    } else {
      classes[name, default: OutlineNode()].insert(definition, path.dropFirst())
    }
  }

  var statements: [Statement] {
    order.compactMap { name in
      if let inner = classes[name] {
        return Statement(.class(ClassDefinition(name: name, body: inner.statements)))
      }
      return functions[name].map { Statement(.function($0)) }
    }
  }
}
