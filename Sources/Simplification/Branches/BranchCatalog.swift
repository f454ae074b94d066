extension BranchRule {
  /// Every rule about branches, in the order in which they are tried.
  package static let all: [BranchRule] = [
    .constant,
    .deallocation,
    .knownNotNull,
    .error,
    .typeSlot,
    .internalType,
    .truthOfSingleton,
    .dictVersion,
  ]
}
