import PythonSyntax

/// How the C source of a function is laid out, as far as its statements tell.
///
/// This follows `generate_execution_code` of the nodes in `Cython/Compiler/Nodes.py` and counts the lines
/// between steps that can fail. What an expression writes in front of its first step and behind
/// its last one is estimated.
struct CLineLayout {
  /// A statement of which some step can fail.
  struct Anchor {
    /// Its line in the Python source.
    let line: Int
    /// Its line in the candidate's text.
    let text: Int
    /// How many lines of C stand between the last anchor and this one; nil if that is not known.
    let distance: Int?
    /// How many really do; nil if the anchor stands somewhere else.
    let measured: Int?
    /// Where it stands in the table.
    let run: Int?
    /// Whether a statement in front of it should have a step with a line, but has none.
    let isBehindLost: Bool
  }

  private(set) var anchors: [Anchor] = []
  /// Where statements stand in the text that stand further up as well, though the source has one of them.
  private(set) var repeated: [Int] = []
  private var written: Set<Statement> = []
  private let table: CLineTable
  private let locals: Set<String>
  /// Those that are C numbers, as they hold nothing but `True` and `False`.
  private let truths: Set<String>
  /// The lines that statements have.
  private let claimed: Set<Int>
  /// Where the last anchor was found in the table.
  private var position = -1
  private var distance: Int?
  private var isLost = false
  /// The statement whose comment was written last, and the one whose comment comes next.
  private var marked: Int?
  private var pending: Int?
  /// How many loops around hold an iterator, which a `return` releases.
  private var iterators = 0
  private var unnamed = 0

  /// A blank line, the file's name, five lines of the source and the end of the comment.
  private static let markerLines = 8

  /// - Parameters:
  ///   - body: the function's statements.
  ///   - table: where the steps of the function stand.
  ///   - locals: its variables, parameters among them.
  ///   - parameters: those that callers give values to.
  init(
    _ body: [Statement], _ table: CLineTable, locals: Set<String>, parameters: Set<String>
  ) {
    self.table = table
    self.locals = locals
    truths = body.truthNames.subtracting(parameters)
    claimed = body.ownLines
    block(body, at: 1)
  }

  // MARK: Writing

  private mutating func mark(_ statement: Int) {
    if marked != statement { pending = statement }
  }

  private mutating func write(_ lines: Int) {
    if let next = pending {
      distance = distance.map { $0 + Self.markerLines }
      marked = next
      pending = nil
    }
    distance = distance.map { $0 + lines }
  }

  /// Steps of a line that can fail; nothing is known if there should be some, but there are none.
  private mutating func steps(at line: Int?, text: Int, before: Int = 1, after: Int) {
    write(before)
    guard let line = resolved(line), table.lines.contains(line) else {
      distance = nil
      isLost = true
      return
    }
    if anchors.last?.line == line {
      if distance != nil { distance = after }
      return
    }
    let next = run(of: line)
    anchors.append(
      Anchor(
        line: line, text: text, distance: distance, measured: next.map(measuredDistance),
        run: next, isBehindLost: isLost))
    isLost = false
    if let next { position = next }
    distance = next == nil ? nil : after
  }

  /// The line of a statement; one that it has from what stands before is none of its own.
  ///
  /// Then it is the next line in the table that no statement has, if a comment fits in front of it.
  private func resolved(_ line: Int?) -> Int? {
    guard let last = anchors.last?.line, line == last || line.flatMap(run) == nil else {
      return line
    }
    for index in table.runs.indices.dropFirst(position + 1) {
      let found = table.runs[index]
      guard !claimed.contains(found.line) || found.line == last else { break }
      if found.line > last, found.first - table.runs[index - 1].last > Self.markerLines {
        return found.line
      }
    }
    return line
  }

  /// Where a line is found next in the table.
  private func run(of line: Int) -> Int? {
    table.runs.indices.dropFirst(position + 1).first { table.runs[$0].line == line }
  }

  private func measuredDistance(to run: Int) -> Int {
    run == 0 ? 0 : table.runs[run].first - table.runs[run - 1].last
  }

  /// What is written here is not known.
  private mutating func forget() { distance = nil }

  /// What tells the statement's comment from others: its line, if that is known for certain.
  private mutating func identity(_ statement: Statement) -> Int {
    if canFail(statement), let line = resolved(statement.line), table.lines.contains(line) {
      return line
    }
    unnamed -= 1
    return unnamed
  }

  // MARK: Statements

