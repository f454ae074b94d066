package import IR
import RuntimeModel
import Simplification

extension Program {
  /// How many names a call of `__Pyx__Import` asks for.
  ///
  /// Compilers make clones of the helper for calls that all ask for as many; such a clone knows the
  /// number by itself, and has no parameter for it.
  ///
  /// - Returns: nil if the call has no place for names.
  package func importedNameCount(
    of call: Instruction.ID, in function: borrowing Function
  ) -> Int? {
    guard let helper = function.constant(function.operand(0, of: call)) else { return nil }
    let parameterCount = signature(of: helper)?.parameters.count ?? 6
    if parameterCount > 2, let count = function.argument(2, of: call),
      let number = function.constant(count), number < 256
    {
      return Int(number)
    }
    if let known = importCounts[helper] { return known }
    let count = parameterCount > 1 ? listSize(in: helper) : nil
    importCounts[helper] = count
    return count
  }

  /// The size of the one list that a helper makes.
  private func listSize(in helper: UInt64) -> Int? {
    guard let constructed = construct(at: helper) else { return nil }
    let function = constructed.takeFunction()
    let view = ProgramView(self)
    var size: UInt64?
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where function.callee(of: id, view)?.name == "PyList_New" {
        guard size == nil,
          let count = function.argument(0, of: id).flatMap({ function.constant($0) })
        else { return nil }
        size = count
      }
    }
    return size.flatMap { $0 > 0 && $0 < 256 ? Int($0) : nil }
  }
}
