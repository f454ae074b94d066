import BinaryFormats
package import IR
import ModuleRecovery
import Simplification

// What functions give back that return C values.
extension Raiser {
  /// Makes objects of the C values that a function returns, as Python code would return them.
  ///
  /// ```
  /// return 0                          return None           `tp_init`
  /// %7 = truth %5; return %7     →    return bool(%5)       `nb_bool`
  /// return %9                         return boxInteger %9
  /// ```
  func raiseNativeResults() {
    guard result != .object else { return }
    let blocks = function.reversePostorder().filter { block in
      if case .return = function[block].terminator { true } else { false }
    }
    for block in blocks {
      guard case .return(let value) = function[block].terminator,
        let object = returnedObject(function.resolve(value), in: block)
      else { continue }
      function.removeEnd(of: block)
      function.terminate(block, with: .return(object))
    }
  }

  private func returnedObject(_ value: Instruction.ID, in block: Block.ID) -> Instruction.ID? {
    switch result {
    case .object: return nil
    case .status: return function.constant(value) == 0 ? none : nil
    case .nothing: return none
    case .truth: return boxed(value, .boxBoolean, in: block)
    case .number, .unknown:
      let leaves = leaves(of: value)
      if leaves.allSatisfy(isTruth) { return boxed(value, .boxBoolean, in: block) }
      let isKnown = leaves.contains(where: isUnboxed) && leaves.allSatisfy(isNumber)
      return isKnown || result == .number ? boxed(value, .boxInteger, in: block) : nil
    }
  }

  var none: Instruction.ID? {
    view.none.map { function.constant($0, width: function.pointerSize) }
  }

  private func boxed(
    _ value: Instruction.ID, _ operation: PythonOperation, in block: Block.ID
  ) -> Instruction.ID {
    function.append(
      .python(operation), [value], width: function.pointerSize, to: block,
      at: function[value].address)
  }

  /// The values that may meet in one.
  package func leaves(of value: Instruction.ID) -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    var pending = [value]
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast(), seen.count < 256 {
      guard seen.insert(id).inserted else { continue }
      switch function[id].operation {
      case .phi, .machine(.zeroExtend), .machine(.signExtend), .machine(.extract):
        // An extract has its place behind the value.
        let operands = function.operands(of: id).map { function.resolve($0) }
        pending += function.isPhi(id) ? operands : Array(operands.prefix(1))
      default: result.insert(id)
      }
    }
    return result
  }

  private func isTruth(_ id: Instruction.ID) -> Bool {
    if let number = function.constant(id) { return number < 2 }
    if function.size(function.withoutExtension(id)) == 1 { return true }
    return switch operation(id) {
    case .truth?, .notTruth?, .compareTruth?, .contains?, .isInstance?, .isSubclass?,
      .hasAttribute?, .isCallable?:
      true
    default: false
    }
  }

  private func isUnboxed(_ id: Instruction.ID) -> Bool {
    switch operation(id) {
    case .unboxInteger?, .length?, .entryCount?, .hash?: true
    default: false
    }
  }

  private func isNumber(_ id: Instruction.ID) -> Bool {
    if let number = function.constant(id) { return number < 0x1000 || number > .max - 0x1000 }
    return isUnboxed(id) || isTruth(id) || function.machine(id) != nil
  }
}
