package import IR

/// What a variable holds where a handler starts.
package struct HeldValue: Sendable {
  package let value: Instruction.ID
  /// The values that met there.
  package let merged: [Instruction.ID]
  /// What it held before anything in the body could fail, if that is known.
  package let first: Instruction.ID?
  /// What the body merged it in, where that is all that errors find.
  let copied: Instruction.ID?
  /// The decision that opens the body.
  package internal(set) var decision: Instruction.ID?

  package init(
    value: Instruction.ID, merged: [Instruction.ID], first: Instruction.ID?,
    copied: Instruction.ID?
  ) {
    (self.value, self.merged, self.first, self.copied) = (value, merged, first, copied)
  }
}

/// What is known of the `try` statements of a function, by the decisions that open their bodies.
package struct HandledRegions: Sendable {
  /// The statement whose handlers or clause get the errors of a statement's own handlers.
  package internal(set) var parents: [Instruction.ID: Instruction.ID] = [:]
  /// What variables hold where handlers start.
  package internal(set) var held: [HeldValue] = []
  /// The statements of which a handler asks for the class of the exception.
  package internal(set) var asking: Set<Instruction.ID> = []
  /// Statements that raise a caught exception again, as errors that were taken away.
  package internal(set) var raises: [PruneBranches.PrunedError] = []
  /// What keeps the statements from being understood.
  package internal(set) var problem: String?

  package init() {}
}
