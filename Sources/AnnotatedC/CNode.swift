/// A statement of C on its way to being printed.
indirect enum CNode {
  /// A statement on one line, with the line of the Python source.
  case line(String, Int?)
  case branch(condition: String, line: Int?, [CNode], [CNode])
  case loop([CNode])
  case label(Int)
  case go(Int)
  case `break`
  case `continue`
}

/// Prints statements, with lines of Python in the margin.
struct NodePrinter {
  private(set) var lines: [String] = []
  private var targets: Set<Int> = []

  init(_ nodes: [CNode], indent: Int) {
    collect(nodes)
    print(nodes, indent)
  }

  private mutating func collect(_ nodes: [CNode]) {
    for node in nodes {
      switch node {
      case .go(let target): targets.insert(target)
      case .branch(_, _, let first, let second):
        collect(first)
        collect(second)
      case .loop(let body): collect(body)
      default: break
      }
    }
  }

  private mutating func write(_ text: String, _ line: Int?, _ indent: Int) {
    let margin = line.map { "/*" + pad("\($0)") + " */ " } ?? String(repeating: " ", count: 10)
    lines.append(margin + String(repeating: "  ", count: min(indent, 30)) + text)
  }

  private func pad(_ text: String) -> String {
    String(repeating: " ", count: max(0, 5 - text.count)) + text
  }

  private mutating func print(_ nodes: [CNode], _ indent: Int) {
    for (index, node) in nodes.enumerated() {
      let isLast = index == nodes.count - 1
      switch node {
      case .label(let number):
        if targets.contains(number) { write("L\(number):" + (isLast ? ";" : ""), nil, indent - 1) }
      case .loop(let body):
        write("for (;;) {", nil, indent)
        print(body, indent + 1)
        write("}", nil, indent)
      case .branch(let condition, let line, let first, let second):
        printBranch(condition, line, first, second, indent)
      default:
        let (text, line) = simple(node)
        write(text, line, indent)
      }
    }
  }

  /// A statement that takes one line.
  private func simple(_ node: CNode) -> (String, Int?) {
    switch node {
    case .line(let text, let line): (text, line)
    case .go(let target): ("goto L\(target);", nil)
    case .break: ("break;", nil)
    case .continue: ("continue;", nil)
    default: (";", nil)
    }
  }

  private func isSimple(_ nodes: [CNode]) -> Bool {
    guard nodes.count == 1 else { return false }
    switch nodes[0] {
    case .line, .go, .break, .continue: return true
    default: return false
    }
  }

  private func leaves(_ nodes: [CNode]) -> Bool {
    switch nodes.last {
    case .go, .break, .continue: true
    case .line(let text, _): text.hasPrefix("return") || text.hasPrefix("PY_RAISE(")
    case .branch(_, _, let first, let second): leaves(first) && leaves(second)
    default: false
    }
  }

  private mutating func printBranch(
    _ condition: String, _ line: Int?, _ first: [CNode], _ second: [CNode], _ indent: Int
  ) {
    let (first, second) = (visible(first), visible(second))
    if first.isEmpty, !second.isEmpty {
      return printBranch(Self.inverted(condition), line, second, [], indent)
    }
    if first.isEmpty { return write("(void) (\(condition));", line, indent) }
    if let text = Self.choice(condition, first, second) { return write(text, line, indent) }
    if isSimple(first) {
      let (text, inner) = simple(first[0])
      let whole = "if (\(condition)) \(text)"
      // The margin holds one line of Python.
      if whole.utf8.count < 96, inner == nil || line == nil || inner == line {
        write(whole, line ?? inner, indent)
        return printRest(second, isDetached: leaves(first), indent)
      }
    }
    write("if (\(condition)) {", line, indent)
    print(first, indent + 1)
    if second.isEmpty || leaves(first) {
      write("}", nil, indent)
      return printRest(second, isDetached: true, indent)
    }
    if second.count == 1, case .branch(let next, let line, let a, let b) = second[0] {
      write("} else", nil, indent)
      return printBranch(next, line, a, b, indent)
    }
    write("} else {", nil, indent)
    print(second, indent + 1)
    write("}", nil, indent)
  }

  private mutating func printRest(_ nodes: [CNode], isDetached: Bool, _ indent: Int) {
    guard !nodes.isEmpty else { return }
    if isDetached { return print(nodes, indent) }
    if isSimple(nodes) {
      let (text, line) = simple(nodes[0])
      return write("else " + text, line, indent)
    }
    write("else {", nil, indent)
    print(nodes, indent + 1)
    write("}", nil, indent)
  }

  /// One assignment of two: `if (c) v = a; else v = b;` → `v = c ? a : b;`.
  private static func choice(
    _ condition: String, _ first: [CNode], _ second: [CNode]
  ) -> String? {
    guard first.count == 1, second.count == 1, case .line(let left, nil) = first[0],
      case .line(let right, nil) = second[0]
    else { return nil }
    let (a, b) = (
      left.split(separator: " = ", maxSplits: 1), right.split(separator: " = ", maxSplits: 1)
    )
    guard a.count == 2, b.count == 2, a[0] == b[0], !a[0].contains("("),
      left.utf8.count + right.utf8.count + condition.utf8.count < 100
    else { return nil }
    return "\(a[0]) = (\(condition)) ? \(a[1].dropLast()) : \(b[1])"
  }

  /// Labels that nothing goes to are nothing.
  private func visible(_ nodes: [CNode]) -> [CNode] {
    nodes.filter {
      if case .label(let number) = $0 { targets.contains(number) } else { true }
    }
  }

  private static func inverted(_ condition: String) -> String {
    if condition.hasPrefix("!"), !condition.contains(" ") { return String(condition.dropFirst()) }
    return condition.contains(" ") && !isCall(condition) ? "!(\(condition))" : "!\(condition)"
  }

  /// Whether a text is one call: nothing that an operator could take apart.
  private static func isCall(_ text: String) -> Bool {
    var depth = 0
    for (index, character) in text.enumerated() {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0, character == " " { return false }
      if depth == 0, character == ")", index != text.count - 1 { return false }
    }
    return text.hasSuffix(")")
  }
}
