import Analysis
import Basics
package import IR
import RuntimeModel

/// Where an operation's error is noted for the traceback.
package struct ErrorSite: Hashable, Sendable {
  /// The line in the Python source.
  package let line: Int
  /// The line in the C source that Cython generated, where the module records it.
  package let cLine: Int?
  /// The values that are released on the way to the traceback: temporaries that were alive.
  package let temporaries: [Instruction.ID]
}

/// The parts of a function that run only after an error.
///
/// Cython sends every error through cleanup code to a call of `__Pyx_AddTraceback`, whose argument
/// names the line. A block is *failing* if it only cleans up and everything it leads to is failing.
package struct ErrorPaths {
  private let flow: ControlFlow
  private let isFailing: [Bool]
  /// The call of `__Pyx_AddTraceback` in each block that has one.
  private let tracebacks: [Instruction.ID?]

  package init(_ function: borrowing Function, _ facts: some ModuleFacts) {
    let flow = ControlFlow(function)
    var tracebacks: [Instruction.ID?] = []
    var isCandidate: [Bool] = []
    var setsError: [Bool] = []
    for block in flow.order {
      let traceback = Self.traceback(in: block, function, facts)
      tracebacks.append(traceback)
      isCandidate.append(Self.onlyCleansUp(block, before: traceback, function, facts))
      setsError.append(
        function[block].instructions.contains { CleanupFunctions.setsError($0, function, facts) })
    }
    self.flow = flow
    self.tracebacks = tracebacks
    isFailing = Self.shrink(isCandidate, zip(tracebacks, setsError).map { $0 != nil || $1 }, flow)
  }

  /// Whether a block runs only after an error.
  package func isFailing(_ block: Block.ID) -> Bool {
    let position = flow.position(of: block)
    return position >= 0 && isFailing[position]
  }

  private static func traceback(
    in block: Block.ID, _ function: borrowing Function, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    for id in function[block].instructions
    where function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" {
      return function.isCaught(id, facts) ? nil : id
    }
    return nil
  }

  /// Whether nothing in a block, up to its traceback call, belongs to the program proper.
  private static func onlyCleansUp(
    _ block: Block.ID, before traceback: Instruction.ID?, _ function: borrowing Function,
    _ facts: some ModuleFacts
  ) -> Bool {
    for id in function[block].instructions where function[id].operation == .call {
      if id == traceback { return true }
      if function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" { return false }
      guard let callee = function.callee(of: id, facts),
        CleanupFunctions.contains(callee.name, call: id, function, facts)
      else { return false }
    }
    return true
  }

  /// Removes candidates that lead to anything else, to a fixed point.
  private static func shrink(
    _ candidates: [Bool], _ fails: [Bool], _ flow: ControlFlow
  ) -> [Bool] {
    var isFailing = candidates
    var changed = true
    while changed {
      changed = false
      for position in flow.order.indices.reversed()
      where isFailing[position] && !fails[position] {
        let targets = flow.successors[position]
        if targets.isEmpty || !targets.allSatisfy({ isFailing[$0] }) {
          isFailing[position] = false
          changed = true
        }
      }
    }
    return isFailing
  }
}

// MARK: - Lines

extension ErrorPaths {
  /// The line that an error is given if control goes from one block to a failing one.
  package func site(
    from block: Block.ID, to target: Block.ID, in function: borrowing Function
  ) -> ErrorSite? {
    var path = [flow.position(of: block), flow.position(of: target)]
    guard path.allSatisfy({ $0 >= 0 }) else { return nil }
    while path.count < 500, let last = path.last {
      if let call = tracebacks[last] { return site(of: call, path, function) }
      guard let next = next(after: path, in: function) else { return nil }
      path.append(next)
    }
    return nil
  }

  /// Where control goes on, along a path so far.
  ///
  /// Temporaries are released if they are not null; on a given path it is known which ones are.
  private func next(after path: [Int], in function: borrowing Function) -> Int? {
    guard let last = path.last else { return nil }
    if case .branch(let condition, let first, let second) =
      function[flow.order[last]].terminator,
      let (opcode, tested, zero) = function.machine(function.resolve(condition)),
      opcode == .equal || opcode == .notEqual, function.constant(zero) == 0
    {
      let value = resolved(tested, path, function)
      let isNull = function.constant(value) == 0
      return flow.position(of: isNull == (opcode == .equal) ? first : second)
    }
    let targets = function.successors(of: flow.order[last]).map { flow.position(of: $0) }
    return targets.first { !path.contains($0) } ?? targets.first
  }

  /// What is released on a path before its traceback.
  private func temporaries(
    _ path: [Int], before call: Instruction.ID, _ function: borrowing Function
  ) -> [Instruction.ID] {
    var result: [Instruction.ID] = []
    for (index, position) in path.enumerated().dropFirst() {
      for id in function[flow.order[position]].instructions {
        if id == call { return result }
        guard case .referenceCount(let change) = function[id].operation, change < 0 else {
          continue
        }
        result.append(resolved(function.operand(0, of: id), Array(path[...index]), function))
      }
    }
    return result
  }

  /// Reads the line arguments of a traceback call, as they are when control came along a path.
  private func site(
    of call: Instruction.ID, _ path: [Int], _ function: borrowing Function
  ) -> ErrorSite? {
    let arguments = (1..<function.operandCount(of: call)).map { index in
      number(function.operand(index, of: call), path, function)
    }
    func line(_ index: Int) -> Int? {
      guard index < arguments.count, let value = arguments[index] else { return nil }
      return Int(truncatingIfNeeded: value & 0xFFFF_FFFF)
    }
    let released = temporaries(path, before: call, function)
    let (lineIndex, cLineIndex) = arguments.count >= 4 ? (2, 1) : (1, nil)
    return line(lineIndex).map {
      ErrorSite(line: $0, cLine: cLineIndex.flatMap(line), temporaries: released)
    }
  }

  /// The number that a value has when control came along a path.
  private func number(
    _ id: Instruction.ID, _ path: [Int], _ function: borrowing Function
  ) -> UInt64? {
    var id = id
    for _ in 0..<64 {
      id = resolved(id, path, function)
      switch function[id].operation {
      case .constant(let value): return value
      case .machine(.zeroExtend), .machine(.signExtend), .machine(.extract), .machine(.concatenate):
        let index = function[id].operation == .machine(.concatenate) ? 1 : 0
        id = function.operand(index, of: id)
      default: return nil
      }
    }
    return nil
  }

  /// The value that a phi has when control came along a path.
  private func resolved(
    _ id: Instruction.ID, _ path: [Int], _ function: borrowing Function
  ) -> Instruction.ID {
    var id = id
    for _ in 0..<500 {
      guard function.isPhi(id), let next = operand(of: id, along: path, function) else { return id }
      id = next
    }
    return id
  }

  /// The operand of a phi for the way by which a path enters its block.
  private func operand(
    of phi: Instruction.ID, along path: [Int], _ function: borrowing Function
  ) -> Instruction.ID? {
    guard let block = function[phi].block else { return nil }
    let position = flow.position(of: block)
    guard let index = path.lastIndex(of: position), index > 0 else { return nil }
    let predecessor = flow.order[path[index - 1]]
    guard let operand = function[block].predecessors.firstIndex(of: predecessor) else { return nil }
    return function.operand(operand, of: phi)
  }
}