  private mutating func block(_ statements: [Statement], at line: Int, markedFirst: Int? = nil) {
    var line = line
    for (index, statement) in statements.enumerated() {
      let name = index == 0 ? markedFirst ?? identity(statement) : identity(statement)
      write(statement, name, at: line)
      line += statement.lineCount
    }
  }

  private mutating func write(_ statement: Statement, _ name: Int, at text: Int) {
    if statement.inner.isEmpty, statement.line != nil, canFail(statement),
      !written.insert(statement).inserted
    {
      repeated.append(text)
    }
    switch statement.kind {
    case .comment, .global, .nonlocal: break
    case .pass: mark(name)
    case .break, .continue:
      mark(name)
      write(1)
    case .return(let value):
      mark(name)
      returning(value, statement.line, text)
    case .expression(.constant): break
    case .expression(let value):
      mark(name)
      evaluate(value, statement.line, text, and: 1)
    case .assign(let targets, let value):
      mark(name)
      assign(targets, value, statement.line, text)
    case .annotatedAssign(_, _, nil): break
    case .annotatedAssign(let target, _, let value?):
      mark(name)
      assign([target], value, statement.line, text)
    case .augmentedAssign:
      mark(name)
      steps(at: statement.line, text: text, after: 3)
    case .delete(let targets):
      mark(name)
      if targets.allSatisfy(\.isNameOrConstant), !isKnown(statement.line) {
        write(targets.count)
      } else {
        steps(at: statement.line, text: text, after: 0)
      }
    case .raise, .assert:
      mark(name)
      steps(at: statement.line, text: text, after: 0)
      if case .assert = statement.kind { write(3) }
    case .function:
      mark(name)
      forget()
    case .import, .importFrom:
      mark(name)
      steps(at: statement.line, text: text, after: 3)
    case .if(let test, let body, let rest):
      mark(name)
      conditional(statement, test, body, rest, name, text)
    case .while(let test, let body, let rest):
      mark(name)
      loop(statement, test, body, rest, text)
    case .for(let target, let iterable, let body, let rest, let isAsync):
      mark(name)
      steps(at: statement.line, text: text, after: 7)
      if !target.isNameOrConstant || iterable.isCountedInPlace { forget() }
      traverse(body, rest, iterable.isDictionaryView ? nil : name, text)
      if isAsync { forget() }
    case .try, .with, .class: opaque(statement, name, text)
    }
  }

