import IR
import Raising

// Where what a function returns was counted for that.
extension FunctionStructurer {
  /// Where what is returned behind a body was counted for it.
  enum CountedPlace { case body, behind }

  /// Where the value that is returned behind a body was counted, if it is one that something else holds.
  ///
  /// ```c
  /// __Pyx_INCREF(v); r = v; goto return;  return: { clause } goto end;     →   try: …; return v
  /// { clause }  __Pyx_INCREF(v); r = v; goto end;                          →   try: …   return v
  /// ```
  /// (`ReturnStatNode` in `Cython/Compiler/Nodes.py`)
  func countedPlace(ofReturnBehind decision: Instruction.ID) -> CountedPlace? {
    guard let block = raiser.function[decision].block,
      case .branch(_, let body, let handler) = raiser.function[block].terminator
    else { return nil }
    let inside = protectedBlocks(decision, from: body, block)
    var behind: Set<Block.ID> = []
    var returned: Set<Instruction.ID> = []
    var pending = Array(frontier(of: inside, except: handler))
    while let next = pending.popLast() {
      guard !inside.contains(next), behind.insert(next).inserted else { continue }
      if case .return = raiser.function[next].terminator,
        let value = raiser.function[next].terminator.value
      {
        returned.insert(raiser.function.resolve(value))
      }
      pending += raiser.function.successors(of: next)
    }
    guard returned.count == 1, let value = returned.first else { return nil }
    func counts(_ blocks: Set<Block.ID>) -> Bool {
      blocks.contains { block in
        raiser.function[block].instructions.contains { id in
          guard case .referenceCount(1...) = raiser.function[id].operation else { return false }
          return raiser.function.operand(0, of: id) == value
        }
      }
    }
    return counts(behind) ? .behind : counts(inside) ? .body : nil
  }
}
