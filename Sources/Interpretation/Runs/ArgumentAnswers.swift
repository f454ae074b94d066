import Basics
import IR

/// Arguments that are one and the same object, instead of objects of their own.
struct ArgumentReplacement {
  /// The object.
  let object: UInt64
  /// The argument that it stands for, positional ones first; nil if it stands for all of them.
  let index: Int?
  /// The how manyth time that control gets to the end of the run is the one to stop at.
  let visits: Int

  /// - Parameters:
  ///   - arguments: objects that stand for arguments.
  ///   - start: the number of the first one.
  /// - Returns: what is given instead.
  func applied(to arguments: [UInt64], from start: Int) -> [UInt64] {
    arguments.enumerated().map { offset, argument in
      index == nil || index == start + offset ? object : argument
    }
  }
}

/// What a place holds that a wrapper filled while it took its arguments apart.
///
/// Compilers ask a function's first question, which is often `argument is None`, where they read the
/// argument, before they read the next one.
package enum ArgumentAnswer: Hashable, Sendable {
  /// Whether an argument is one of some objects: the argument's number without the receiver, what the place
  /// holds for each object, by address, and what it holds for all others.
  case identity(argument: Int, same: [UInt64: UInt64], other: UInt64)
  /// Something else.
  case unknown
}

extension WrapperRun {
  /// Finds out what a wrapper asked about its arguments while it took them apart: it is run again with
  /// the objects of which compilers know the addresses.
  ///
  /// - Parameters:
  ///   - machine: a machine that has run the module's initialisation.
  ///   - wrapper: where the wrapper starts.
  ///   - signature: how it is called.
  ///   - snapshot: what a run of it left behind.
  ///   - reaches: whether control can get from one address of the wrapper to another one.
  /// - Returns: the same with the answers; nil if it goes on elsewhere for other arguments.
  package static func answers(
    _ machine: Interpreter, _ wrapper: UInt64, _ signature: WrapperSignature,
    _ snapshot: WrapperSnapshot, reaches: @escaping (UInt64, UInt64) -> Bool
  ) -> WrapperSnapshot? {
    let count = signature.positionalCount + signature.keywordOnlyNames.count
    guard count > 0 else { return snapshot }
    func state(_ object: UInt64, at index: Int?) -> MachineSnapshot? {
      let replacement = ArgumentReplacement(object: object, index: index, visits: snapshot.visits)
      let run = WrapperRun(machine, signature, replacing: replacement, reaches: reaches)
      guard let found = run.run(wrapper, upTo: snapshot.machine.address)?.machine,
        found.address == snapshot.machine.address
      else { return nil }
      return found
    }
    var result = snapshot
    for object in [machine.none, machine.boolean(true), machine.boolean(false)] {
      guard let replaced = state(object, at: nil) else { return nil }
      let cells = Set(snapshot.cells(thatDifferIn: replaced))
      var open = cells
      for index in 0..<count where !open.isEmpty {
        guard let single = state(object, at: index) else { return nil }
        for cell in snapshot.cells(thatDifferIn: single) {
          let isOnly = open.remove(cell) != nil && single.word(cell) == replaced.word(cell)
          result.note(isOnly ? index : nil, object, single, at: cell)
        }
      }
      // It takes several arguments together.
      for cell in open { result.answers[cell] = .unknown }
    }
    return result
  }
}

extension WrapperSnapshot {
  /// Notes what a place holds if an argument is an object; nil stands for several arguments.
  fileprivate mutating func note(
    _ argument: Int?, _ object: UInt64, _ state: MachineSnapshot, at cell: Cell
  ) {
    guard let argument, let other = machine.word(cell), let word = state.word(cell) else {
      answers[cell] = .unknown
      return
    }
    switch answers[cell] {
    case nil: answers[cell] = .identity(argument: argument, same: [object: word], other: other)
    case .identity(argument, var same, other):
      same[object] = word
      answers[cell] = .identity(argument: argument, same: same, other: other)
    default: answers[cell] = .unknown
    }
  }

  /// The places that hold something else in another run, but for arguments and how often they are
  /// referred to.
  fileprivate func cells(thatDifferIn other: MachineSnapshot) -> [Cell] {
    let objects = Set(parameters)
    return machine.cells(thatDifferIn: other).filter { cell in
      guard let word = machine.word(cell), !objects.contains(word) else { return false }
      return !counts.keys.contains { Int64(bitPattern: word &- $0).magnitude < 16 }
    }
  }
}
