import IR
package import PythonSyntax

/// Why a function cannot be written as Python.
package struct NotUnderstood: Error, Hashable, Sendable {
  package let reason: String
  /// Where in the binary the step stands that stopped the work; 0 if it was none in particular.
  package let address: UInt64

  /// Whether nothing around the step can be trusted either.
  package let isFatal: Bool

  /// A value that needs a variable of its own, where it shares one with others.
  var separable: Instruction.ID?

  package init(_ reason: String, at address: UInt64 = 0, isFatal: Bool = false) {
    self.reason = reason
    self.isFatal = isFatal
    self.address = address
  }

  /// What is said where control flow fits no statement.
  package static let structure = "control flow that has no structure"

  /// What is said where a placeholder is left.
  static let unknownUse = "a value that is used in an unknown way"

  /// Whether another strategy may help.
  var isStructural: Bool { reason == Self.structure || reason == Self.unknownUse }
}

extension Expression {
  /// What stands for a value that is not understood, which is made of others.
  package static func notUnderstood(_ reason: String, _ values: [Expression] = []) -> Expression {
    .call(.name("_not_understood"), [.string(reason)] + values, [])
  }

  /// Whether this stands for something that is not understood.
  var isNotUnderstood: Bool {
    if case .call(.name("_not_understood"), _, []) = self { true } else { false }
  }
}

extension [Statement] {
  /// Whether a step that is not understood is marked among the statements, those of inner functions and
  /// classes aside.
  package var mentionNotUnderstood: Bool {
    contains { statement in
      switch statement.kind {
      case .function, .class: false
      default: statement.mentions { $0 == "_not_understood" }
      }
    }
  }
}
