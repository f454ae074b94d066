import Basics
import BinaryFormats
import IR
import Interpretation
import ModuleRecovery
import Raising
import RuntimeModel
import Simplification

/// A place in one of the compared functions: a step, or behind the last one the terminator.
struct Place: Hashable {
  var block: Block.ID
  var index: Int
}

/// What a way through one function has bound so far.
struct Bindings {
  var place: Place
  var values: [Instruction.ID: Term.ID] = [:]
  /// How many edges it has followed and steps it has taken.
  var progress = 0

  /// Goes past a step.
  mutating func advance() {
    place.index += 1
    progress += 1
  }
}

/// What a way through a function meets next that the other function must meet, too.
enum Stop {
  /// A step that may raise or that others can notice.
  case step(Instruction.ID)
  /// A test that nothing has decided yet.
  case test(Term.ID)
  /// A jump through a table.
  case choose(Term.ID, [Block.ID])
  case `return`(Term.ID)
  /// Control does not come here: behind a raise.
  case end
}

/// Walks one of two functions that are compared.
struct FunctionSide {
  let raiser: Raiser

  /// Goes on to the next stop, along decisions that are known.
  ///
  /// `version` counts the steps so far that may have written to memory.
  /// - Returns: nil if the way is longer than any function's.
  func advance(
    _ state: inout Bindings, _ terms: inout TermTable, facts: [Term.ID: Bool], version: Int
  ) -> Stop? {
    for _ in 0..<20_000 {
      let instructions = raiser.function[state.place.block].instructions
      if state.place.index < instructions.count {
        let id = instructions[state.place.index]
        if isSilent(id, &state, &terms, facts, version) {
          state.place.index += 1
          continue
        }
        return .step(id)
      }
      switch raiser.function[state.place.block].terminator {
      case .jump(let target): enter(target, &state, &terms, version)
      case .return(let value): return .return(term(value, &state, &terms, version))
      case .unreachable: return .end
      case .choose(let value, let table):
        return .choose(term(value, &state, &terms, version), raiser.function[table].targets)
      case .branch(let value, let first, let second):
        let test = term(value, &state, &terms, version)
        guard let isTrue = terms.value(of: test, facts) else { return .test(test) }
        enter(isTrue ? first : second, &state, &terms, version)
      }
    }
    return nil
  }

  /// Follows an edge; phis take what they get from it all at once.
  func enter(
    _ target: Block.ID, _ state: inout Bindings, _ terms: inout TermTable, _ version: Int
  ) {
    var bound: [(Instruction.ID, Term.ID)] = []
    if let edge = raiser.function[target].predecessors.firstIndex(of: state.place.block) {
      for id in raiser.function[target].instructions where raiser.function.isPhi(id) {
        guard edge < raiser.function.operandCount(of: id) else { continue }
        bound.append((id, term(raiser.function.operand(edge, of: id), &state, &terms, version)))
      }
    }
    for (id, value) in bound { state.values[id] = value }
    state.place = Place(block: target, index: 0)
    state.progress += 1
  }

  /// Binds a step that nobody notices.
  ///
  /// - Returns: whether the step was one.
  private func isSilent(
    _ id: Instruction.ID, _ state: inout Bindings, _ terms: inout TermTable,
    _ facts: [Term.ID: Bool], _ version: Int
  ) -> Bool {
    switch raiser.function[id].operation {
    case .phi, .referenceCount, .undefined, .forward, .after: return true
    case .machine(.load):
      state.values[id] = load(id, &state, &terms, version)
      return true
    case .python(.cell(let field)):
      let key = raiser.key(of: .cell(field))
      state.values[id] = terms.intern(.memory(key, version: version))
      return true
    case .python(.truth), .python(.notTruth):
      let operand = term(raiser.function.operand(0, of: id), &state, &terms, version)
      guard let truth = terms.truth(ofSingleton: operand, facts) else { return false }
      state.values[id] = terms.intern(.number(truth != isNegated(id) ? 1 : 0))
      return true
    case .python(let operation):
      guard Self.isPure(operation) else { return false }
      state.values[id] = pure(id, operation, &state, &terms, version)
      return true
    default: return false
    }
  }

  private func load(
    _ id: Instruction.ID, _ state: inout Bindings, _ terms: inout TermTable, _ version: Int
  ) -> Term.ID {
    let address = raiser.function.operand(0, of: id)
    let (base, offset) = raiser.function.offset(address)
    let size = raiser.function.size(id)
    if let start = raiser.function.constant(base), let value = constant(at: start &+ offset, size) {
      return terms.intern(.number(value))
    }
    let layout = raiser.program.state.layout
    // Types of objects, and the flags of types, do not change.
    let isFixed = offset == layout.type || (layout.typeFlags...layout.typeFlags + 8) ~= offset
    let key = "load \(size) +\(offset)"
    return terms.intern(
      .memory(key, version: isFixed ? 0 : version), [term(base, &state, &terms, version)])
  }

