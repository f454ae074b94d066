import Foundation

/// What a model says of one function.
package struct Answer: Sendable {
  package let findings: String
  package let python: String
}

/// Takes answers apart.
package enum AnswerParser {
  /// The functions of an answer by their numbers, from 1 on.
  package static func functions(_ text: String, isStructured: Bool) -> [Int: Answer] {
    isStructured ? structured(text) ?? tagged(text) : tagged(text)
  }

  private static func structured(_ text: String) -> [Int: Answer]? {
    guard let object = (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any],
      let rows = object["functions"] as? [[String: Any]]
    else { return nil }
    var result: [Int: Answer] = [:]
    for row in rows {
      guard let number = (row["number"] as? NSNumber)?.intValue,
        let python = row["python"] as? String
      else { continue }
      result[number] = Answer(
        findings: row["findings"] as? String ?? "", python: unfenced(python))
    }
    return result
  }

  /// `<function number="1"> … <python_code> … </python_code> </function>`, as tolerant as is safe: the
  /// last complete block of a number counts; one without an end was cut off and does not.
  private static func tagged(_ text: String) -> [Int: Answer] {
    var text = text
    if !text.contains("<python_code>"), text.contains("&lt;python_code&gt;") {
      text = text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(
        "&amp;", with: "&")
    }
    var result: [Int: Answer] = [:]
    for (index, piece) in text.components(separatedBy: "<function").enumerated() where index > 0 {
      guard let head = piece.firstIndex(of: ">"),
        let number = Int(piece[..<head].filter(\.isNumber)),
        let code = inside("python_code", of: piece)
      else { continue }
      result[number] = Answer(
        findings: inside("findings", of: piece) ?? "", python: unfenced(code))
    }
    return result
  }

  private static func inside(_ tag: String, of text: String) -> String? {
    guard let end = text.range(of: "</\(tag)>", options: .backwards),
      let start = text[..<end.lowerBound].range(of: "<\(tag)>", options: .backwards)
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// Code without a fence around it, or blank lines.
  private static func unfenced(_ text: String) -> String {
    var lines = text.components(separatedBy: "\n")
    while lines.first?.allSatisfy(\.isWhitespace) == true { lines.removeFirst() }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    if lines.count > 1, lines[0].hasPrefix("```"), lines.last?.hasPrefix("```") == true {
      lines = Array(lines.dropFirst().dropLast())
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
