import IR

extension CallRule {
  /// `PyTuple_New(n)` and the stores of its items → `(a, b)`.
  static let displays: [String: CallRule] = [
    "PyTuple_New": CallRule { $0.newSequence($1, $2, .tuple) },
    "PyList_New": CallRule { $0.newSequence($1, $2, .list) },
    "PyTuple_Pack": CallRule { $0.pack($1, $2, .tuple) },
    "__Pyx_PyList_Pack": CallRule { $0.pack($1, $2, .list) },
    "__Pyx_PyTuple_FromArray": CallRule { $0.array($1, $2, .tuple) },
    "__Pyx_PyList_FromArray": CallRule { $0.array($1, $2, .list) },
    "PyDict_New": .simple(.dictionary),
    "_PyDict_NewPresized": .simple(.dictionary),
    "PySet_New": CallRule { raiser, call, arguments in
      guard let iterable = arguments.first else { return false }
      return raiser.isNull(iterable)
        ? raiser.become(call, .set, []) : raiser.becomeBuiltinCall(call, "set", [iterable])
    },
    "__Pyx_MergeKeywords": mergedKeywords,
    "__Pyx_MergeKeywords_any": mergedKeywords,
    "__Pyx_MergeKeywords_dict": mergedKeywords,
    "PyDict_Update": CallRule { raiser, call, arguments in
      guard arguments.count >= 2 else { return false }
      return raiser.isDisplay(arguments[0], addedBy: call)
        ? raiser.become(call, .addEntries, Array(arguments.prefix(2)))
        : raiser.becomeMethodCall(call, arguments[0], "update", [arguments[1]])
    },
  ]

  /// `{**a, **b}` of keyword arguments, whose names may not be the same.
  private static let mergedKeywords = CallRule { raiser, call, arguments in
    guard arguments.count >= 2, raiser.isDisplay(arguments[0], addedBy: call) else { return false }
    return raiser.become(call, .addEntries, Array(arguments.prefix(2)))
  }
}

extension Raiser {
  /// `PyTuple_New(n)` and the stores of its items.
  func newSequence(
    _ call: Instruction.ID, _ arguments: [Instruction.ID], _ operation: PythonOperation
  ) -> Bool {
    guard let size = arguments.first else { return false }
    if let count = integer(size), count >= 0, count < 1 << 16,
      becomeDisplay(call, count: count, operation)
    {
      return true
    }
    return becomeRepeated(call, size, operation)
  }

  /// `__Pyx_PyTuple_FromArray(items, n)`, with the items behind the arguments.
  func array(
    _ call: Instruction.ID, _ arguments: [Instruction.ID], _ operation: PythonOperation
  ) -> Bool {
    guard arguments.count >= 2, let count = integer(arguments[1]), count >= 0,
      arguments.count == count + 2
    else { return false }
    return become(call, operation, Array(arguments.dropFirst(2)))
  }

  /// `PyTuple_Pack(n, a, b, …)`.
  func pack(
    _ call: Instruction.ID, _ arguments: [Instruction.ID], _ operation: PythonOperation
  ) -> Bool {
    guard let count = arguments.first.flatMap(integer), count >= 0 else { return false }
    // Six arguments fit into registers; behind them stands a pointer to the others.
    let items = arguments.dropFirst().prefix(5) + arguments.dropFirst(7)
    guard items.count >= count else { return false }
    return become(call, operation, Array(items.prefix(count)))
  }
}
