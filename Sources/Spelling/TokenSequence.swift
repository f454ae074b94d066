import PythonSyntax

/// The tokens of a function whose positions may be listed, as if each statement stood on one line.
struct TokenSequence {
  struct Token {
    /// Whether the position is listed without exception.
    let isAlwaysListed: Bool
    let column: Int
    /// The number of the statement's line, and the column at which it starts.
    let line: Int
    let indentation: Int
    /// Whether a bracket is open at the token.
    let isBracketed: Bool
    /// Whether a bracket in front of the token may be missing, as in `return a, b`.
    var mayLoseBracket = false
    /// How many literals end before the token, from the function's start.
    let literals: Int
  }

  private(set) var tokens: [Token] = []

  init(_ definition: FunctionDefinition) {
    var literals = 0
    for (number, line) in ModulePrinter.markedLines(definition).enumerated() {
      var column = 0
      var depth = 0
      let indentation = line.prefix { $0 == " " }.count
      var (last, beforeLast): (Unicode.Scalar, Unicode.Scalar) = (" ", " ")
      for scalar in line.unicodeScalars {
        switch Mark(rawValue: scalar) {
        case nil:
          column += 1
          (last, beforeLast) = (scalar, last)
        case .opening: depth += 1
        case .closing: depth -= 1
        case .literal: literals += 1
        case let mark:
          let token = Token(
            isAlwaysListed: mark == .listed, column: column, line: number,
            indentation: indentation, isBracketed: depth > 0,
            mayLoseBracket: last == "(" && beforeLast == " ", literals: literals)
          guard let previous = tokens.last, previous.line == number, previous.column == column
          else {
            tokens.append(token)
            continue
          }
          // Two nodes that start at the same character have one position.
          if token.isAlwaysListed { tokens[tokens.count - 1] = token }
        }
      }
    }
  }
}
