import PythonSyntax

extension Tidier {
  /// Puts the first value of an extreme back, which Cython evaluates last into the variable for the result.
  ///
  /// ```
  /// x = f()                    # 3
  /// x = min(x, y)       →      x = min(f(), y)      # 3
  /// ```
  /// `_optimise_min_max` in `Cython/Compiler/Optimize.py`. On lines of their own these are two statements.
  func joinExtreme(_ result: inout [Statement]) {
    guard result.count > 1, case let (first, second) = (result[result.count - 2], result.last),
      let second, let line = first.line, second.line == line,
      case .assign(let targets, let value) = first.kind, targets.count == 1,
      case .assign(targets, .call(.name(let name), let arguments, [])) = second.kind,
      name == "min" || name == "max", case .name(let variable) = targets[0],
      arguments.count > 1, arguments[0] == targets[0], !value.mentions({ $0 == variable }),
      arguments.dropFirst().allSatisfy({ $0.isPure && !$0.mentions { $0 == variable } })
    else { return }
    var joined = second
    joined.kind = .assign(targets, .call(.name(name), [value] + arguments.dropFirst(), []))
    result.removeLast(2)
    append(joined, to: &result)
  }
}
