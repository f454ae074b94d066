import Foundation

/// Where modules are written to.
struct OutputPlan {
  /// The file or folder that the user named; `-` is standard output.
  private let output: String?
  private let toFolder: Bool
  /// The files that were given to modules already.
  private var taken: Set<String> = []

  init(_ output: String?, toFolder: Bool) {
    self.output = output
    self.toFolder = toFolder
  }

  /// The file for a module.
  ///
  /// A module whose name another one has, too, such as one for another processor, keeps the tags of
  /// its file's name.
  mutating func path(for input: ModuleInput) -> String {
    let name = ModuleFile.moduleName(of: input.path)
    guard toFolder else { return output ?? name + ".py" }
    let folder = URL(filePath: output ?? ".", directoryHint: .isDirectory)
      .appending(path: input.folder)
    var path = folder.appending(path: name + ".py").path
    if taken.contains(path) {
      let file = URL(filePath: input.path).lastPathComponent
      path = folder.appending(path: file + ".py").path
    }
    taken.insert(path)
    return path
  }

  /// Writes a file, whole or not at all.
  static func write(_ text: String, to path: String) throws(Failure) {
    try write(Data(text.utf8), to: path)
  }

  static func write(_ data: Data, to path: String) throws(Failure) {
    if path == "-" {
      FileHandle.standardOutput.write(data)
      return
    }
    let url = URL(filePath: path)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: url, options: .atomic)
    } catch {
      throw Failure(code: Failure.notFound, "\(Terminal.escaped(path)): cannot be written")
    }
  }
}
