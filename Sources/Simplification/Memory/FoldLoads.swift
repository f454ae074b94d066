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
        if foldChosenLoad(id, facts) {
          changed = true
          continue
        }
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

  /// Loads from one of several known places what stands there.
  ///
  /// ```
  /// %5 = load (phi 0x100, 0x200)     →     %5 = phi 7, 8
  /// ```
  private mutating func foldChosenLoad(_ id: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    let (phi, distance) = offset(operand(0, of: id))
    guard isPhi(phi), let block = self[phi].block else { return false }
    var values: [Instruction.ID] = []
    for place in operands(of: phi) {
      guard let address = constant(place),
        let value = facts.constant(
          at: (address &+ distance) & Opcode.mask(pointerSize), size: size(id)), value != 0
      else { return false }
      values.append(constant(value, width: size(id)))
    }
    let chosen = appendPhi(width: size(id), to: block)
    setOperands(of: chosen, values)
    forward(id, to: chosen)
    return true
  }
}
