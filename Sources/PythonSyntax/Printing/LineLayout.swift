/// Where printed lines stand: one below the other, or on their lines in the original source.
///
/// A traceback of the recovered module then names the lines that one of the original names. Statements
/// of which no line is known follow the ones before; blank lines and comments take the room that is
/// left. What stood on one line stands on one line again:
///
/// ```
/// if x:            →      if x: return
///     return
/// a = 1            →      a = 1; b = 2
/// b = 2
/// ```
struct LineLayout {
  private(set) var lines: [String] = []
  /// The line, counted from 1, at which each printed line starts.
  private(set) var starts: [Int]

  /// The last line that is believed, and how many blank lines may stand in one place.
  private static let lastLine = 1_000_000
  private static let widestGap = 20_000

  init(_ printed: [PrintedLine], keepsLines: Bool) {
    starts = Array(repeating: 1, count: printed.count)
    guard keepsLines else {
      for (index, line) in printed.enumerated() { append(line, index) }
      return
    }
    let pieces = Self.joined(Self.believed(printed))
    let latest = Self.latestStarts(pieces)
    var loose: [Piece] = []
    for (index, piece) in pieces.enumerated() {
      if piece.line.isLoose {
        loose.append(piece)
      } else {
        place(piece, behind: loose, latest[index])
        loose = []
      }
    }
    for piece in loose { append(piece.line, piece.indices) }
  }

  /// A line, made of one or several printed ones.
  private struct Piece {
    var line: PrintedLine
    var indices: ClosedRange<Int>
  }

  // MARK: Placing

  private mutating func append(_ line: PrintedLine, _ indices: ClosedRange<Int>) {
    for index in indices { starts[index] = lines.count + 1 }
    lines += line.indented.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private mutating func append(_ line: PrintedLine, _ index: Int) { append(line, index...index) }

  /// Places a piece and what belongs to it; comments without a line of their own stand behind it.
  private mutating func place(_ piece: Piece, behind loose: [Piece], _ latest: Int) {
    let fixed = loose.filter { $0.line.kind == .decorator || $0.line.kind == .header }
    let comments = loose.filter { $0.line.kind == .comment }
    let blanks = loose.count - fixed.count - comments.count
    let next = lines.count + 1
    let room: Int
    if let original = piece.line.original {
      room = original - next - fixed.count
    } else {
      room = min(blanks + comments.count, latest - next - fixed.count)
    }
    let isBelow = comments.count <= room || piece.line.kind == .docstring
    let gap = max(0, room - (isBelow ? comments.count : 0))
    lines += Array(repeating: "", count: min(gap, Self.widestGap))
    for piece in loose where piece.line.kind != .blank && (isBelow || piece.line.kind != .comment) {
      append(piece.line, piece.indices)
    }
    var line = piece.line
    if !isBelow {
      for comment in comments {
        for index in comment.indices { starts[index] = lines.count + 1 }
        line.text += "  " + comment.line.text
      }
    }
    append(line, piece.indices)
  }

  // MARK: Planning

  /// The lines without those originals that contradict most others: what follows must not stand above.
  private static func believed(_ printed: [PrintedLine]) -> [PrintedLine] {
    let known = printed.indices.filter { index in
      printed[index].original.map { 1...lastLine ~= $0 } ?? false
    }
    // The longest sequence that does not fall: for each length, where the least last line is.
    var ends: [Int] = []
    var previous: [Int: Int] = [:]
    func line(_ index: Int) -> Int { printed[index].original ?? 0 }
    for index in known {
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if line(ends[middle]) <= line(index) { low = middle + 1 } else { high = middle }
      }
      if low > 0 { previous[index] = ends[low - 1] }
      if low < ends.count { ends[low] = index } else { ends.append(index) }
    }
    var kept: Set<Int> = []
    var last = ends.last
    while let index = last {
      kept.insert(index)
      last = previous[index]
    }
    var result = printed
    for index in result.indices where !kept.contains(index) { result[index].original = nil }
    return result
  }

  /// Puts together what stood on one line.
  private static func joined(_ printed: [PrintedLine]) -> [Piece] {
    var simple: [Piece] = []
    for (index, line) in printed.enumerated() {
      if let last = simple.last, let original = line.original, last.line.original == original,
        last.line.kind == .simple, line.kind == .simple, last.line.indent == line.indent
      {
        simple[simple.count - 1].line.text += "; " + line.text
        simple[simple.count - 1].indices = last.indices.lowerBound...index
      } else {
        simple.append(Piece(line: line, indices: index...index))
      }
    }
    var result: [Piece] = []
    for (index, piece) in simple.enumerated() {
      let next = simple[(index + 1)...].first { !$0.line.isLoose || $0.line.kind == .decorator }
      let isAlone = next.map { $0.line.indent < piece.line.indent } ?? true
      if isAlone, piece.line.kind == .simple, let last = result.last, last.line.kind == .head,
        let original = piece.line.original, last.line.original == original
      {
        result[result.count - 1].line.text += " " + piece.line.text
        result[result.count - 1].line.kind = .simple
        result[result.count - 1].indices = last.indices.lowerBound...piece.indices.upperBound
      } else {
        result.append(piece)
      }
    }
    return result
  }

  /// Where each piece may start at the latest for what follows to stand on its lines.
  private static func latestStarts(_ pieces: [Piece]) -> [Int] {
    var result: [Int] = []
    var next = Int.max
    for piece in pieces.reversed() {
      if piece.line.kind != .blank, next < Int.max { next -= piece.line.height }
      if let original = piece.line.original { next = min(next, original) }
      result.append(next)
    }
    return result.reversed()
  }
}
