import Archives
import Foundation

/// A module to decompile: a file of its own, or one in an archive.
struct ModuleInput {
  /// What messages call it.
  let path: String
  /// The folder below the output folder.
  let folder: String
  /// The archive in which it lies, if it lies in one.
  var archive: String?
  /// What it holds, if it is at hand already.
  private let content: [UInt8]?

  func bytes() throws(Failure) -> [UInt8] {
    if let content { return content }
    return try ModuleFile.read(path)
  }

  /// The modules that a path of the command line stands for, in the order of their names.
  static func expand(_ path: String) throws(Failure) -> [ModuleInput] {
    if isFolder(path) { return modules(below: path) }
    // Whether it is an archive is seen by its contents.
    let bytes = try ModuleFile.read(path)
    let archive: Archive?
    do {
      archive = try Archive(reading: bytes, isWanted: isModule)
    } catch {
      throw Failure(error, file: path)
    }
    guard let archive else { return [ModuleInput(path: path, folder: "", content: bytes)] }
    return archive.entries.map { entry in
      ModuleInput(
        path: "\(path)/\(entry.path)", folder: parent(of: entry.path), archive: path,
        content: entry.bytes)
    }
  }

  /// Whether output for several modules goes there, or input comes from there.
  static func isFolder(_ path: String) -> Bool {
    let values = try? URL(filePath: path).resolvingSymlinksInPath().resourceValues(forKeys: [
      .isDirectoryKey
    ])
    return path.hasSuffix("/") || values?.isDirectory == true
  }

  private static func modules(below path: String) -> [ModuleInput] {
    let root = URL(filePath: path, directoryHint: .isDirectory)
    let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    var result: [ModuleInput] = []
    let prefix = root.path.split(separator: "/").count
    while let url = files?.nextObject() as? URL {
      guard isModule(url.lastPathComponent), !isFolder(url.path) else { continue }
      let relative = url.path.split(separator: "/").dropFirst(prefix).dropLast()
      result.append(
        ModuleInput(path: url.path, folder: relative.joined(separator: "/"), content: nil))
    }
    return result.sorted { $0.path < $1.path }
  }

  private static func isModule(_ path: String) -> Bool {
    [".so", ".pyd", ".dylib"].contains { path.hasSuffix($0) }
  }

  private static func parent(of path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }
}
