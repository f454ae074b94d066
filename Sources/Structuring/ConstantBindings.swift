import Analysis
import Basics
import IR
import PythonSyntax
import Raising

/// Constants that are assigned to variables.
///
/// Compilers put a constant wherever its variable is read, so that nothing is left of the assignment
/// but the reference that the variable holds.
///
/// ```
/// count.1 'PROXYAUTH'                          name = 'PROXYAUTH'
/// %9 = call f, 'PROXYAUTH'             →       f(name)
/// ```
struct ConstantBindings {
  struct Binding: Hashable {
    let name: String
    let constant: Instruction.ID
  }

  /// What is assigned at a step that takes a reference.
  var assignments: [Instruction.ID: [Binding]] = [:]
  /// The names that a constant is bound to anywhere.
  var names: [Instruction.ID: [String]] = [:]

  mutating func add(_ binding: Binding, at step: Instruction.ID) {
    guard assignments[step]?.contains(binding) != true else { return }
    assignments[step, default: []].append(binding)
    if names[binding.constant]?.contains(binding.name) != true {
      names[binding.constant, default: []].append(binding.name)
    }
  }
}

extension FunctionStructurer {
  /// Finds the steps at which variables get constants.
  func findConstantBindings() {
    guard scope.kind == .function, scope.closures.generatorKind == nil else { return }
    for (name, constant) in variables.constantOnly {
      let step =
        flow.order.lazy.compactMap { self.reference(to: constant, in: $0) }.first
        ?? flow.order.lazy.compactMap { self.firstReference(to: constant, in: $0) }.first
      guard let step else { continue }
      constants.add(.init(name: name, constant: constant), at: step)
    }
    for (name, number) in variables.copiesOfParameters {
      guard let kept = raiser.copy(ofParameter: number) else { continue }
      let value = raiser.function.operand(0, of: kept)
      constants.add(.init(name: name, constant: value), at: kept)
    }
    let counting = referencesOfCounters()
    for block in flow.order {
      for phi in raiser.function[block].instructions
      where raiser.function.isPhi(phi) && (uses[phi] ?? 0) > 0 && variables.isReleased(phi)
        && !counterPhis.contains(phi)
      {
        for (index, value) in raiser.function.operands(of: phi).enumerated() {
          guard let number = raiser.function.constant(value), number != 0,
            raiser.function.isWord(value),
            let step = reference(
              to: value, before: raiser.function[block].predecessors[index], besides: counting)
          else { continue }
          constants.add(.init(name: variables.name(of: phi), constant: value), at: step)
        }
      }
    }
  }

