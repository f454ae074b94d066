import Basics
import IR
import RuntimeModel

// `raise` without an exception, where no handler is around.
extension LiftHandlers {
  /// Takes the search for the exception that is being handled away where it is only raised again.
  ///
  /// ```
  /// p = walk…; if !p->exc_value: PyErr_SetString(…)     →     python.raise
  /// else: PyErr_Restore(type, value, traceback)
  /// ```
  /// `__Pyx_ReraiseException` in `Cython/Utility/Exceptions.c` looks for the exception as a `try`
  /// statement does that keeps it.
  mutating func takeReraises(_ function: inout Function) {
    for index in markers.indices where markers[index].kind == .unfetch {
      let found = owners(ofKept: markers[index].operands, function)
      guard found.count == 1, let owner = found.first, let save = marker(.save, of: owner),
        let start = function[save.step].block, let end = function[markers[index].step].block,
        start != end
      else { continue }
      let last = split(end, before: markers[index].step, &function)
      function.terminate(end, with: .jump(last))
      _ = function.split(start, behind: save.step)
      function.terminate(start, with: .jump(last))
      markers[index].kind = .reraise
      markers[index].owner = nil
      markers.removeAll { $0.kind == .save && $0.owner == owner }
      function.removeUnreachableBlocks()
      return takeReraises(&function)
    }
  }

  /// Ends control where what is being handled is raised.
  mutating func cutReraises(_ function: inout Function) {
    let errors = ErrorPaths(function, facts)
    for marker in markers where marker.kind == .reraise {
      guard let block = function[marker.step].block,
        let next = function.successors(of: block).first
      else { continue }
      let step = function.insert(
        .python(.raise), [], width: function.pointerSize, before: marker.step)
      regions.raises.append(
        .init(block: block, condition: step, errors.end(from: block, to: next, in: function)))
      function.cut(block, behind: step)
    }
  }
}
