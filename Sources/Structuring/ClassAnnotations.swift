import Basics
import PythonSyntax

extension [Statement] {
  /// Gives the names of a class body their annotations back.
  ///
  /// ```
  /// __annotations__ = {'a': 'int', 'b': 'str'}           a: 'int'
  /// b = f()                                        →     b: 'str' = f()
  /// ```
  /// Cython stores the annotations of a class before its body runs. Where a name is only annotated is
  /// known by the names around it.
  func withAnnotations() -> [Statement] {
    guard let position = firstIndex(where: { $0.annotations != nil }),
      let entries = self[position].annotations
    else { return self }
    var result: [Statement] = []
    // The entry that comes next, and where it stands if nothing is assigned to it.
    var next = entries.startIndex
    var place = position
    func declare(until end: Int) {
      guard next < end else { return }
      let bare = entries[next..<end].map {
        Statement(.annotatedAssign(.name($0.name), annotation: $0.annotation, nil))
      }
      result.insert(contentsOf: bare, at: Swift.min(place, result.count))
      place += bare.count
      next = end
    }
    for (index, statement) in enumerated() where index != position {
      guard index > position, case .assign(let targets, let value) = statement.kind,
        targets.count == 1, case .name(let name) = targets[0],
        let entry = entries[next...].firstIndex(where: { $0.name == name })
      else {
        result.append(statement)
        continue
      }
      if next < entry {
        place = result.count
        declare(until: entry)
      }
      var annotated = statement
      annotated.kind = .annotatedAssign(
        targets[0], annotation: entries[entry].annotation, value)
      result.append(annotated)
      next = entry + 1
      place = result.count
    }
    declare(until: entries.endIndex)
    return result
  }
}

extension Statement {
  /// The annotations that this stores for a class: names and what is said of them.
  fileprivate var annotations: [(name: String, annotation: Expression)]? {
    guard case .assign([.name("__annotations__")], .dictionary(let entries)) = kind else {
      return nil
    }
    var result: [(name: String, annotation: Expression)] = []
    for entry in entries {
      guard case .constant(.string(let text))? = entry.key, let name = text.string,
        Identifiers.isValid(name), !result.contains(where: { $0.name == name })
      else { return nil }
      result.append((name, entry.value))
    }
    return result
  }
}
