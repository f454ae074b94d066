import Analysis
import Basics
import IR
import PythonSyntax
import Raising
import Simplification

// What variables hold where handlers start.
extension FunctionStructurer {
  /// Gives variables what they hold before a body, where only a handler says so.
  ///
  /// A constant that was assigned before is nothing but a value that meets others where the handler
  /// starts. Those that the body assigns are given to the variable before the first step whose error
  /// finds them there.
  func bindHeld(_ decision: Instruction.ID, _ state: inout State) throws {
    for held in raiser.regions.held where held.decision == decision {
      let value = raiser.function.resolve(held.value)
      guard (uses[value] ?? 0) > 0 else { continue }
      let name = variables.name(of: value)
      let foreign = Set(held.merged.map { raiser.function.resolve($0) }).filter {
        isForeign($0, to: value, name)
      }
      guard !foreign.isEmpty else { continue }
      let first = held.first.map { raiser.function.resolve($0) }
      if foreign.count > 1 || first != foreign.first {
        guard foreign.allSatisfy({ $0 == first || isConstant($0) }) else {
          throw failure("a variable whose value an exception leaves open", value)
        }
        demanded.insert(held.value)
      }
      guard let first, foreign.contains(first), state.current[name] != first else { continue }
      try assign(try expression(first, state, [:]), toVariable: value, line: nil, &state)
      state.current[name] = first
    }
  }

  /// Whether a value that a variable may hold where a handler starts is assigned nowhere.
  private func isForeign(_ id: Instruction.ID, to held: Instruction.ID, _ name: String) -> Bool {
    switch raiser.function[id].operation {
    case .undefined, .constant(0): return false
    case .python(.parameter(let number)):
      return Int(number) >= scope.parameters.count || scope.parameters[Int(number)] != name
    default:
      guard let place = raiser.function[id].block else { return true }
      // A faster way to the same value, which was taken away.
      return flow.position(of: place) >= 0 && !variables.areOne(id, held)
    }
  }

  /// Whether a value is there at any time.
  private func isConstant(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .constant(let number): number != 0
    case .python(.parameter): true
    default: false
    }
  }

  /// Gives variables the values with which the error of a step gets to its handler.
  func keepHeld(at step: Instruction.ID, _ state: inout State) throws {
    guard !demanded.isEmpty, let values = raiser.valuesAtErrors[step] else { return }
    for (held, found) in values.sorted(by: { $0.key < $1.key }) where demanded.contains(held) {
      let (variable, value) = (raiser.function.resolve(held), raiser.function.resolve(found))
      let name = variables.name(of: variable)
      if state.current[name] == value { continue }
      switch raiser.function[value].operation {
      case .undefined, .constant(0):
        if state.current[name] == nil { continue }
      case .python(.parameter)
      where state.current.change(of: name, from: value) == nil && parameterName(value) == name:
        continue
      case .constant, .python(.parameter):
        guard mayAssign(before: step) else { break }
        if !state.stack.isEmpty { try spill(&state) }
        try assign(try expression(value, state, [:]), toVariable: variable, line: nil, &state)
        state.current[name] = value
        demandedNames.insert(name)
        continue
      default: break
      }
      throw failure("a variable whose value an exception leaves open", variable)
    }
  }

  /// Whether a statement may come before a step.
  private func mayAssign(before step: Instruction.ID) -> Bool {
    if case .python(.exceptMatch) = raiser.function[step].operation { return false }
    return true
  }
}
