package import IR
import ModuleRecovery
package import Simplification

/// What the wrapper of a `cpdef` function does: it calls the C function with the arguments that it took apart.
package struct Forwarding: Sendable {
  package let call: Instruction.ID
  /// Where the C function starts.
  package let target: UInt64
  /// What it gets, but for the structure with optional arguments.
  package let arguments: [Instruction.ID]
  package let optional: [Instruction.ID]
  /// Where that structure lies in the frame, if it was filled before the arguments were taken apart as a whole.
  package var structure: Int?
}

extension Raiser {
  /// What the C function gives back, if the wrapper does nothing but hand arguments on.
  package func result(of forwarding: Forwarding) -> NativeResult? {
    var results: Set<NativeResult> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where id != forwarding.call {
        switch function[id].operation {
        // Loads belong to tests of the arguments' types.
        case .phi, .referenceCount, .undefined, .machine(.load), .python(.parameter),
          .python(.boxInteger), .python(.boxBoolean):
          continue
        default: return nil
        }
      }
      guard case .return(let value) = function[block].terminator else { continue }
      for leaf in leaves(of: function.resolve(value)) {
        guard let result = result(leaf, of: forwarding.call) else { return nil }
        results.insert(result)
      }
    }
    return results.count == 1 ? results.first : nil
  }

  private func result(_ value: Instruction.ID, of call: Instruction.ID) -> NativeResult? {
    if value == call { return .object }
    switch function.variable(value, view) {
    case "_Py_TrueStruct", "_Py_FalseStruct": return .truth
    case "_Py_NoneStruct": return .nothing
    default: break
    }
    let isOfCall =
      function.operandCount(of: value) == 1
      && leaves(of: function.operand(0, of: value)) == [call]
    switch operation(value) {
    case .boxInteger? where isOfCall: return .number
    case .boxBoolean? where isOfCall: return .truth
    default: return nil
    }
  }
}
