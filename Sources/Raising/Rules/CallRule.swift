import IR

/// What a call of one C function means in Python.
struct CallRule: Sendable {
  /// Rewrites the call; returns false, having changed nothing, if the call is not of that form.
  let apply: @Sendable (Raiser, Instruction.ID, [Instruction.ID]) -> Bool

  init(_ apply: @escaping @Sendable (Raiser, Instruction.ID, [Instruction.ID]) -> Bool) {
    self.apply = apply
  }

  /// A call that means one operation on some of its arguments.
  static func simple(_ operation: PythonOperation, _ positions: Int...) -> CallRule {
    CallRule { raiser, call, arguments in
      guard positions.allSatisfy({ $0 < arguments.count }) else { return false }
      return raiser.become(call, operation, positions.map { arguments[$0] })
    }
  }

  /// A call that means a builtin function.
  static func builtin(_ name: String, _ positions: Int...) -> CallRule {
    CallRule { raiser, call, arguments in
      guard positions.allSatisfy({ $0 < arguments.count }) else { return false }
      return raiser.becomeBuiltinCall(call, name, positions.map { arguments[$0] })
    }
  }

  /// A call that means a method of its first argument.
  static func method(_ name: String, _ positions: Int...) -> CallRule {
    CallRule { raiser, call, arguments in
      guard !arguments.isEmpty, positions.allSatisfy({ $0 < arguments.count }) else { return false }
      return raiser.becomeMethodCall(call, arguments[0], name, positions.map { arguments[$0] })
    }
  }

  /// Every rule, by the name of the function that is called.
  static let byName: [String: CallRule] = {
    var result: [String: CallRule] = [:]
    for family in [
      operators, attributes, items, builtins, methods, calls, displays, imports, statements,
      definitions, iteration, numbers, text, generators,
    ] {
      result.merge(family) { first, _ in first }
    }
    return result
  }()
}