  /// Whether a step of the statement itself has a line.
  private func canFail(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .pass, .break, .continue, .return(nil): false
    case .return(let value?): !value.isNameOrConstant
    case .assign(let targets, let value):
      !(value.isNameOrConstant && targets.allSatisfy(\.isNameOrConstant))
    // A test that cannot fail has the line of what comes next.
    case .if(let test, let body, _):
      !isSettled(test) && (statement.line != body.firstLine || test.isSureToHaveSteps)
    default: true
    }
  }

  /// Whether a test only asks of a variable what compilers know to be without errors.
  private func isSettled(_ test: Expression) -> Bool {
    switch test {
    case .comparison(let left, let parts):
      parts.count == 1 && [.is, .isNot].contains(parts[0].operator) && isAtHand(left)
        && isAtHand(parts[0].operand)
    case .call(.name("isinstance"), let arguments, []):
      arguments.count == 2 && isAtHand(arguments[0]) && arguments[1].isBuiltinType
    case .call(.name("callable"), let arguments, []):
      arguments.count == 1 && isAtHand(arguments[0])
    case .unary(.not, let inner): isSettled(inner)
    case .name(let name): truths.contains(name)
    case .constant: true
    default: false
    }
  }

  /// Whether a value is there without a step: functions and classes of `builtins` are looked up once.
  private func isAtHand(_ value: Expression) -> Bool {
    switch value {
    case .constant: true
    case .name(let name): locals.contains(name) || Identifiers.builtins.contains(name)
    default: false
    }
  }

  private func isKnown(_ line: Int?) -> Bool { line.map(table.lines.contains) ?? false }

  /// Whether a variable or a constant has steps of its own on a line: a constant has none, and a line may be
  /// that of what stands in front.
  private func hasOwnSteps(_ value: Expression, _ line: Int?) -> Bool {
    guard case .name = value, isKnown(line), anchors.last?.line != line else { return false }
    return line.flatMap(run) != nil
  }

  /// A value, and what is done with it.
  private mutating func evaluate(_ value: Expression, _ line: Int?, _ text: Int, and lines: Int) {
    if value.isNameOrConstant, !hasOwnSteps(value, line) {
      write(1 + lines)
    } else {
      steps(
        at: line, text: text, before: linesBefore(value), after: value.linesBehind + lines)
    }
    // Loops of their own.
    if value.loops { forget() }
  }

  /// How many lines there are up to the first step of an expression: a variable that is called may hold a
  /// method, which is taken apart first.
  private func linesBefore(_ expression: Expression) -> Int {
    switch expression {
    case .call(.name(let name), let arguments, let keywords) where locals.contains(name):
      guard keywords.isEmpty, arguments.allSatisfy(\.isNameOrConstant) else { return 1 }
      return arguments.count < 2 ? 14 : 30
    case .unary(_, let inner), .attribute(let inner, _): return linesBefore(inner)
    case .binary(let left, _, _), .comparison(let left, _), .item(let left, _):
      return linesBefore(left)
    case .boolean(_, let operands): return operands.first.map(linesBefore) ?? 1
    case .conditional(let test, _, _): return linesBefore(test)
    default: return 1
    }
  }

  private mutating func returning(_ value: Expression?, _ line: Int?, _ text: Int) {
    write(1)
    if let value, value != .none {
      evaluate(value, line, text, and: value.isNameOrConstant ? 1 : 2)
    } else {
      write(1)
    }
    write(iterators + 1)
  }

  private mutating func assign(
    _ targets: [Expression], _ value: Expression, _ line: Int?, _ text: Int
  ) {
    if targets.count == 1, case .tuple(let names) = targets[0], names.allSatisfy(\.isNameOrConstant)
    {
      guard case .tuple = value else {
        steps(at: line, text: text, after: 2 * names.count + 5)
        return
      }
    }
    guard targets.allSatisfy(\.isNameOrConstant) else {
      steps(at: line, text: text, after: value.isNameOrConstant ? 0 : 1)
      return
    }
    if case .tuple(let values) = value, case .tuple(let names)? = targets.first,
      values.allSatisfy(\.isNameOrConstant), names.count == values.count, !isKnown(line)
    {
      write(4 * values.count)
      return
    }
    guard value.isNameOrConstant, !hasOwnSteps(value, line) else {
      return evaluate(value, line, text, and: 1 + targets.count)
    }
    // An object is counted before it is assigned.
    let numbers = targets.count {
      if case .name(let name) = $0 { truths.contains(name) } else { false }
    }
    evaluate(value, line, text, and: 2 * targets.count - 1 - numbers)
  }

  private mutating func conditional(
    _ statement: Statement, _ test: Expression, _ body: [Statement], _ rest: [Statement],
    _ name: Int, _ text: Int
  ) {
    if canFail(statement) || isSettled(test) {
      condition(test, statement.line, text)
    } else {
      write(2)
      forget()
    }
    mark(name)
    write(1)
    block(body, at: text + 1)
    mark(name)
    let jumps = !rest.isEmpty && !body.alwaysLeaves
    write(jumps ? 2 : 1)
    otherwise(rest, at: text + 1 + max(1, body.lineCount))
    if jumps { write(1) }
  }

  /// What is done if a test fails; `elif` tests before its own comment.
  private mutating func otherwise(_ rest: [Statement], at text: Int) {
    guard let first = rest.first else { return }
    let name = identity(first)
    if rest.count == 1, case .if(let test, let body, let last) = first.kind {
      if !isNested(first) {
        conditional(first, test, body, last, name, text)
        return
      }
      mark(name)
      write(1)
      conditional(first, test, body, last, name, text)
      write(1)
      return
    }
    mark(name)
    write(1)
    block(rest, at: text + 1, markedFirst: name)
    write(1)
  }

  /// Whether a test stands behind `else:` rather than `elif`, which are one in the tree.
  private func isNested(_ statement: Statement) -> Bool {
    guard let distance, let line = statement.line, let next = run(of: line) else { return false }
    let expected = distance + (pending == nil ? 1 : Self.markerLines + 1)
    return measuredDistance(to: next) - expected > Self.markerLines / 2
  }

  private mutating func condition(_ test: Expression, _ line: Int?, _ text: Int) {
    if case .name(let name) = test, truths.contains(name) {
      // Cython 0.29 compares it with 0 first.
      write(table.hasAssignmentExpressions ? 1 : 2)
    } else if isSettled(test) || test.isName && !isKnown(line) {
      write(2)
    } else {
      steps(
        at: line, text: text, before: linesBefore(test), after: test.linesBehindTest)
    }
    if test.loops { forget() }
  }

  private mutating func loop(
    _ statement: Statement, _ test: Expression, _ body: [Statement], _ rest: [Statement],
    _ text: Int
  ) {
    write(1)
    if test != .constant(.true) {
      condition(test, statement.line, text)
      write(1)
    }
    block(body, at: text + 1)
    write(body.continuesLoop ? 2 : 1)
    exhausted(rest, at: text + 2 + max(1, body.lineCount))
    if body.breaksLoop { write(1) }
  }

  private mutating func traverse(
    _ body: [Statement], _ rest: [Statement], _ name: Int?, _ text: Int
  ) {
    iterators += 1
    block(body, at: text + 1)
    if let name { mark(name) }
    write(body.continuesLoop ? 2 : 1)
    exhausted(rest, at: text + 2 + max(1, body.lineCount))
    if let name { mark(name) }
    write(body.breaksLoop ? 2 : 1)
    iterators -= 1
  }

  /// What is done if a loop ends by itself.
  private mutating func exhausted(_ rest: [Statement], at text: Int) {
    guard !rest.isEmpty else { return }
    write(1)
    block(rest, at: text)
    write(1)
  }

  /// A statement with much around its blocks.
  private mutating func opaque(_ statement: Statement, _ name: Int, _ text: Int) {
    mark(name)
    forget()
    for body in statement.bodies(at: text) {
      block(body.statements, at: body.line)
      forget()
    }
  }
}

