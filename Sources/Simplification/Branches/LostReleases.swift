import Basics
import IR

extension BranchRule {
  /// What nobody knows any more was asked for only to be released.
  ///
  /// ```c
  /// if (saved_traceback) Py_DECREF(saved_traceback);
  /// ```
  /// becomes nothing. Where other ways lead behind the release, the arms meet there with the same values.
  package static let lostRelease = BranchRule("lost-release") { site, function, _ in
    guard case .holds(let value) = site.condition.form, function[value].operation == .undefined,
      site.target != site.otherTarget
    else { return nil }
    let first = function.quietPlaces(from: site.block, to: site.target)
    let second = function.quietPlaces(from: site.block, to: site.otherTarget)
    for (index, place) in first.enumerated() {
      guard let other = second.firstIndex(where: { $0 == place }) else { continue }
      return site.formHolds(index <= other)
    }
    return nil
  }
}

/// A block on a way, and what its phis are there.
private struct QuietPlace: Equatable {
  let block: Block.ID
  let values: [Instruction.ID]
}

extension Function {
  /// The blocks that follow along an edge as long as they only release what is not known.
  fileprivate func quietPlaces(from source: Block.ID, to start: Block.ID) -> [QuietPlace] {
    var places: [QuietPlace] = []
    var known: [Instruction.ID: Instruction.ID] = [:]
    var (previous, block) = (source, start)
    while places.count < 8, let edge = self[block].predecessors.firstIndex(of: previous) {
      let phis = self[block].instructions.filter { isPhi($0) }
      let values = phis.map { phi in
        let value = operand(edge, of: phi)
        return known[value] ?? value
      }
      places.append(QuietPlace(block: block, values: values))
      known.merge(zip(phis, values)) { $1 }
      let isQuiet = self[block].instructions.allSatisfy { id in
        switch self[id].operation {
        case .phi, .undefined, .after: true
        case .referenceCount: self[operand(0, of: id)].operation == .undefined
        default: false
        }
      }
      guard isQuiet, case .jump(let next) = self[block].terminator else { break }
      (previous, block) = (block, next)
    }
    return places
  }
}