  /// The steps that take references to the numbers that `enumerate` starts with.
  private func referencesOfCounters() -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for (header, counter) in counters.sorted(by: { $0.key < $1.key }) where counter.range == nil {
      guard raiser.function.constant(counter.start) != nil,
        let index = raiser.function.operands(of: counter.phi).firstIndex(of: counter.start),
        let step = reference(
          to: counter.start, before: raiser.function[header].predecessors[index], besides: result),
        raiser.function[step].operation == .referenceCount(1)
      else { continue }
      result.insert(step)
    }
    return result
  }

  /// The nearest step that takes a reference to a constant on every way to the end of a block.
  private func reference(
    to constant: Instruction.ID, before block: Block.ID, besides others: Set<Instruction.ID>
  ) -> Instruction.ID? {
    var position = flow.position(of: block)
    while position >= 0 {
      if let found = reference(to: constant, in: flow.order[position], besides: others) {
        return found
      }
      let next = dominators.immediate[position]
      guard next != position else { return nil }
      position = next
    }
    return nil
  }

  /// The first step of a block that takes a reference to a constant, for whatever.
  private func firstReference(
    to constant: Instruction.ID, in block: Block.ID
  ) -> Instruction.ID? {
    if case .return(let value) = raiser.function[block].terminator,
      raiser.function.resolve(value) == constant
    {
      return nil
    }
    return raiser.function[block].instructions.first { id in
      guard case .referenceCount(let change) = raiser.function[id].operation else { return false }
      return change > 0 && raiser.function.operand(0, of: id) == constant
    }
  }

  /// The last step of a block that takes a reference to a constant for a variable.
  private func reference(
    to constant: Instruction.ID, in block: Block.ID, besides others: Set<Instruction.ID> = []
  ) -> Instruction.ID? {
    if case .return(let value) = raiser.function[block].terminator,
      raiser.function.resolve(value) == constant
    {
      return nil
    }
    var isTaken = false
    for id in raiser.function[block].instructions.reversed() where !others.contains(id) {
      switch raiser.function[id].operation {
      case .referenceCount(let change)
      where change > 0 && raiser.function.operand(0, of: id) == constant:
        if !isTaken || change > 1 { return id }
        isTaken = false
      // Arguments in tuples and items of displays are references of their own.
      case .python(.call), .python(.callMethod), .python(.tuple), .python(.list):
        if raiser.function.operands(of: id).contains(constant) { isTaken = true }
      default: continue
      }
    }
    return nil
  }

  /// Writes the assignments of constants at a step.
  func bindConstants(at step: Instruction.ID, _ state: inout State) throws {
    for binding in constants.assignments[step] ?? [] {
      guard state.current[binding.name] != binding.constant, !quietNames.contains(binding.name),
        !isHandedOn(binding.name, behind: step, state)
      else { continue }
      try spill(before: binding.name, &state)
      let value = try expression(binding.constant, state, [:])
      state.statements.append(Statement(.assign([.name(binding.name)], value)))
      state.current[binding.name] = binding.constant
    }
  }

  /// Whether another variable gets the value of one at the end of the block of a step.
  ///
  /// ```
  /// t = x; x = b''
  /// ```
  private func isHandedOn(
    _ name: String, behind step: Instruction.ID, _ state: State
  ) -> Bool {
    guard let value = state.current[name], let block = raiser.function[step].block,
      case .jump(let target) = raiser.function[block].terminator
    else { return false }
    return raiser.function[target].instructions.contains { phi in
      raiser.function.isPhi(phi) && (uses[phi] ?? 0) > 0 && operand(of: phi, from: block) == value
        && variables.name(of: phi) != name
    }
  }

  /// The variable that holds what a parameter was given, when the parameter has got another value.
  func copyOfParameter(_ id: Instruction.ID, _ state: State) -> String? {
    constants.names[id]?.first { state.current[$0] == id }
  }

  /// The only variable that holds a constant, which an in-place operator has to do with.
  func onlyConstantName(_ id: Instruction.ID, _ state: State) -> String? {
    let names = (constants.names[id] ?? []).filter { state.current[$0] == id }
    guard names.count == 1, let name = names.first else { return nil }
    readValues.insert(id)
    return name
  }

  /// The variable by which a constant was most likely read.
  func constantName(_ id: Instruction.ID, _ value: Expression, _ state: State) -> String? {
    guard let names = constants.names[id], value.isNotable,
      let name = names.first(where: { state.current[$0] == id })
    else { return nil }
    readValues.insert(id)
    return name
  }
}

extension Raiser {
  /// The step at which a variable gets what a parameter was given; a parameter that is assigned to is kept
  /// first.
  func copy(ofParameter number: Int) -> Instruction.ID? {
    function[function.entry].instructions.last { id in
      guard case .referenceCount(let change) = function[id].operation else { return false }
      return change > 0 && parameterNumber(function.operand(0, of: id)) == number
    }
  }
}

extension Expression {
  /// Whether a constant is one that people give a name rather than write it twice.
  fileprivate var isNotable: Bool {
    switch self {
    case .constant(.string(let text)): text.string.map { $0.count > 1 } ?? true
    case .constant(.bytes(let bytes)): bytes.count > 1
    case .constant(.integer(let number)): number > 2 || number < -1
    case .constant(.float), .tuple: true
    default: false
    }
  }
}
