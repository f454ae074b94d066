import Basics
import IR
package import PythonSyntax

/// An expression that was evaluated and that nothing has used yet.
struct Pending {
  let id: Instruction.ID
  var expression: Expression
  var line: Int?
  /// Made by an operator such as `+=`, so that it may only be assigned.
  var isInPlace = false
}

/// What was written so far on the way to one point of a function.
struct State {
  var statements: [Statement] = []
  /// Evaluated and unused, the latest last.
  var stack: [Pending] = []
  /// The value that each variable holds.
  var current: [String: Instruction.ID] = [:]
  /// The line of the latest step whose line is known.
  var line: Int?

  /// An empty state that knows the same variables.
  var fresh: State {
    var state = State()
    state.current = current
    state.line = line
    return state
  }

  /// Keeps what is true whichever of two ways control came.
  mutating func meet(_ other: State) {
    for (name, value) in current where other.current[name] != value { current[name] = nil }
  }
}

/// Where the code around a region goes on.
struct RegionContext {
  /// The block behind the region.
  var follow: Block.ID?
  var loop: Loop?

  struct Loop {
    let header: Block.ID
    /// Where `break` leads.
    let breakTarget: Block.ID?
  }
}

/// The names and definitions that a function's code refers to.
package struct StructuringScope {
  package enum Kind { case module, function }

  package let kind: Kind
  /// The names of the parameters, by number.
  package let parameters: [String]
  /// The names of the other variables, in the order of the code object.
  package let variables: [String]
  /// Makes the definition of a function object.
  package let define: (FunctionReference) throws -> FunctionDefinition

  package init(
    kind: Kind, parameters: [String], variables: [String],
    define: @escaping (FunctionReference) throws -> FunctionDefinition
  ) {
    self.kind = kind
    self.parameters = parameters
    self.variables = variables
    self.define = define
  }
}
