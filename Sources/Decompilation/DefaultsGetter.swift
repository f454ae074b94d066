import Basics
import IR
import ModuleRecovery
import PythonSyntax
import Raising
import Structuring

/// Reads the C function that makes the tuple of a function's defaults.
///
/// `return ((stored, literal, …), {name: stored, …})`, from `DefaultsTupleNode` in
/// `Cython/Compiler/ExprNodes.py`.
struct DefaultsGetter {
  private let program: Program

  init(_ program: Program) { self.program = program }

  /// The defaults, with stored values put in.
  func values(
    _ getter: UInt64, _ stored: [Int: Expression]
  ) -> (positional: Expression?, keywordOnly: Expression?)? {
    guard let prepared = PreparedFunction(program, at: getter) else { return nil }
    let raiser = Raiser(prepared, program, symbols: SymbolTable())
    raiser.run()
    let values = StraightValues(raiser, stored: stored)
    for block in raiser.function.reversePostorder() {
      guard case .return(let value) = raiser.function[block].terminator else { continue }
      let result = raiser.function.resolve(value)
      guard case .python(.tuple) = raiser.function[result].operation,
        raiser.function.operandCount(of: result) == 2
      else { continue }
      return (
        values.expression(raiser.function.operand(0, of: result)),
        values.expression(raiser.function.operand(1, of: result))
      )
    }
    return nil
  }
}
