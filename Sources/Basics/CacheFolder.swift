package import Foundation

/// Files that can be made again, kept for the next run, by a key that names all they depend on.
///
/// They lie in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`) where nobody else can read
/// them. What cannot be read or written is as if it were not there.
package struct CacheFolder: Sendable {
  private let folder: URL
  /// The most files that are kept; older ones make room.
  private let capacity: Int

  /// - Parameters:
  ///   - name: the folder's name in Decython's own part of the cache.
  ///   - environment: the variables of the process.
  ///   - capacity: the most files that are kept.
  package init(_ name: String, environment: [String: String], capacity: Int) {
    let base =
      environment["XDG_CACHE_HOME"].map { URL(filePath: $0) }
      ?? URL(filePath: environment["HOME"] ?? "/tmp").appending(path: ".cache")
    folder = base.appending(path: "decython").appending(path: name)
    self.capacity = capacity
  }

  /// What is kept under a key.
  package subscript(key: String) -> Data? { try? Data(contentsOf: place(key)) }

  /// Keeps data under a key; readers see all of it or nothing.
  package func keep(_ data: Data, under key: String) {
    let files = FileManager.default
    try? files.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let draft = folder.appending(path: "\(key).\(UUID().uuidString)")
    guard
      files.createFile(atPath: draft.path, contents: data, attributes: [.posixPermissions: 0o600])
    else { return }
    try? files.removeItem(at: place(key))
    try? files.moveItem(at: draft, to: place(key))
    makeRoom()
  }

  private func place(_ key: String) -> URL { folder.appending(path: key + ".json") }

  private func makeRoom() {
    let files = FileManager.default
    guard
      let all = try? files.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.contentModificationDateKey]),
      all.count > capacity
    else { return }
    let byAge = all.sorted { Self.date($0) < Self.date($1) }
    for file in byAge.prefix(all.count - capacity) { try? files.removeItem(at: file) }
  }

  private static func date(_ file: URL) -> Date {
    (try? file.resourceValues(forKeys: [.contentModificationDateKey]))?.contentModificationDate
      ?? .distantPast
  }
}
