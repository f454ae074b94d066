import Basics
import IR

// Imports that bind a module inside of packages.
extension Raiser {
  /// Reads imports that walk down to the innermost module.
  ///
  /// ```
  /// %1 = import a.b.c
  /// %2 = importFrom b %1         →     %3 = importDotted a.b.c
  /// %3 = importFrom c %2
  /// ```
  /// `import a.b.c as d` in Cython 3.2 and later (`ImportNode` in `Cython/Compiler/ExprNodes.py`).
  ///
  /// - Returns: whether anything changed.
  func raiseDottedImports() -> Bool {
    var readers: [Instruction.ID: [Instruction.ID]]?
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        guard case .importModule(let name, level: 0)? = operation(id),
          function.operandCount(of: id) == 0, symbols[name].contains(".")
        else { continue }
        let known = readers ?? readersOfImports()
        readers = known
        if walkDown(from: id, name, known) { return true }
      }
    }
    return false
  }

  private func walkDown(
    from module: Instruction.ID, _ name: Symbol, _ readers: [Instruction.ID: [Instruction.ID]]
  ) -> Bool {
    var steps = [module]
    for part in symbols[name].split(separator: ".").dropFirst() {
      guard let last = steps.last, let next = readers[last], next.count == 1,
        case .importFrom(let taken)? = operation(next[0]), symbols[taken] == part
      else { return false }
      steps.append(next[0])
    }
    guard let last = steps.popLast() else { return false }
    for step in steps.reversed() { function.remove(step) }
    return become(last, .importDotted(name), [])
  }

  /// The steps that read the value of an import or of a name taken from a module.
  private func readersOfImports() -> [Instruction.ID: [Instruction.ID]] {
    var result: [Instruction.ID: [Instruction.ID]] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .referenceCount = function[id].operation { continue }
        for operand in function.operands(of: id) {
          switch operation(operand) {
          case .importModule?, .importFrom?: result[operand, default: []].append(id)
          default: continue
          }
        }
      }
    }
    return result
  }
}
