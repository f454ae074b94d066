package import Basics
package import IR

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
  /// How often each argument was referred to: its address by the count, which no other one has.
  package let counts: [UInt64: UInt64]
  /// The parameter that the first argument is: the receiver of a method stands before it.
  package let firstArgument: Int
  /// How often control has been at the machine's address.
  let visits: Int
  /// What depends on the arguments otherwise than by being one of them.
  package internal(set) var answers: [Cell: ArgumentAnswer] = [:]
}

/// How a wrapper is called, from its `PyMethodDef` and its code object.
package struct WrapperSignature: Hashable, Sendable {
  package let flags: UInt64
  package let positionalCount: Int
  package let keywordOnlyNames: [Text]
  package let hasStarArguments: Bool
  package let hasStarKeywords: Bool
  /// Whether the first parameter is the receiver, as it is in methods of extension types: the others
  /// are counted without it.
  package let isMethod: Bool

  package init(
    flags: UInt64, positionalCount: Int, keywordOnlyNames: [Text], hasStarArguments: Bool,
    hasStarKeywords: Bool, isMethod: Bool = false
  ) {
    self.isMethod = isMethod
    self.flags = flags
    self.positionalCount = positionalCount
    self.keywordOnlyNames = keywordOnlyNames
    self.hasStarArguments = hasStarArguments
    self.hasStarKeywords = hasStarKeywords
  }

  /// The number of the parameter that holds the other positional arguments, among those of a code object.
  package var starParameter: Int? {
    hasStarArguments ? positionalCount + keywordOnlyNames.count + (isMethod ? 1 : 0) : nil
  }

  /// The same function if it is a method of an extension type; nil if it can be none.
  package var ofMethod: WrapperSignature? {
    guard !isMethod, positionalCount > 0 else { return nil }
    return WrapperSignature(
      flags: flags, positionalCount: positionalCount - 1, keywordOnlyNames: keywordOnlyNames,
      hasStarArguments: hasStarArguments, hasStarKeywords: hasStarKeywords, isMethod: true)
  }

  /// Whether the flags alone say that the receiver is the first parameter: a function of one argument
  /// has two, or one of none has one.
  package var mustBeMethod: Bool {
    flags & Self.noArguments != 0 && positionalCount == 1
      || flags & Self.oneArgument != 0 && positionalCount == 2
  }

  // Bits of `ml_flags`, from CPython's Include/methodobject.h.
  static let varargs: UInt64 = 0x1
  static let keywords: UInt64 = 0x2
  static let noArguments: UInt64 = 0x4
  static let oneArgument: UInt64 = 0x8
  static let fastCall: UInt64 = 0x80
}
