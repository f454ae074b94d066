import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// Assignments inside of tests.
extension FunctionStructurer {
  /// A test that assigns what it asks first, if it stands on the line of the assignment before it: no
  /// other statement can stand there.
  ///
  /// ```
  /// x = f()  # line 5
  /// if x:    # line 5        →      if (x := f()):
  /// ```
  func assigningInTest(_ test: Test, _ yes: Arm, _ no: Arm, _ state: State) -> Expression? {
    guard let last = state.statements.last, let line = last.line, line == test.askedLine,
      case .assign(let targets, let value) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], scope.variables.contains(name),
      // `x = f() or g()` asks on the line of the assignment, too.
      ![yes, no].contains(where: { $0.statements.decideOn(name) })
    else { return nil }
    return test.expression.assigningFirst(name, value)
  }

  /// The line of the test that a condition is the result of, if the test can fail.
  func lineAsked(by condition: Instruction.ID) -> Int? {
    var id = condition
    for _ in 0..<8 {
      switch raiser.function[id].operation {
      case .python(.truth), .python(.notTruth), .python(.compareTruth), .python(.contains),
        .python(.isInstance), .python(.isSubclass):
        return raiser.sites[id]?.line
      default: break
      }
      guard let (_, left, right) = raiser.function.machine(id),
        left == right || raiser.function.constant(right) != nil
      else { return nil }
      id = left
    }
    return nil
  }
}
