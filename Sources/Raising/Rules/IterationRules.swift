import IR

extension CallRule {
  /// `PyObject_GetIter(o)` → the head of a loop.
  static let iteration: [String: CallRule] = [
    "PyObject_GetIter": .simple(.iterator, 0),
    "PyIter_Next": .simple(.next, 0),
  ]
}
