/// How a C function takes its arguments.
package struct CallSignature: Hashable, Sendable {
  package enum Parameter: UInt8, Sendable {
    /// An integer or a pointer.
    case integer
    /// A C `long`, which may be narrower than its register.
    case long
    /// A `double` or `float`.
    case float
  }

  /// What the function gives back.
  package enum Result: UInt8, Sendable {
    case nothing
    case integer
    case float
  }

  package var parameters: [Parameter]
  package var result: Result
  /// Whether more arguments may follow on the stack.
  package var isVariadic: Bool
  /// How many parameters the prototype names, if more may follow.
  package var namedCount: Int?
  /// Whether arguments are passed as the compiler likes, since nobody else can call the function.
  package var isLocal = false

  package init(parameters: [Parameter], result: Result = .integer, isVariadic: Bool = false) {
    self.parameters = parameters
    self.result = result
    self.isVariadic = isVariadic
  }

  /// A function of that many integers or pointers.
  package static func integers(_ count: Int, result: Result = .integer) -> CallSignature {
    CallSignature(parameters: Array(repeating: .integer, count: count), result: result)
  }
}

/// What SSA construction asks of the program around a function.
package protocol ProgramFacts {
  /// How the function at an address is called, if that is known.
  func signature(of target: UInt64) -> CallSignature?

  /// What stands in memory that nothing writes after loading.
  func constant(at address: UInt64, size: Int) -> UInt64?
}
