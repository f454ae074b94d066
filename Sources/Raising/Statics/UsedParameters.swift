import IR

extension Raiser {
  /// How many of the parameters are used: the last one of those, and all before it.
  ///
  /// Nil if one behind it is handed on in a call of which nothing is known, which may get less than registers
  /// hold.
  package var usedParameterCount: Int? {
    var used: [Instruction.ID] = []
    var doubtful: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .phi: continue
        case .call: doubtful += function.operands(of: id)
        default: used += function.operands(of: id)
        }
      }
      if let value = function[block].terminator.value { used.append(function.resolve(value)) }
    }
    let known = count(behindLastOf: used)
    return count(behindLastOf: doubtful) > known ? nil : known
  }

  /// The number of parameters up to the last one that values are made of.
  private func count(behindLastOf values: [Instruction.ID]) -> Int {
    var result = 0
    var pending = values
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if case .parameter(let number)? = operation(id) { result = max(result, Int(number) + 1) }
      if function.isPhi(id) || function[id].block == nil { pending += function.operands(of: id) }
    }
    return result
  }
}
