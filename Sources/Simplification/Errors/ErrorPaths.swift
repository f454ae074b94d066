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

/// Where control goes after an error.
package struct ErrorEnd: Sendable {
  package var site: ErrorSite?
  /// The decision that opens the body whose handlers or clause get the error.
  package var handler: Instruction.ID?
  /// The decisions of the `try` statements that the error leaves.
  package var left: [Instruction.ID] = []
  /// What variables hold when the error gets to the handler, by what stands for them there.
  package var held: [(held: Instruction.ID, value: Instruction.ID)] = []
}

/// The parts of a function that run only after an error.
///
/// Cython sends every error through cleanup code to a call of `__Pyx_AddTraceback`, whose argument
/// names the line, or to a handler. A block is *failing* if it only cleans up and everything it leads
/// to is failing; handlers are where control gets from failing blocks only.
package struct ErrorPaths {
  let flow: ControlFlow
  private let isFailing: [Bool]
  /// Whether nothing in a block belongs to the program proper.
  let cleansUp: [Bool]
  /// The call of `__Pyx_AddTraceback` in each block that has one.
  private let tracebacks: [Instruction.ID?]
  /// The calls that write tracebacks, also of errors that are handled then.
  private let lines: [Instruction.ID?]
  /// The decisions that open bodies, by the place where their handlers start.
  private let handlers: [Int: Instruction.ID]
  /// The decisions by the exception that is kept while their bodies run.
  private let kept: [Instruction.ID: Instruction.ID]

  package init(_ function: borrowing Function, _ facts: some ModuleFacts) {
    let flow = ControlFlow(function)
    var tracebacks: [Instruction.ID?] = []
    var lines: [Instruction.ID?] = []
    var isCandidate: [Bool] = []
    var fails: [Bool] = []
    (handlers, kept) = Self.handlers(function, flow)
    for (position, block) in flow.order.enumerated() {
      let line = Self.traceback(in: block, function, facts)
      let traceback = line.flatMap { function.isCaught($0, facts) ? nil : $0 }
      lines.append(line)
      tracebacks.append(traceback)
      let isHandler = handlers[position] != nil
      isCandidate.append(
        isHandler || Self.onlyCleansUp(block, before: traceback, function, facts))
      let setsError = function[block].instructions
        .contains { CleanupFunctions.setsError($0, function, facts) }
      fails.append(isHandler || traceback != nil || setsError)
    }
    self.flow = flow
    self.tracebacks = tracebacks
    self.lines = lines
    cleansUp = isCandidate
    isFailing = Self.shrink(isCandidate, fails, flow)
  }

  /// The decisions that open bodies.
  private static func handlers(
    _ function: borrowing Function, _ flow: ControlFlow
  ) -> (starts: [Int: Instruction.ID], kept: [Instruction.ID: Instruction.ID]) {
    var starts: [Int: Instruction.ID] = [:]
    var kept: [Instruction.ID: Instruction.ID] = [:]
    for block in flow.order {
      guard case .branch(let value, _, let handler) = function[block].terminator,
        function.opensBody(function.resolve(value))
      else { continue }
      let decision = function.resolve(value)
      starts[flow.position(of: handler)] = decision
      for id in function[block].instructions
      where function[id].operation == .python(.saveHandled) {
        kept[id] = decision
      }
    }
    return (starts, kept)
  }

  /// Whether a block runs only after an error.
  package func isFailing(_ block: Block.ID) -> Bool {
    let position = flow.position(of: block)
    return position >= 0 && isFailing[position]
  }

  /// Whether a block runs only after an error, by its place in the order of blocks.
  func isFailing(at position: Int) -> Bool { isFailing[position] }

  private static func traceback(
    in block: Block.ID, _ function: borrowing Function, _ facts: some ModuleFacts
  ) -> Instruction.ID? {
    for id in function[block].instructions
    where function.callee(of: id, facts)?.name == "__Pyx_AddTraceback" {
      return id
    }
    return nil
  }

  /// Whether nothing in a block, up to its traceback call, belongs to the program proper.
  private static func onlyCleansUp(
    _ block: Block.ID, before traceback: Instruction.ID?, _ function: borrowing Function,
    _ facts: some ModuleFacts
  ) -> Bool {
    for id in function[block].instructions {
      if id == traceback { return true }
      guard CleanupFunctions.isQuiet(id, function, facts) else { return false }
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
  /// Where control gets if it goes from one block to a failing one.
  package func end(
    from block: Block.ID, to target: Block.ID, in function: borrowing Function
  ) -> ErrorEnd {
    let path = [flow.position(of: block), flow.position(of: target)]
    guard path.allSatisfy({ $0 >= 0 }) else { return ErrorEnd() }
    return end(of: path, in: function)
  }

  /// Where control gets from a failing block.
  package func end(startingAt block: Block.ID, in function: borrowing Function) -> ErrorEnd {
    let position = flow.position(of: block)
    return position < 0 ? ErrorEnd() : end(of: [position], in: function)
  }

  /// Where control gets behind a step that raises an exception in any case.
  func end(behind step: Instruction.ID, in function: borrowing Function) -> ErrorEnd? {
    guard let block = function[step].block, flow.position(of: block) >= 0 else { return nil }
    let position = flow.position(of: block)
    let steps = function[block].instructions
    if let call = lines[position], let start = steps.firstIndex(of: step),
      let end = steps.firstIndex(of: call), start < end
    {
      return ErrorEnd(site: site(of: call, [position], function))
    }
    guard let next = next(after: [position], in: function), isFailing[next] else { return nil }
    return end(of: [position, next], in: function)
  }

  private func end(of start: [Int], in function: borrowing Function) -> ErrorEnd {
    var path = start
    var result = ErrorEnd()
    while path.count < 500, let last = path.last {
      if let handler = handlers[last] {
        result.handler = handler
        result.site = handledSite(path, function)
        result.held = heldValues(at: path, function)
        return result
      }
      for id in function[flow.order[last]].instructions
      where function[id].operation == .python(.restoreHandled) {
        let value = resolved(function.operand(0, of: id), path, function)
        if let decision = kept[value] { result.left.append(decision) }
      }
      if let call = tracebacks[last] {
        result.site = site(of: call, path, function)
        return result
      }
      guard let next = next(after: path, in: function) else { return result }
      path.append(next)
    }
    return result
  }

  /// What variables hold when control comes along a path to the start of a handler.
  private func heldValues(
    at path: [Int], _ function: borrowing Function
  ) -> [(held: Instruction.ID, value: Instruction.ID)] {
    guard let last = path.last else { return [] }
    return function[flow.order[last]].instructions.compactMap { id in
      guard function[id].operation == .python(.held), function.operandCount(of: id) > 0 else {
        return nil
      }
      return (id, resolved(function.operand(0, of: id), path, function))
    }
  }

  /// The line that the traceback of a handled error names: whatever handler gets it writes the same
  /// one, and so does the error's way on if none does.
  private func handledSite(_ start: [Int], _ function: borrowing Function) -> ErrorSite? {
    var path = start
    while path.count < 500, let last = path.last {
      let block = flow.order[last]
      if let call = lines[last] { return site(of: call, path, function) }
      for id in function[block].instructions {
        switch function[id].operation {
        case .python(.exceptMatch), .python(.held), .python(.restoreHandled): continue
        case .python: return nil
        case .call:
          guard isFailing[last], handlers[last] == nil else { return nil }
        default: continue
        }
      }
      let targets = function.successors(of: block).map { flow.position(of: $0) }
      if targets.count == 2, let branch = function[block].terminator.value,
        function.asksForException(function.resolve(branch)),
        let caught = targets.first(where: { lines[$0] != nil })
      {
        path.append(caught)
        continue
      }
      let failing = targets.first { isFailing[$0] && !path.contains($0) }
      guard let next = failing ?? next(after: path, in: function) else { return nil }
      path.append(next)
    }
    return nil
  }

  /// Where control goes on, along a path so far.
  ///
  /// Temporaries are released if they are not null; on a given path it is known which ones are.
  private func next(after path: [Int], in function: borrowing Function) -> Int? {
    guard let last = path.last else { return nil }
    if let target = target(behind: path, function) { return flow.position(of: target) }
    if let (condition, first, second) = function.nullTest(at: flow.order[last]) {
      return flow.position(of: isNull(condition, path, function) ? first : second)
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
}

extension Function {
  /// Whether a value is a decision that opens the body of a `try` statement.
  package func opensBody(_ id: Instruction.ID) -> Bool {
    switch self[id].operation {
    case .python(.tryBegin), .python(.finallyBegin): true
    default: false
    }
  }

  /// Whether a condition asks for the class of the exception that is handled.
  func asksForException(_ condition: Instruction.ID) -> Bool {
    var pending = [condition]
    var count = 0
    while let id = pending.popLast(), count < 8 {
      count += 1
      if self[id].operation == .python(.exceptMatch) { return true }
      if case .machine = self[id].operation, self[id].block == nil { pending += operands(of: id) }
    }
    return false
  }

  /// Whether a traceback belongs to an exception that is handled behind it.
  package func isCaught(_ traceback: Instruction.ID, _ facts: some ModuleFacts) -> Bool {
    guard var block = self[traceback].block else { return false }
    var isBehind = false
    for _ in 0..<8 {
      for id in self[block].instructions {
        if id == traceback {
          isBehind = true
        } else if isBehind {
          if case .python(.caught) = self[id].operation { return true }
          guard self[id].operation == .call else { continue }
          guard let name = callee(of: id, facts)?.name else { return false }
          if name == "__Pyx_GetException" || name == "__Pyx__GetException" { return true }
          if name != "_Py_Dealloc" { return false }
        }
      }
      guard case .jump(let next) = self[block].terminator else { return false }
      block = next
    }
    return false
  }
}

extension Function {
  /// The errors of statements that raise.
  package func raisedErrors(_ facts: some ModuleFacts) -> [PruneBranches.PrunedError] {
    let errors = ErrorPaths(self, facts)
    var result: [PruneBranches.PrunedError] = []
    for block in reversePostorder() {
      for id in self[block].instructions {
        let isMarked =
          switch self[id].operation {
          case .python(.raise): operandCount(of: id) > 0
          case .python(.readUnbound): true
          default: false
          }
        let name = callee(of: id, facts)?.name
        guard isMarked || name.map(CleanupFunctions.raises) ?? false,
          let end = errors.end(behind: id, in: self)
        else { continue }
        result.append(.init(block: block, condition: id, end))
      }
    }
    return result
  }
}
