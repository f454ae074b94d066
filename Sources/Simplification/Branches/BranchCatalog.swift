extension BranchRule {
  /// Every rule about branches, in the order in which they are tried.
  package static let all: [BranchRule] = [
    .constant,
    .prepare,
    .deallocation,
    .moduleGlobal,
    .knownNotNull,
    .allocation,
    .nullResult,
    .unboundFunction,
    .error,
    .typeSlot,
    .internalType,
    .unboundMethod,
    .truthOfSingleton,
    .dictVersion,
    .unpackItems,
    .unpackTuple,
    .noneComparison,
    .declaredType,
    .fastPath,
    .identity,
    .iterationEnd,
    .iterationFunction,
    .basesWalk,
    .internalSubtype,
    .classCell,
    .originalBases,
    .namedMetaclass,
    .packedTuple,
    .recursionLimit,
    .sizeOfNewTuple,
    .typeOfNewTuple,
    .metaclassWalk,
    .classKeywords,
    .assertions,
    .onceOnly,
    .listAppend,
  ]

  /// The rules that do not ask for errors; they make the paths of errors simple enough to see.
  package static let beforeErrors: [BranchRule] = [.constant, .deallocation]
}
