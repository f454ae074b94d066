import IR
import RuntimeModel

extension Function {
  /// Makes one load of the loads of an object's type on several ways.
  ///
  /// ```
  /// %7 = phi %5, %6        (%5 and %6 = load %4 + 8)     →     %7 = load %4 + 8
  /// ```
  /// Compilers load `ob_type` early where a later use has been threaded through tests. The type of
  /// an object does not change while Cython looks at it.
  ///
  /// - Returns: whether anything changed.
  package mutating func mergeTypeLoads() -> Bool {
    var changed = false
    for block in reversePostorder() {
      for id in self[block].instructions where isPhi(id) {
        guard let address = addressOfType(loadedBy: id) else { continue }
        replace(id, with: .machine(.load), [address])
        changed = true
      }
    }
    return changed
  }

  private func addressOfType(loadedBy phi: Instruction.ID) -> Instruction.ID? {
    guard isWord(phi), operandCount(of: phi) > 1 else { return nil }
    var address: Instruction.ID?
    for index in 0..<operandCount(of: phi) {
      let value = operand(index, of: phi)
      guard self[value].operation == .machine(.load), isWord(value) else { return nil }
      let place = operand(0, of: value)
      guard offset(place).offset == layout.type, address == nil || address == place else {
        return nil
      }
      address = place
    }
    return address
  }
}
