import Foundation

/// Speaks with a provider through `curl` in a process of its own: this program holds no network code.
///
/// The key goes to curl on its standard input, never in its arguments; bodies go through files that the
/// user alone can read.
package final class Client {
  package enum Failure: Error, Sendable {
    case provider(ProviderError)
    case connection(String)
  }

  private let provider: Provider
  /// How often something was sent, and how often again.
  package private(set) var requests = 0
  package private(set) var retries = 0

  package init(_ provider: Provider) { self.provider = provider }

  /// Sends a request, again where that is worthwhile.
  ///
  /// - Throws: ``Failure``.
  package func send(_ request: Request) throws(Failure) -> Response {
    let (answer, body) = try sendAgain(provider.completionsURL, request.body(for: provider)) {
      answer, body in
      guard answer.status == 200 else { return }
      let reader = EventReader(body, provider.dialect)
      answer.error = reader.error
      // A stream that breaks off says neither why it ends nor that it does.
      if !reader.isFinished, reader.response.end == nil, reader.error == nil { answer.status = nil }
    }
    _ = answer
    return EventReader(body, provider.dialect).response
  }

  /// The number of tokens that a request has, if the provider counts them.
  package func count(_ request: Request) -> Int? {
    guard
      let (_, body) = try? sendAgain(
        provider.countURL, request.body(for: provider, countsOnly: true), { _, _ in }),
      let object = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
    else { return nil }
    return (object["input_tokens"] as? NSNumber)?.intValue
  }

  private func sendAgain(
    _ url: String, _ body: Data, _ look: (inout RetryPolicy.Answer, Data) -> Void
  ) throws(Failure) -> (RetryPolicy.Answer, Data) {
    for attempt in 0...RetryPolicy.limit {
      requests += 1
      if attempt > 0 { retries += 1 }
      var (answer, content) = try post(url, body)
      look(&answer, content)
      if answer.status == 200, answer.error == nil { return (answer, content) }
      if answer.status != nil, answer.status != 200 {
        let object = (try? JSONSerialization.jsonObject(with: content)) as? [String: Any]
        let error = object?["error"] as? [String: Any] ?? [:]
        answer.error = ProviderError(error, status: answer.status ?? 0)
      }
      answer.error?.request = answer.headers["request-id"] ?? answer.headers["x-request-id"]
      guard attempt < RetryPolicy.limit, RetryPolicy.isWorthwhile(answer) else {
        if let error = answer.error { throw .provider(error) }
        throw .connection("the connection broke")
      }
      Thread.sleep(
        forTimeInterval: RetryPolicy.delay(answer, attempt: attempt, random: .random(in: 0...1)))
    }
    throw .connection("no answer")
  }

  /// One request, whatever comes of it.
  private func post(_ url: String, _ body: Data) throws(Failure) -> (RetryPolicy.Answer, Data) {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "decython-llm-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (question, answer, heads) = (
      folder.appending(path: "question"), folder.appending(path: "answer"),
      folder.appending(path: "headers")
    )
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try body.write(to: question)
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["curl", "--config", "-"]
      process.standardInput = input
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    } catch {
      throw .connection("curl cannot be started")
    }
    var settings = [
      "silent", "request = \"POST\"", "url = \"\(url)\"", "connect-timeout = 5", "max-time = 600",
      "data-binary = \"@\(question.path)\"", "output = \"\(answer.path)\"",
      "dump-header = \"\(heads.path)\"", "write-out = \"%{http_code}\"",
      "proto = \"=\(provider.isLoopback ? "http,https" : "https")\"",
    ]
    if provider.isLoopback { settings.append("noproxy = \"*\"") }
    settings += provider.headers.map { "header = \"\($0)\"" }
    input.fileHandleForWriting.write(Data((settings.joined(separator: "\n") + "\n").utf8))
    try? input.fileHandleForWriting.close()
    let status = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus != 127 else { throw .connection("curl is not installed") }
    var result = RetryPolicy.Answer()
    result.headers = Self.headers((try? Data(contentsOf: heads)) ?? Data())
    if process.terminationStatus == 0 { result.status = Int(status) }
    // What came before a connection broke with an error's status is still that error.
    if let number = Int(status), number >= 400 { result.status = number }
    return (result, (try? Data(contentsOf: answer)) ?? Data())
  }

  private static func headers(_ data: Data) -> [String: String] {
    var result: [String: String] = [:]
    for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      result[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return result
  }
}
