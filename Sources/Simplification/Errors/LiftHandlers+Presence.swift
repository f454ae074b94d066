import Basics
import IR
import RuntimeModel

// Questions whether there is an exception at all, since CPython 3.12.
extension LiftHandlers {
  /// Whether a test asks if there is an exception of which the class is asked for then.
  ///
  /// ```c
  /// if (!tstate->current_exception) return 0;
  /// ```
  /// `__Pyx_PyErr_ExceptionMatchesInState` in `Cython/Utility/Exceptions.c`. None at all gets where an
  /// exception of another class does. The end of a loop asks the same, but goes on where there is none, and
  /// fails where there is another one.
  func asksForPresence(
    _ site: BranchSite, _ marker: ExceptionMarker, _ function: borrowing Function
  ) -> Bool {
    guard layout.keepsExceptions, let tested = site.valueComparedWithNull(in: function),
      isCurrentError(tested, function), let block = function[marker.step].block
    else { return false }
    let missing = wayWithoutException(from: (site.block, site.target), function)
    let other = wayWithoutException(from: (block, block), function)
    return agree(missing, other, function)
  }

  /// Whether a value is nothing but the current exception of a thread, which may be read several times.
  private func isCurrentError(_ value: Instruction.ID, _ function: borrowing Function) -> Bool {
    function.roots(of: value).allSatisfy { root in
      guard function[root].operation == .machine(.load) else { return false }
      let (base, offset) = function.offset(function.operand(0, of: root))
      return offset == layout.currentError && scanner.isThreadState(base, function)
    }
  }

  /// The edge by which control comes to the first block that does anything, if there is no exception.
  private func wayWithoutException(
    from edge: (from: Block.ID, to: Block.ID), _ function: borrowing Function
  ) -> (from: Block.ID, to: Block.ID) {
    let questions = Set(markers.filter { $0.kind == .match }.map(\.step))
    var edge = edge
    for _ in 0..<24 {
      let block = edge.to
      let acts = function[block].instructions.contains { id in
        switch function[id].operation {
        case .call, .python: !questions.contains(id)
        default: false
        }
      }
      if acts { return edge }
      switch function[block].terminator {
      case .jump(let next): edge = (block, next)
      case .branch:
        guard let site = BranchSite(block, in: function),
          let tested = site.valueComparedWithNull(in: function)
        else { return edge }
        let answers = function.roots(of: function.withoutExtract(tested)).allSatisfy {
          questions.contains(function.withoutExtract($0)) || function.constant($0) == 0
        }
        guard answers || isCurrentError(tested, function) else { return edge }
        edge = (block, site.target)
      default: return edge
      }
    }
    return edge
  }

  /// Whether control comes to the same block with the same values.
  private func agree(
    _ left: (from: Block.ID, to: Block.ID), _ right: (from: Block.ID, to: Block.ID),
    _ function: borrowing Function
  ) -> Bool {
    guard left.to == right.to,
      let first = function[left.to].predecessors.firstIndex(of: left.from),
      let second = function[left.to].predecessors.firstIndex(of: right.from)
    else { return false }
    return function[left.to].instructions.allSatisfy { id in
      !function.isPhi(id) || function.operand(first, of: id) == function.operand(second, of: id)
    }
  }

  /// Whether the class of an exception is asked for behind a test whether there is one, other than at the
  /// end of a loop: such a test is not understood.
  func leavesQuestion(
    behind errors: Set<Instruction.ID>, _ function: borrowing Function
  ) -> Bool {
    guard layout.keepsExceptions else { return false }
    return function.reversePostorder().contains { block in
      guard let site = BranchSite(block, in: function),
        let tested = site.valueComparedWithNull(in: function),
        !function.roots(of: tested).isDisjoint(with: errors)
      else { return false }
      return asksForClass(site.otherTarget, function)
    }
  }

  private func asksForClass(_ start: Block.ID, _ function: borrowing Function) -> Bool {
    var block = start
    for _ in 0..<8 {
      for id in function[block].instructions {
        switch function[id].operation {
        case .python(.exceptMatch):
          let type = function.operand(0, of: id)
          return function.exceptionName(type, facts) != "PyExc_StopIteration"
        case .call, .python: return false
        default: continue
        }
      }
      guard case .jump(let next) = function[block].terminator else { return false }
      block = next
    }
    return false
  }
}
