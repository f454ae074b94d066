import IR

// Loads that compilers move up.
extension Raiser {
  /// Reads fields and static variables where their values are needed.
  ///
  /// ```
  /// %5 = load 0x7000                          branch %4, b1, b2
  /// branch %4, b1, b2               →     b1: %5 = load 0x7000
  /// b1: %6 = call f, %5                       %6 = call f, %5
  /// ```
  /// Compilers load before a branch what both arms, or one of them, use. A load is read again in each
  /// block that uses it, if nothing can happen on the only way there.
  ///
  /// - Parameter loads: what is loaded from fields and static variables.
  /// - Returns: the loads and their copies.
  func sinkLoads(_ loads: [Instruction.ID]) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    let users = usersOfSteps(Set(loads))
    for load in loads {
      result.append(load)
      guard let home = function[load].block else { continue }
      var copies: [Block.ID: Instruction.ID] = [:]
      for user in users[load] ?? [] where function[user].block != home {
        if function.isPhi(user) {
          result += sinkIntoPhi(user, load, home)
        } else if let block = function[user].block, let copy = copies[block] {
          replace(load, by: copy, in: user)
        } else if let block = function[user].block, isIdle(from: load, upTo: user) {
          let copy = function.insert(
            function[load].operation, function.operands(of: load), width: function.size(load),
            before: user)
          copies[block] = copy
          replace(load, by: copy, in: user)
          result.append(copy)
        }
      }
    }
    return result
  }

  /// Loads at the end of each arm whose value a phi takes.
  private func sinkIntoPhi(
    _ phi: Instruction.ID, _ load: Instruction.ID, _ home: Block.ID
  ) -> [Instruction.ID] {
    guard let block = function[phi].block else { return [] }
    var result: [Instruction.ID] = []
    var operands = Array(function.operands(of: phi))
    for (edge, arm) in function[block].predecessors.enumerated()
    where operands[edge] == load && arm != home && isIdle(from: load, to: arm) {
      let copy = function.append(
        function[load].operation, function.operands(of: load), width: function.size(load), to: arm,
        at: function[load].address)
      operands[edge] = copy
      result.append(copy)
    }
    if !result.isEmpty { function.setOperands(of: phi, operands) }
    return result
  }

  private func replace(
    _ load: Instruction.ID, by copy: Instruction.ID, in user: Instruction.ID
  ) {
    function.setOperands(
      of: user, function.operands(of: user).map { replaced(load, by: copy, inPlace: $0) })
  }

  /// A value, or a place at a distance from it.
  private func replaced(
    _ load: Instruction.ID, by copy: Instruction.ID, inPlace id: Instruction.ID
  ) -> Instruction.ID {
    if id == load { return copy }
    let (base, offset) = function.offset(id)
    guard base == load, let (opcode, _, _) = function.machine(id), opcode == .add else { return id }
    return function.binary(
      .add, copy, function.constant(offset, width: function.size(id)), width: function.size(id))
  }

  /// Whether nothing happens between a step and a later one, to which there is only one way.
  private func isIdle(from step: Instruction.ID, upTo user: Instruction.ID) -> Bool {
    guard let block = function[user].block, function[block].predecessors.count == 1,
      isIdle(from: step, to: function[block].predecessors[0])
    else { return false }
    return function[block].instructions.prefix { $0 != user }.allSatisfy { isIdle($0) }
  }

  /// The steps that read each of some values, or what lies at a distance from them.
  private func usersOfSteps(_ values: Set<Instruction.ID>) -> [Instruction.ID: [Instruction.ID]] {
    var result: [Instruction.ID: [Instruction.ID]] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .referenceCount = function[id].operation { continue }
        let read = function.operands(of: id).map {
          values.contains($0) ? $0 : function.offset($0).base
        }
        for value in Set(read) where values.contains(value) {
          result[value, default: []].append(id)
        }
      }
    }
    return result
  }
}
