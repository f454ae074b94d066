/// A Python statement, with where it stood and what is to be said about it.
package struct Statement: Hashable, Sendable {
  package var kind: Kind
  /// The line in the original source, where it is known.
  package var line: Int?
  /// Comment lines above the statement, without the `#`.
  package var comments: [String]

  package init(_ kind: Kind, line: Int? = nil, comments: [String] = []) {
    self.kind = kind
    self.line = line
    self.comments = comments
  }

  package indirect enum Kind: Hashable, Sendable {
    case expression(Expression)
    case assign([Expression], Expression)
    case augmentedAssign(Expression, Expression.BinaryOperator, Expression)
    case annotatedAssign(Expression, annotation: Expression, Expression?)
    case delete([Expression])
    case `return`(Expression?)
    case raise(Expression?, cause: Expression?)
    case assert(Expression, message: Expression?)
    case pass, `break`, `continue`
    case global([String])
    case nonlocal([String])
    case `import`([ImportedName])
    case importFrom(module: String, level: Int, [ImportedName])
    case `if`(Expression, [Statement], [Statement])
    case `while`(Expression, [Statement], [Statement])
    case `for`(Expression, Expression, [Statement], [Statement], isAsync: Bool)
    case `try`([Statement], [ExceptHandler], [Statement], [Statement])
    case with([WithItem], [Statement], isAsync: Bool)
    case function(FunctionDefinition)
    case `class`(ClassDefinition)
    /// Comments alone.
    case comment
  }

  package struct ImportedName: Hashable, Sendable {
    package let name: String
    package let alias: String?

    package init(_ name: String, as alias: String? = nil) {
      self.name = name
      self.alias = alias
    }
  }

  package struct ExceptHandler: Hashable, Sendable {
    package let type: Expression?
    package let name: String?
    package let body: [Statement]

    package init(_ type: Expression?, _ name: String?, _ body: [Statement]) {
      self.type = type
      self.name = name
      self.body = body
    }
  }

  package struct WithItem: Hashable, Sendable {
    package let context: Expression
    package let target: Expression?

    package init(_ context: Expression, _ target: Expression?) {
      self.context = context
      self.target = target
    }
  }
}

/// The parameters of a function or lambda.
package struct Parameters: Hashable, Sendable {
  package struct Parameter: Hashable, Sendable {
    package let name: String
    package let annotation: Expression?
    package let defaultValue: Expression?

    package init(_ name: String, annotation: Expression? = nil, default: Expression? = nil) {
      self.name = name
      self.annotation = annotation
      defaultValue = `default`
    }
  }

  package var positionalOnly: [Parameter] = []
  package var positional: [Parameter] = []
  package var star: Parameter?
  package var keywordOnly: [Parameter] = []
  package var doubleStar: Parameter?

  package init() {}
}

package struct FunctionDefinition: Hashable, Sendable {
  package var name: String
  package var parameters: Parameters
  package var returns: Expression?
  package var decorators: [Expression]
  package var docstring: Expression.Constant?
  package var body: [Statement]
  package var isAsync: Bool
  /// The line of `def` in the original source, where it is known.
  package var line: Int?

  package init(
    name: String, parameters: Parameters, returns: Expression? = nil,
    decorators: [Expression] = [], docstring: Expression.Constant? = nil, body: [Statement],
    isAsync: Bool = false, line: Int? = nil
  ) {
    self.line = line
    self.name = name
    self.parameters = parameters
    self.returns = returns
    self.decorators = decorators
    self.docstring = docstring
    self.body = body
    self.isAsync = isAsync
  }
}

package struct ClassDefinition: Hashable, Sendable {
  package var name: String
  package var bases: [Expression]
  package var keywords: [Expression.Keyword]
  package var decorators: [Expression]
  package var docstring: Expression.Constant?
  package var body: [Statement]

  package init(
    name: String, bases: [Expression] = [], keywords: [Expression.Keyword] = [],
    decorators: [Expression] = [], docstring: Expression.Constant? = nil, body: [Statement]
  ) {
    self.name = name
    self.bases = bases
    self.keywords = keywords
    self.decorators = decorators
    self.docstring = docstring
    self.body = body
  }
}

/// A whole module.
package struct Module: Hashable, Sendable {
  /// Comment lines at the top, without the `#`.
  package var header: [String]
  package var docstring: Expression.Constant?
  package var body: [Statement]

  package init(
    header: [String] = [], docstring: Expression.Constant? = nil, body: [Statement]
  ) {
    self.header = header
    self.docstring = docstring
    self.body = body
  }
}
