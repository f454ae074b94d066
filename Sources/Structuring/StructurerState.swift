import Basics
package import IR
package import PythonSyntax

/// An expression that was evaluated and that nothing has used yet.
struct Pending {
  let id: Instruction.ID
  var expression: Expression
  var line: Int?
  var placement = Placement.anywhere
}

/// Where the value of an operator may go.
enum Placement {
  case anywhere
  /// To the left operand, as that of `+=`, or to anything else if the left operand is a value that
  /// nothing keeps.
  case preferablyInPlace
  /// Only to the left operand.
  case inPlace
}

/// What was written so far on the way to one point of a function.
struct State {
  var statements: [Statement] = []
  /// Evaluated and unused, the latest last.
  var stack: [Pending] = []
  /// The value that each variable holds.
  var current = HeldValues()
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
    current.meet(other.current)
  }
}

/// The values that variables hold at a point of a function, as far as they are known.
struct HeldValues {
  private var values: [String: Instruction.ID] = [:]
  /// A value of each variable that was assigned on any way here.
  private var assigned: [String: Instruction.ID] = [:]

  subscript(name: String) -> Instruction.ID? {
    get { values[name] }
    set {
      values[name] = newValue
      if let newValue { assigned[name] = newValue }
    }
  }

  /// A value that a parameter may hold instead of the one that the function was called with.
  func change(of name: String, from parameter: Instruction.ID) -> Instruction.ID? {
    if let value = values[name] { return value == parameter ? nil : value }
    return assigned[name].flatMap { $0 == parameter ? nil : $0 }
  }

  /// Whether no way here has assigned to a variable.
  func isUntouched(_ name: String) -> Bool { assigned[name] == nil }

  /// Forgets what variables hold that have got certain values since another state.
  mutating func forget(since other: HeldValues, _ isGone: (Instruction.ID) -> Bool) {
    for (name, value) in values where isGone(value) && other.values[name] != value {
      values[name] = nil
    }
  }

  /// Keeps what is true whichever of two ways control came.
  mutating func meet(_ other: HeldValues) {
    for (name, value) in values where other.values[name] != value { values[name] = nil }
    assigned.merge(other.assigned) { first, _ in first }
  }
}

/// How statements are made of blocks that several ways lead to.
package enum StructuringStrategy: Sendable {
  /// Every block is written once.
  case joining
  /// Blocks at which ways meet are written for each of them, where there is no other structure.
  case copying
  /// Every block is written once; what fits no statement is left out and marked.
  case dropping

  /// How many steps may be spent on a function.
  var limit: Int { self == .copying ? 20_000 : 200_000 }

  /// The ways to try, one after the other.
  static func all(isLenient: Bool, _ kind: StructuringScope.Kind) -> [StructuringStrategy] {
    guard isLenient else { return [.joining, .copying] }
    // What a module defines matters more than the form of its statements.
    return kind == .module ? [.dropping, .copying] : [.joining, .copying, .dropping]
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
  package internal(set) var variables: [String]
  /// The same with all that the code object lists behind the parameters, also if it is listed again.
  package let listedNames: [String]
  /// The parameter that holds the other keyword arguments, a dict of the function's own.
  package let keywordParameter: String?
  /// The line on which the body starts, behind all parameters, if it is known.
  package let bodyLine: Int?
  /// Makes the definition of a function object.
  package let define: (FunctionReference) throws -> FunctionDefinition
  /// What is known of closures.
  package let closures: ClosureNames

  package init(
    kind: Kind, parameters: [String], variables: [String], listedNames: [String] = [],
    keywordParameter: String? = nil, bodyLine: Int? = nil, closures: ClosureNames,
    define: @escaping (FunctionReference) throws -> FunctionDefinition
  ) {
    self.kind = kind
    self.parameters = parameters
    self.variables = variables
    self.listedNames = listedNames
    self.keywordParameter = keywordParameter
    self.bodyLine = bodyLine
    self.closures = closures
    self.define = define
  }
}

/// What a function knows of the variables that it shares with others.
package struct ClosureNames {
  /// What the code is the body of, if it suspends.
  package let generatorKind: GeneratorKind?
  /// The types of the scopes that the function makes itself, or that its generator has.
  package let own: Set<UInt64>
  /// The name of the variable in a field of a scope.
  package let name: (ScopeField) -> String
  /// The name of the variable in a field of the generator's own scope, by its distance.
  package let fieldName: (UInt64) -> String?
  /// The body of a generator expression, by its address and the types of its scopes.
  package let generator: (UInt64, [UInt64]) throws -> GeneratorExpressionBody

  /// The name of an argument of a generator expression, which no name in the source has.
  package static func argumentName(_ number: Int) -> String { ".\(number)" }

  package init(
    generatorKind: GeneratorKind?, own: Set<UInt64>, name: @escaping (ScopeField) -> String,
    fieldName: @escaping (UInt64) -> String?,
    generator: @escaping (UInt64, [UInt64]) throws -> GeneratorExpressionBody
  ) {
    self.generatorKind = generatorKind
    self.own = own
    self.name = name
    self.fieldName = fieldName
    self.generator = generator
  }
}

/// The code of a generator expression.
package struct GeneratorExpressionBody {
  package let statements: [Statement]
  /// The distances of the fields of its scope with its arguments.
  package let arguments: [UInt64]

  package init(statements: [Statement], arguments: [UInt64]) {
    self.statements = statements
    self.arguments = arguments
  }
}
