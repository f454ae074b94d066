import Foundation

/// When a request is sent again, as the providers' own libraries do it.
struct RetryPolicy {
  /// How often, beyond the first time.
  static let limit = 2

  /// What a server said beside its answer.
  struct Answer {
    /// The status, or nil where no answer came.
    var status: Int?
    var headers: [String: String] = [:]
    /// An error in a stream that began well.
    var error: ProviderError?
  }

  /// Whether to send again.
  static func isWorthwhile(_ answer: Answer) -> Bool {
    if let error = answer.error, error.endsRun { return false }
    switch answer.headers["x-should-retry"] {
    case "true": return true
    case "false": return false
    default: break
    }
    guard let status = answer.status else { return true }
    if status == 200, let error = answer.error {
      return ["overloaded_error", "api_error", "rate_limit_error", "timeout_error", "server_error"]
        .contains(error.kind)
    }
    return status == 408 || status == 409 || status == 429 || status >= 500
  }

  /// How many seconds to wait before the next try, the first being number 0.
  static func delay(_ answer: Answer, attempt: Int, now: Date = Date(), random: Double) -> Double {
    if let text = answer.headers["retry-after-ms"], let milliseconds = Double(text),
      (0.001...60_000).contains(milliseconds)
    {
      return milliseconds / 1000
    }
    if let text = answer.headers["retry-after"] {
      let seconds = Double(text) ?? date(text).map { $0.timeIntervalSince(now) }
      if let seconds, seconds > 0, seconds <= 60 { return seconds }
    }
    return min(0.5 * Double(1 << min(attempt, 8)), 8) * (1 - 0.25 * random)
  }

  private static func date(_ text: String) -> Date? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return format.date(from: text)
  }
}