extension Expression {
  fileprivate var isNameOrConstant: Bool {
    switch self {
    case .constant, .name: true
    default: false
    }
  }

  /// Whether a loop goes through this without an iterator.
  fileprivate var isCountedInPlace: Bool {
    switch self {
    case .call(.name(let name), _, _): ["range", "enumerate", "reversed"].contains(name)
    case .tuple, .list, .constant: true
    default: isDictionaryView
    }
  }

  /// Whether a loop through this looks into a dict first, which has a loop of another kind.
  fileprivate var isDictionaryView: Bool {
    guard case .call(.attribute(_, let name), [], []) = self else { return false }
    return ["items", "keys", "values"].contains(name)
  }

  /// How many lines release what a value was made of, or choose between values.
  fileprivate var linesBehind: Int {
    switch self {
    case .call: 2
    case .conditional(_, _, let no): no.isNameOrConstant ? 8 : 3 + no.linesBehind
    case .boolean(_, let operands): operands.last?.linesBehindLastOperand ?? 3
    case .tuple(let items), .list(let items): 1 + 3 * items.count
    default: 1
    }
  }

  /// How many lines come behind the last step of `and` or `or` of which this is the last operand.
  private var linesBehindLastOperand: Int {
    switch self {
    // An object is made of a number.
    case .constant(.integer): 4
    case .constant, .name: 11
    default: 3 + linesBehind
    }
  }

  fileprivate var linesBehindTest: Int {
    switch self {
    case .boolean: 4
    case .unary(.not, let inner): inner.linesBehindTest
    default: 2
    }
  }

  /// Whether some step of a test can fail, whatever types Cython knows.
  fileprivate var isSureToHaveSteps: Bool {
    switch self {
    case .call(.name("isinstance"), _, _), .constant, .name: false
    case .call, .attribute, .item: true
    case .comparison(_, let compared):
      compared.contains { ![.is, .isNot].contains($0.operator) }
        || parts.contains(where: \.isSureToHaveSteps)
    default: parts.contains(where: \.isSureToHaveSteps)
    }
  }

  /// Whether a comprehension stands in the expression.
  fileprivate var loops: Bool {
    switch self {
    case .comprehension(.list, _, _, _), .comprehension(.set, _, _, _),
      .comprehension(.dictionary, _, _, _):
      true
    case .lambda, .comprehension: false
    default: parts.contains(where: \.loops)
    }
  }
}

extension [Statement] {
  /// The line of the first statement that has one.
  fileprivate var firstLine: Int? {
    for statement in self {
      if let line = statement.line ?? statement.inner.firstLine { return line }
    }
    return nil
  }

  /// The lines of all statements.
  fileprivate var ownLines: Set<Int> {
    reduce(into: []) { result, statement in
      if let line = statement.line { result.insert(line) }
      result.formUnion(statement.inner.ownLines)
    }
  }

  /// Whether a `continue` belongs to the loop around the statements.
  var continuesLoop: Bool {
    contains { statement in
      switch statement.kind {
      case .continue: true
      case .for(_, _, _, let rest, _), .while(_, _, let rest): rest.continuesLoop
      case .function, .class: false
      default: statement.inner.continuesLoop
      }
    }
  }
}
