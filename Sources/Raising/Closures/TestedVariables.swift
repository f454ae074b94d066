import BinaryFormats
import IR
import ModuleRecovery
import RuntimeModel
import Simplification

/// A variable in memory that is tested for being bound.
package struct TestedVariable {
  /// The variable's place: a pointer, and the distance from it.
  let base: Instruction.ID
  let offset: UInt64
  let name: String
}

extension Function {
  /// The names of variables in memory that are tested for being bound.
  ///
  /// ```c
  /// if (!scope->x) { __Pyx_RaiseUnboundLocalError("x"); goto error; }
  /// ```
  /// Cython tests variables that inner functions use wherever they are read
  /// (`generate_result_code` of `NameNode` in `Cython/Compiler/ExprNodes.py`).
  func namesOfTestedVariables(
    _ facts: some ModuleFacts, _ program: Program
  ) -> [TestedVariable] {
    var result: [TestedVariable] = []
    for block in reversePostorder() {
      guard let site = BranchSite(block, in: self),
        let value = site.valueComparedWithNull(in: self),
        let name = nameOfUnbound(site.target, facts, program)
      else { continue }
      guard self[value].operation == .machine(.load) else { continue }
      let (base, offset) = self.offset(operand(0, of: value))
      result.append(TestedVariable(base: base, offset: offset, name: name))
    }
    return result
  }

  /// The name that the first call of a block says is not bound.
  private func nameOfUnbound(
    _ block: Block.ID, _ facts: some ModuleFacts, _ program: Program
  ) -> String? {
    var block = block
    for _ in 0..<4 {
      for id in self[block].instructions where self[id].operation == .call {
        let index: Int
        switch callee(of: id, facts)?.name {
        case "__Pyx_RaiseUnboundLocalError", "__Pyx_RaiseClosureNameError": index = 0
        // "local variable '%s' referenced before assignment"
        case "PyErr_Format": index = 2
        default: return nil
        }
        guard let address = argument(index, of: id).flatMap({ constant($0) }),
          let bytes = program.image.cString(at: address)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
      }
      guard case .jump(let next) = self[block].terminator else { return nil }
      block = next
    }
    return nil
  }
}
