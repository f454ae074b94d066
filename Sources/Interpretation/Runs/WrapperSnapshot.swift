package import Basics

/// A function's wrapper after it took its arguments apart.
package struct WrapperSnapshot: Sendable {
  package let machine: MachineSnapshot
  /// The address that stands for each parameter, in the order of the code object's names:
  /// positional, keyword-only, `*args`, `**kwargs`.
  package let parameters: [UInt64]
  /// The address of the first C argument: the function object, or `self` of an extension type.
  package let receiver: UInt64
  /// What the receiver's fields held: the offset of the field by its value.
  package let receiverFields: [UInt64: UInt64]
}

/// How a wrapper is called, from its `PyMethodDef` and its code object.
package struct WrapperSignature: Hashable, Sendable {
  package let flags: UInt64
  package let positionalCount: Int
  package let keywordOnlyNames: [Text]
  package let hasStarArguments: Bool
  package let hasStarKeywords: Bool

  package init(
    flags: UInt64, positionalCount: Int, keywordOnlyNames: [Text], hasStarArguments: Bool,
    hasStarKeywords: Bool
  ) {
    self.flags = flags
    self.positionalCount = positionalCount
    self.keywordOnlyNames = keywordOnlyNames
    self.hasStarArguments = hasStarArguments
    self.hasStarKeywords = hasStarKeywords
  }

  // Bits of `ml_flags`, from CPython's Include/methodobject.h.
  static let varargs: UInt64 = 0x1
  static let keywords: UInt64 = 0x2
  static let noArguments: UInt64 = 0x4
  static let oneArgument: UInt64 = 0x8
  static let fastCall: UInt64 = 0x80
}
