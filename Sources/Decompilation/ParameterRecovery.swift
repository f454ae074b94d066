import Basics
import Interpretation
import PythonSyntax
import RuntimeModel

/// The parameters of a function, from its code object and what was stored into the function object.
struct ParameterRecovery {
  private(set) var parameters = Parameters()
  private(set) var returns: Expression?

  /// `fields` is what was stored into the function object; `namesText` is whether Cython writes
  /// `unicode` where an annotation says `str`.
  init(
    _ code: CodeObject?, fields: [Int: Expression] = [:], defaultsOffset: Int = 0,
    _ layout: ObjectLayout, namesText: Bool = false
  ) {
    guard let code else { return }
    let names = code.parameterNames
    var annotations = Self.dictionary(fields[defaultsOffset + Int(layout.words(3))])
    if namesText { annotations = annotations.mapValues(Self.withText) }
    let keywordDefaults = Self.dictionary(fields[defaultsOffset + layout.pointerSize])
    var defaults: [Expression] = []
    if case .tuple(let items)? = fields[defaultsOffset] { defaults = items }
    returns = annotations["return"]
    var index = 0
    func parameter(_ value: Expression?) -> Parameters.Parameter {
      defer { index += 1 }
      let name = index < names.count ? names[index] : "_"
      return .init(name, annotation: annotations[name], default: value)
    }
    let firstDefault = code.argumentCount - defaults.count
    for position in 0..<code.argumentCount {
      let hasDefault = position >= firstDefault && position - firstDefault < defaults.count
      let entry = parameter(hasDefault ? defaults[position - firstDefault] : nil)
      if position < code.positionalOnlyCount {
        parameters.positionalOnly.append(entry)
      } else {
        parameters.positional.append(entry)
      }
    }
    for _ in 0..<code.keywordOnlyCount {
      let name = index < names.count ? names[index] : "_"
      parameters.keywordOnly.append(parameter(keywordDefaults[name]))
    }
    if code.flags & 4 != 0 { parameters.star = parameter(nil) }
    if code.flags & 8 != 0 { parameters.doubleStar = parameter(nil) }
  }

  /// `'unicode'` → `str`: Cython 0.29 keeps the names of builtin types as strings, and its own name
  /// for `str` is that of Python 2 (`analyse_annotations` in `Cython/Compiler/Nodes.py`).
  private static func withText(_ annotation: Expression) -> Expression {
    guard case .constant(.string(let text)) = annotation, text.string == "unicode" else {
      return annotation
    }
    return .name("str")
  }

  /// The entries of a dict display with strings as keys.
  private static func dictionary(_ expression: Expression?) -> [String: Expression] {
    guard case .dictionary(let entries)? = expression else { return [:] }
    var result: [String: Expression] = [:]
    for entry in entries {
      guard case .constant(.string(let text))? = entry.key, let name = text.string else { continue }
      result[name] = entry.value
    }
    return result
  }
}
