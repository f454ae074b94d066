import Analysis
import IR
import Simplification

// Where the errors of steps go.
extension Raiser {
  /// Remembers where the errors of steps go, by the tests that were pruned.
  func noteErrors(_ pruned: [PruneBranches.PrunedError]) {
    for error in pruned { note(error, at: failingSteps(error.condition)) }
    // A variable that is asked for its value holds what a step made that was asked before.
    let own = errorWays
    for error in pruned {
      let steps = failingSteps(error.condition, throughPhis: true).filter { own[$0] == nil }
      for step in steps {
        if let failure = failure(behind: step) {
          repeatSite(of: failure, for: step)
        } else {
          note(error, at: [step])
        }
      }
    }
  }

  /// The step that fails where another one gave null, which is no error by itself: `next` asks for
  /// the error that an iterator may have set, and makes one if it has not.
  private func failure(behind step: Instruction.ID) -> Instruction.ID? {
    for block in function.reversePostorder() {
      guard let site = BranchSite(block, in: function),
        site.valueComparedWithNull(in: function) == step
      else { continue }
      var block = site.target
      for _ in 0..<6 {
        if let found = function[block].instructions.first(where: { errorWays[$0] != nil }) {
          return found
        }
        guard case .jump(let next) = function[block].terminator else { break }
        block = next
      }
    }
    return nil
  }

  /// Remembers where the errors of steps go.
  private func note(_ pruned: PruneBranches.PrunedError, at steps: [Instruction.ID]) {
    for step in steps {
      if errorWays[step] == nil {
        errorWays[step] = ErrorWay(handler: pruned.handler, left: Set(pruned.left))
      }
      noteHeld(pruned.held, at: step)
      if sites[step] == nil { sites[step] = pruned.site }
    }
  }

  /// Remembers what variables hold at the error of a step; null if they hold different values.
  private func noteHeld(
    _ values: [(held: Instruction.ID, value: Instruction.ID)], at step: Instruction.ID
  ) {
    for (held, value) in values {
      let known = valuesAtErrors[step]?[held]
      let isOther = known.map { function.resolve($0) != function.resolve(value) } ?? false
      valuesAtErrors[step, default: [:]][held] = isOther ? held : value
    }
  }

  /// The steps whose result a condition tests; with phis, those of which it tests one.
  private func failingSteps(
    _ condition: Instruction.ID, throughPhis: Bool = false
  ) -> [Instruction.ID] {
    var pending = [function.resolve(condition)]
    var seen: Set<Instruction.ID> = []
    var result: [Instruction.ID] = []
    while let id = pending.popLast(), seen.count < 32 {
      guard seen.insert(id).inserted else { continue }
      switch function[id].operation {
      case .call, .python(.raise), .python(.exceptMatch), .python(.yield), .python(.yieldFrom),
        .python(.joinedString):
        result.append(id)
      case .machine(.load), .after: pending.append(function.operand(0, of: id))
      case .phi: if throughPhis { pending += function.operands(of: id) }
      case .machine: pending += function.operands(of: id)
      default: break
      }
    }
    return result
  }

  /// Makes the copy of a step fail where the step itself does.
  func repeatSite(of step: Instruction.ID, for copy: Instruction.ID) {
    sites[copy] = sites[step]
    errorWays[copy] = errorWays[step]
  }
}
