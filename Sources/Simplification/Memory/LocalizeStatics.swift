package import IR

extension Function {
  /// Moves static variables that serve as local ones into the frame.
  ///
  /// ```
  /// store 0x7000, %9          store stack-8388608, %9
  /// %11 = load 0x7000    →    %11 = load stack-8388608
  /// store 0x7000, None        store stack-8388608, None
  /// ```
  /// The variables of comprehensions that stand in a module or class body are static, and hold `None`
  /// again when the comprehension is left, in whatever way (`ScopedExprNode.generate_evaluation_code`
  /// in `Cython/Compiler/ExprNodes.py`).
  ///
  /// - Returns: whether there were any.
  package mutating func localizeStatics(_ facts: some ModuleFacts, _ machine: Machine) -> Bool {
    let places = transientStatics(facts, wordSize: machine.pointerSize)
    guard !places.isEmpty else { return false }
    let base = entry(
      Cell(.register, offset: Int32(truncatingIfNeeded: machine.stackPointer.offset)),
      width: machine.pointerSize)
    for (number, place) in places.enumerated() {
      let distance = Self.statics - number * machine.pointerSize
      let offset = constant(
        UInt64(truncatingIfNeeded: distance) & Opcode.mask(machine.pointerSize),
        width: machine.pointerSize)
      let address = binary(.add, base, offset, width: machine.pointerSize)
      for access in place.accesses {
        setOperands(of: access, [address] + operands(of: access).dropFirst())
      }
    }
    return true
  }

  /// Where in the frame they go: below whatever a function has there.
  private static let statics = -(1 << 23)

  private struct StaticVariable {
    let address: UInt64
    var accesses: [Instruction.ID] = []
    var stores: [Instruction.ID] = []
    var isPlain = true
  }

  /// The static variables that hold `None` whenever the function is left.
  private func transientStatics(
    _ facts: some ModuleFacts, wordSize: Int
  ) -> [StaticVariable] {
    var numbers: [UInt64: Int] = [:]
    var found: [StaticVariable] = []
    let order = reversePostorder()
    for block in order {
      for id in self[block].instructions where self[id].operation == .machine(.store) {
        guard let address = constant(operand(0, of: id)), facts.isMapped(address),
          numbers[address] == nil
        else { continue }
        numbers[address] = found.count
        found.append(StaticVariable(address: address))
      }
    }
    guard !found.isEmpty else { return [] }
    for block in order {
      for id in self[block].instructions {
        for (index, operand) in operands(of: id).enumerated() {
          guard let number = constant(operand).flatMap({ numbers[$0] }) else { continue }
          let isStore = self[id].operation == .machine(.store)
          let width = isStore ? size(self.operand(1, of: id)) : size(id)
          if index == 0, isStore || self[id].operation == .machine(.load), width == wordSize {
            found[number].accesses.append(id)
            if isStore { found[number].stores.append(id) }
          } else {
            found[number].isPlain = false
          }
        }
      }
    }
    return found.filter { place in
      let ends = Set(place.stores.filter { isNone(operand(1, of: $0), facts) })
      guard place.isPlain, !ends.isEmpty, ends.count < place.stores.count else { return false }
      return place.stores.allSatisfy { ends.contains($0) || isEnded($0, ends) }
    }
  }

  private func isNone(_ value: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    variable(value, facts) == "_Py_NoneStruct"
  }

  /// Whether no way leads from a step out of the function that does not come by one of the ends.
  private func isEnded(_ step: Instruction.ID, _ ends: Set<Instruction.ID>) -> Bool {
    guard let start = self[step].block else { return false }
    let after = self[start].instructions.drop { $0 != step }.dropFirst()
    if after.contains(where: ends.contains) { return true }
    var seen: Set<Block.ID> = []
    var pending = [start]
    while let block = pending.popLast() {
      if case .return = self[block].terminator { return false }
      for next in successors(of: block) where seen.insert(next).inserted {
        if !self[next].instructions.contains(where: ends.contains) { pending.append(next) }
      }
    }
    return true
  }
}
