import Foundation

/// Replaces texts that look like secrets by placeholders, and puts them back into answers.
package struct Redaction: Sendable {
  private var places: [(text: String, placeholder: String)] = []

  /// - Parameters:
  ///   - texts: pairs of a constant's text and the C name that was made of it.
  ///   - isOn: whether anything is replaced.
  package init(_ texts: [(text: String, name: String)], isOn: Bool = true) {
    guard isOn else { return }
    for (text, name) in texts where Self.isSecret(text) {
      let number = places.count / 2 + 1
      places.append((text, "§S\(number)§"))
      places.append((name, "__pyx_secret_\(number)"))
    }
    // Longer ones first, since one may hold another.
    places.sort { ($0.text.utf8.count, $0.text) > ($1.text.utf8.count, $1.text) }
  }

  package var count: Int { places.count / 2 }

  /// A prompt without secrets.
  package func hide(_ text: String) -> String {
    places.reduce(text) { $0.replacing($1.text, with: $1.placeholder) }
  }

  /// An answer with what stood in the places of secrets.
  package func restore(_ text: String) -> String {
    places.reduce(text) { $0.replacing($1.placeholder, with: $1.text) }
  }

  /// Keys, passwords in addresses, and long texts that look random.
  static func isSecret(_ text: String) -> Bool {
    if text.contains("-----BEGIN") { return true }
    let known = [
      "sk-", "ghp_", "gho_", "github_pat_", "AKIA", "xoxb-", "xoxp-", "AIza", "glpat-", "hf_",
    ]
    if text.utf8.count >= 16, known.contains(where: text.hasPrefix) { return true }
    if let scheme = text.range(of: "://"), let at = text[scheme.upperBound...].firstIndex(of: "@"),
      text[scheme.upperBound..<at].contains(":"), !text[scheme.upperBound..<at].contains("/")
    {
      return true
    }
    guard text.utf8.count >= 24, !text.contains(" "), !text.contains("_"), !text.contains("."),
      text.contains(where: \.isNumber), text.contains(where: \.isLetter)
    else { return false }
    var counts: [Character: Int] = [:]
    for character in text { counts[character, default: 0] += 1 }
    let length = Double(text.count)
    let entropy = counts.values.reduce(0.0) { sum, count in
      sum - Double(count) / length * log2(Double(count) / length)
    }
    return entropy > 3.5
  }
}
