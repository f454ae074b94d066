package import IR

extension Function {
  /// Replaces loads from places whose content is known by that content.
  ///
  /// ```
  /// %5 = load 0xff00     →     (%5 is the module's dictionary)
  /// ```
  /// An address that comes out of a loop is known to be one place only once its phi is gone.
  ///
  /// - Returns: whether any load was replaced.
  package mutating func foldLoads(_ facts: some ModuleFacts) -> Bool {
    var changed = false
    var called: Set<Instruction.ID> = []
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .call {
        called.insert(operand(0, of: id))
      }
    }
    for block in reversePostorder() {
      for id in self[block].instructions where self[id].operation == .machine(.load) {
        guard let address = constant(operand(0, of: id)),
          let value = facts.constant(at: address, size: size(id)),
          // A slot that is called says what is done, however empty it is taken for.
          value != 0 || !called.contains(id)
        else { continue }
        forward(id, to: constant(value, width: size(id)))
        changed = true
      }
    }
    return changed
  }
}
