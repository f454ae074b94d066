import Basics
package import IR
import RuntimeModel

/// A kind of branch that Cython's macros make and that means nothing in Python.
///
/// A rule says which arm stays; the other one is reference counting, a faster way to the same
/// result, or an error. The engine takes it away, counts and logs it.
package struct BranchRule: Sendable {
  package let name: String
  /// Whether the first arm of the branch is the one that stays; nil if the rule does not apply.
  package let keepsFirstArm: @Sendable (BranchSite, borrowing Function, BranchContext) -> Bool?

  package init(
    _ name: String,
    keepsFirstArm: @escaping @Sendable (BranchSite, borrowing Function, BranchContext) -> Bool?
  ) {
    self.name = name
    self.keepsFirstArm = keepsFirstArm
  }
}

/// The end of a block that branches.
package struct BranchSite {
  package let block: Block.ID
  package let condition: Condition
  /// Where control goes when the condition's form holds, and when it does not.
  package let target: Block.ID
  package let otherTarget: Block.ID

  package init?(_ block: Block.ID, in function: borrowing Function) {
    guard case .branch(let value, let first, let second) = function[block].terminator else {
      return nil
    }
    self.block = block
    condition = Condition(function.resolve(value), in: function)
    target = condition.isPositive ? first : second
    otherTarget = condition.isPositive ? second : first
  }

  /// The answer of a rule that knows whether the condition's form holds.
  package func formHolds(_ holds: Bool) -> Bool { holds == condition.isPositive }

  /// The value that is compared with null, if the branch asks for that.
  package func valueComparedWithNull(in function: borrowing Function) -> Instruction.ID? {
    guard case .equal(let left, let right) = condition.form, function.constant(right) == 0 else {
      return nil
    }
    return left
  }
}

/// What rules about branches may ask.
package struct BranchContext {
  package let facts: any ModuleFacts
  /// The loads of reference counts.
  package var counts: Set<Instruction.ID>
  package var errors: ErrorPaths
  /// Values whose error was split off, so that they are not null any more.
  package var nonNull: Set<Instruction.ID> = []
  /// Statuses whose error was split off, so that they are 0.
  package var zero: Set<Instruction.ID> = []
  /// The loads of the flag of assertions for `if __debug__:`, which were no assertion's when they were met
  /// first: later, the tests of assertions inside are gone.
  package var debugTests: Set<Instruction.ID> = []
  /// The iterators whose items `yield from` hands out.
  package let delegated: Set<Instruction.ID>

  package init(
    _ function: borrowing Function, facts: any ModuleFacts, counts: Set<Instruction.ID>,
    errors: ErrorPaths
  ) {
    delegated = function.delegatedIterators()
    self.facts = facts
    self.counts = counts
    self.errors = errors
  }
}

extension Function {
  fileprivate func delegatedIterators() -> Set<Instruction.ID> {
    var result: Set<Instruction.ID> = []
    for block in blockIDs {
      for id in self[block].instructions where self[id].operation == .python(.yieldFrom) {
        result.insert(operand(0, of: id))
      }
    }
    return result
  }
}

extension Function {
  /// Whether a value is a C integer that a call returned, and no object that might be null.
  func isInteger(_ value: Instruction.ID, _ facts: any ModuleFacts) -> Bool {
    callee(of: withoutExtract(value), facts)?.result.isInteger == true
  }
}