  /// A number in memory that nothing writes to; addresses are no numbers.
  private func constant(at address: UInt64, _ size: Int) -> UInt64? {
    let image = raiser.program.image
    guard size < image.architecture.pointerSize, image.isConstant(address) else { return nil }
    return image.integer(at: address, size: size)
  }

  /// Operations that neither raise nor change anything.
  private static func isPure(_ operation: PythonOperation) -> Bool {
    switch operation {
    case .parameter, .builtin, .element, .boxInteger, .boxFloat, .boxBoolean, .functionDefaults:
      true
    default: false
    }
  }

  private func pure(
    _ id: Instruction.ID, _ operation: PythonOperation, _ state: inout Bindings,
    _ terms: inout TermTable, _ version: Int
  ) -> Term.ID {
    let operands = raiser.function.operands(of: id).map { term($0, &state, &terms, version) }
    return terms.intern(.pure(raiser.key(of: operation)), operands)
  }

  /// The term of a value where a way through the function has come to.
  func term(
    _ id: Instruction.ID, _ state: inout Bindings, _ terms: inout TermTable, _ version: Int
  ) -> Term.ID {
    let id = raiser.function.resolve(id)
    if let known = state.values[id] { return known }
    let result: Term.ID
    switch raiser.function[id].operation {
    case .constant(let value):
      let object =
        raiser.function.size(id) == raiser.program.machine.pointerSize
        ? raiser.objectKey(value) : nil
      return terms.intern(object.map { .object($0) } ?? .number(value))
    case .machine(.floatToFloat) where isSameWidth(id):
      return term(raiser.function.operand(0, of: id), &state, &terms, version)
    case .machine(let opcode) where raiser.function[id].block == nil:
      var operands = raiser.function.operands(of: id).map { term($0, &state, &terms, version) }
      if opcode.isCommutative, operands.count == 2, terms.number(operands[1]) == nil,
        operands[0] > operands[1] || terms.number(operands[0]) != nil
      {
        operands.swapAt(0, 1)
      }
      return terms.intern(
        .machine(opcode, width: UInt8(clamping: raiser.function.size(id))), operands)
    case .python(let operation) where raiser.function[id].block == nil:
      return pure(id, operation, &state, &terms, version)
    case .after(let cell):
      let call = raiser.function.operand(0, of: id)
      return terms.intern(.pure("after \(cell.kind)"), [term(call, &state, &terms, version)])
    // What an unnoticed step would have given: nothing depends on it.
    case .undefined: return terms.intern(.pure("undefined"))
    // What a part of the frame held before anything was stored there.
    case .entry(let cell) where cell.kind == .stack && cell.offset < 0:
      return terms.intern(.pure("undefined"))
    case .entry(let cell): return terms.intern(.pure("entry \(cell.kind) \(cell.offset)"))
    default: result = terms.unknown()
    }
    state.values[id] = result
    return result
  }

  /// Whether a conversion leaves its operand as it is: compilers differ in how they move numbers.
  private func isSameWidth(_ conversion: Instruction.ID) -> Bool {
    let operand = raiser.function.operand(0, of: conversion)
    return raiser.function.size(operand) == raiser.function.size(conversion)
  }

  // MARK: Steps

  /// What a step does, without what it does it to.
  func key(of id: Instruction.ID) -> String {
    switch raiser.function[id].operation {
    case .python(.notTruth): return raiser.key(of: .truth)
    case .python(let operation): return raiser.key(of: operation)
    case .call: return "C " + (raiser.function.callee(of: id, raiser.view)?.name ?? "?")
    default: return "\(raiser.function[id].operation)"
    }
  }

  /// What a step does it to.
  func operands(
    of id: Instruction.ID, _ state: inout Bindings, _ terms: inout TermTable, _ version: Int
  ) -> [Term.ID] {
    let all = raiser.function.operands(of: id)
    // What is called is told by its name, if it has one.
    let isNamed =
      raiser.function[id].operation == .call
      && raiser.function.callee(of: id, raiser.view)?.name != nil
    return (isNamed ? Array(all.dropFirst()) : all).map { term($0, &state, &terms, version) }
  }

  /// Whether a step asks for the truth of an object.
  func isTruth(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .python(.truth), .python(.notTruth): true
    default: false
    }
  }

  /// Whether a step's value is the opposite of its counterpart's.
  func isNegated(_ id: Instruction.ID) -> Bool {
    raiser.function[id].operation == .python(.notTruth)
  }

  /// Whether control does not go on behind a step.
  func endsControl(_ id: Instruction.ID) -> Bool {
    switch raiser.function[id].operation {
    case .python(.raise), .python(.failAssertion), .python(.readUnbound): true
    default: false
    }
  }
}
