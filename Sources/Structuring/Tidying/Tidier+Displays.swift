import Basics
import BigInt
import PythonSyntax

// Displays that are filled step by step, and the arguments that they are.
extension Tidier {
  /// ```
  /// t = {}
  /// t['a'] = x          →      t = {'a': x}
  /// ```
  /// Cython 0.29 makes the keyword arguments of a call this way.
  func grownDictionary(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, .dictionary(let entries)) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], temporaries[name] ?? 0 > 2,
      case .assign(let items, let value) = next.kind, items.count == 1,
      case .item(.name(name), let key) = items[0], case .constant(.string) = key,
      !entries.contains(where: { $0.key == nil || $0.key == key }),
      !value.mentions({ $0 == name })
    else { return nil }
    var result = last
    result.kind = .assign(targets, .dictionary(entries + [.init(key, value)]))
    return result
  }
}

extension Tidier {
  /// ```
  /// t = list(x)
  /// t.extend(y)         →      t = [*x, *y]
  /// ```
  func grownList(_ last: Statement, _ next: Statement) -> Statement? {
    guard case .assign(let targets, let display) = last.kind, targets.count == 1,
      case .name(let name) = targets[0], temporaries[name] ?? 0 > 2,
      case .expression(.call(.attribute(.name(name), let method), let added, [])) = next.kind,
      added.count == 1, !added[0].mentions({ $0 == name })
    else { return nil }
    var items: [Expression]
    switch display {
    case .call(.name("list"), let arguments, []) where arguments.count == 1:
      items = [.starred(arguments[0])]
    case .list(let known) where !known.isEmpty: items = known
    default: return nil
    }
    switch method {
    case "extend": items.append(.starred(added[0]))
    case "append" where items.contains(where: \.isStarred): items.append(added[0])
    default: return nil
    }
    var result = last
    result.kind = .assign(targets, .list(items))
    return result
  }
}

extension Expression {
  fileprivate var isStarred: Bool { if case .starred = self { true } else { false } }

  /// `f(a=x)` for `f(**{'a': x})`.
  var withKeywords: Expression {
    guard case .call(let callee, let arguments, let keywords) = self,
      keywords.contains(where: {
        if case .dictionary = $0.value { $0.name == nil } else { false }
      })
    else { return self }
    return .call(
      callee, arguments, keywords.flatMap { $0.name == nil ? $0.value.asKeywords : [$0] })
  }

  /// The keyword arguments that a value behind `**` gives.
  var asKeywords: [Keyword] {
    guard case .dictionary(let entries) = self else { return [.init(nil, self)] }
    var result: [Keyword] = []
    for entry in entries {
      guard let key = entry.key else {
        result.append(.init(nil, entry.value))
        continue
      }
      guard case .constant(.string(let text)) = key, let name = text.string,
        Identifiers.isValid(name)
      else { return [.init(nil, self)] }
      result.append(.init(name, entry.value))
    }
    return result
  }

  /// What is tested, where nothing but its truth matters.
  ///
  /// ```
  /// 1 if a else b       →      a or b
  /// b if a else 0       →      a and b
  /// ```
  var asCondition: Expression {
    switch self {
    case .conditional where truthOfSingleton != nil: return truthOfSingleton ?? self
    case .conditional(let test, let yes, let no):
      switch (yes.constantTruth, no.constantTruth) {
      case (true?, false?): return test.asCondition
      case (false?, true?): return test.asCondition.negated
      case (true?, nil): return .joined(.or, test.asCondition, no.asCondition)
      case (false?, nil): return .joined(.and, test.asCondition.negated, no.asCondition)
      case (nil, false?): return .joined(.and, test.asCondition, yes.asCondition)
      case (nil, true?): return .joined(.or, test.asCondition.negated, yes.asCondition)
      default: return self
      }
    case .boolean(let operation, let operands):
      return .boolean(operation, operands.map(\.asCondition))
    case .unary(.not, let inner):
      let condition = inner.asCondition
      return condition == inner ? self : condition.negated
    case .call(.name("bool"), let arguments, []) where arguments.count == 1:
      return arguments[0].asCondition
    default: return self
    }
  }

  /// `x`, if this is how Cython asks for its truth.
  ///
  /// ```
  /// (1 if x is True else 0) if x is True or x is False or x is None else x
  /// ```
  private var truthOfSingleton: Expression? {
    guard case .conditional(let test, let yes, let no) = self, case .name = no,
      test.asksForSingleton(no), yes.isTruthOfTrue(no)
    else { return nil }
    return no
  }

  /// Whether this is true only if an object is `True`, `False` or `None`.
  private func asksForSingleton(_ object: Expression) -> Bool {
    switch self {
    case .boolean(.or, let operands): operands.allSatisfy { $0.asksForSingleton(object) }
    case .comparison(object, let parts):
      parts.count == 1 && parts[0].operator == .is && parts[0].operand.isSingleton
    case .unary(.not, .boolean(.and, let operands)):
      operands.allSatisfy { $0.negated.asksForSingleton(object) }
    case .unary(.not, .comparison(object, let parts)):
      parts.count == 1 && parts[0].operator == .isNot && parts[0].operand.isSingleton
    default: false
    }
  }

  private func isTruthOfTrue(_ object: Expression) -> Bool {
    let isTrue = Expression.comparison(object, [.init(.is, .constant(.true))])
    switch self {
    case isTrue: return true
    case .conditional(isTrue, let yes, let no):
      return yes.constantTruth == true && no.constantTruth == false
    case .conditional(.unary(.not, isTrue), let yes, let no):
      return yes.constantTruth == false && no.constantTruth == true
    default: return false
    }
  }

  private var isSingleton: Bool {
    switch self {
    case .constant(.true), .constant(.false), .constant(.none): true
    default: false
    }
  }

  private var constantTruth: Bool? {
    switch self {
    case .constant(.true), .constant(.integer(1)): true
    case .constant(.false), .constant(.integer(0)): false
    default: nil
    }
  }
}

extension Statement {
  /// The statement with what it tests written as a condition.
  var withConditions: Statement {
    var result = self
    switch kind {
    case .if(let test, let body, let rest): result.kind = .if(test.asCondition, body, rest)
    case .while(let test, let body, let rest): result.kind = .while(test.asCondition, body, rest)
    case .assert(let test, let message):
      result.kind = .assert(test.asCondition, message: message)
    default: break
    }
    return result
  }
}
