import Analysis
import Basics
import IR
import Raising
import Simplification

// What tells of variables, beside their release.
extension Raiser {
  func parameterNumber(_ id: Instruction.ID) -> Int? {
    guard case .python(.parameter(let number)) = function[function.resolve(id)].operation else {
      return nil
    }
    return Int(number)
  }

  /// The parameters that the function takes another reference of when it starts, as it does if it assigns
  /// to them.
  func keptParameters(_ count: Int) -> Set<Int> {
    var references = [Int](repeating: 0, count: count)
    steps: for id in function[function.entry].instructions {
      switch function[id].operation {
      case .referenceCount(let change) where change > 0:
        guard let number = parameterNumber(function.operand(0, of: id)), number < count else {
          break steps
        }
        references[number] += 1
      case .python(.parameter), .python(.builtin), .python(.text), .undefined, .phi: continue
      default: break steps
      }
    }
    // Arguments that the wrapper holds have one more, all of them.
    let least = references.min() ?? 0
    return Set(references.indices.filter { references[$0] > least })
  }

  /// Whether one step reads a value, counts left out.
  func isReadOnce(_ id: Instruction.ID) -> Bool {
    let uses = function.countUses()[id] ?? 0
    let counts = function.reversePostorder().reduce(0) { sum, block in
      sum
        + function[block].instructions.count { step in
          guard case .referenceCount = function[step].operation else { return false }
          return function.operand(0, of: step) == id
        }
    }
    return uses - counts == 1
  }

  /// Whether a global is looked up only to be compared at once, by identity.
  ///
  /// Compilers may release it together with a variable.
  func isOnlyCompared(_ id: Instruction.ID) -> Bool {
    guard case .python(.global) = function[id].operation, let block = function[id].block,
      let value = function[block].terminator.value,
      let (opcode, left, right) = function.machine(function.resolve(value)),
      opcode == .equal || opcode == .notEqual, left == id || right == id
    else { return false }
    return function.reversePostorder().allSatisfy { block in
      function[block].instructions.allSatisfy { step in
        if case .referenceCount = function[step].operation { return true }
        return !function.operands(of: step).contains(id)
      }
    }
  }

  /// The exceptions that meet other values in variables.
  ///
  /// ```
  /// except E as e: last = e
  /// ```
  var exceptionsHandedOn: Set<Instruction.ID> {
    func isException(_ id: Instruction.ID) -> Bool {
      function[id].operation == .python(.caught(.value))
    }
    var result: Set<Instruction.ID> = []
    for block in function.reversePostorder() {
      for phi in function[block].instructions where function.isPhi(phi) {
        let operands = function.operands(of: phi)
        guard !operands.allSatisfy(isException) else { continue }
        result.formUnion(operands.filter(isException))
      }
    }
    return result
  }

  /// Whether any variable may hold a C number, which nothing releases.
  func hasNumberVariables(_ numbers: Set<Instruction.ID>) -> Bool {
    !numberVariables(numbers).isEmpty
  }

  /// The C numbers that variables hold.
  func numberVariables(_ numbers: Set<Instruction.ID>) -> [Instruction.ID] {
    let uses = function.countUses()
    let repeated = valuesReadAgain(numbers)
    return numbers.filter { id in
      switch function[id].operation {
      case .phi: (uses[id] ?? 0) > 0
      case .python(.length), .python(.unboxInteger), .python(.unboxFloat), .python(.hash):
        (uses[id] ?? 0) > 1 || repeated.contains(id)
      default: false
      }
    }.sorted()
  }

  /// The values that steps of a loop read which they do not stand in; its own bound is read by none.
  private func valuesReadAgain(_ values: Set<Instruction.ID>) -> Set<Instruction.ID> {
    let flow = ControlFlow(function)
    let dominators = DominatorTree(flow)
    var result: Set<Instruction.ID> = []
    for position in flow.order.indices {
      for header in flow.successors[position] where dominators.dominates(header, position) {
        var body: Set<Int> = [header, position]
        var pending = position == header ? [] : [position]
        while let next = pending.popLast() {
          for previous in flow.predecessors[next] where body.insert(previous).inserted {
            pending.append(previous)
          }
        }
        for inside in body {
          for id in function[flow.order[inside]].instructions {
            guard case .python = function[id].operation else { continue }
            for operand in function.operands(of: id) where values.contains(operand) {
              guard let block = function[operand].block else { continue }
              if !body.contains(flow.position(of: block)) { result.insert(operand) }
            }
          }
        }
      }
    }
    return result
  }

  /// Whether items of loops are in variables of their own, as those of comprehensions are.
  func hasOtherItems(_ locals: LocalEvidence) -> Bool {
    var known: Set<Instruction.ID> = []
    for variable in locals.variables {
      known.formUnion((variable.phis + variable.values).map { function.resolve($0) })
    }
    for block in function.reversePostorder() {
      for id in function[block].instructions where !known.contains(id) {
        switch function[id].operation {
        case .python(.next), .python(.asyncNext), .python(.element): return true
        default: continue
        }
      }
    }
    return false
  }

  /// What errors release before a traceback is written.
  var releasedTemporaries: Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for (step, site) in sites {
      for id in site.temporaries where function.resolve(id) != step {
        result.insert(function.resolve(id))
      }
    }
    return result
  }

  /// Phis that are read by steps.
  var assignedPhis: Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in function.reversePostorder() {
      for id in function[block].instructions where !function.isPhi(id) {
        if case .referenceCount = function[id].operation { continue }
        for operand in function.operands(of: id) where function.isPhi(operand) {
          result.insert(operand)
        }
      }
    }
    return result
  }

  /// The values that are C numbers rather than objects.
  var numbers: Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    var readers: [Instruction.ID: [Instruction.ID]] = [:]
    var pending: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .phi:
          for operand in function.operands(of: id) {
            readers[operand, default: []].append(id)
            if case .machine = function[operand].operation, function[operand].block == nil {
              pending.append(id)
            }
            // No object stands at an address this low.
            if let number = function.constant(operand), 0 < number, number < 0x400 {
              pending.append(id)
            }
          }
        case .python(.length), .python(.unboxInteger), .python(.unboxFloat), .python(.hash),
          .python(.truth), .python(.notTruth), .python(.compareTruth), .python(.contains),
          .python(.isInstance), .python(.isSubclass), .python(.isCallable), .python(.hasAttribute):
          pending.append(id)
        default: continue
        }
      }
    }
    while let id = pending.popLast() {
      if result.insert(id).inserted { pending += readers[id] ?? [] }
    }
    return result
  }
}
