import Archives
import Foundation
import Interpretation
import ModuleRecovery
import PythonSyntax

/// The other modules of the package that a file belongs to, as far as they lie where they are imported from: in
/// the same folder tree or the same archive.
struct NeighbouringModules {
  /// Where the file lies.
  private let file: URL
  /// Where the archive lies in which the file is.
  private let archive: URL?
  /// The name of its module with all packages.
  private let name: String

  init(of file: ModuleFile, named name: String) {
    self.file = URL(filePath: file.path)
    archive = file.archive.map { URL(filePath: $0) }
    self.name = name
  }

  /// Opens a module by its name with all packages; nil if it is not at hand, or cannot be read.
  func open(_ wanted: String) -> Neighbour? {
    guard wanted.split(separator: ".").allSatisfy({ Identifiers.isValid(String($0)) }) else {
      return nil
    }
    for folder in folders(of: wanted) {
      guard let file = file(of: wanted, in: folder), let module = try? file.open(),
        module.state.qualifiedName == wanted
      else { continue }
      return Neighbour(module, file.versions)
    }
    return nil
  }

  /// Where a module may lie: in its package, or beside the file.
  private func folders(of wanted: String) -> [URL] {
    let own = file.deletingLastPathComponent()
    var result = [own]
    var root = own
    for package in name.split(separator: ".").dropLast().reversed() {
      guard root.lastPathComponent == package else { return result }
      root.deleteLastPathComponent()
    }
    let packages = wanted.split(separator: ".").dropLast()
    result.insert(packages.reduce(root) { $0.appending(path: String($1)) }, at: 0)
    return result
  }

  /// The file of a module that was built for what this one was built for.
  private func file(of wanted: String, in folder: URL) -> ModuleFile? {
    let tags = file.lastPathComponent.drop { $0 != "." }
    guard let last = wanted.split(separator: ".").last, !tags.isEmpty else { return nil }
    let path = folder.appending(path: last + tags).path
    guard let archive else { return try? ModuleFile(path) }
    guard path.hasPrefix(archive.path + "/"), let container = try? ModuleFile.read(archive.path)
    else { return nil }
    let place = String(path.dropFirst(archive.path.count + 1))
    let found = try? Archive(reading: container) {
      $0 == place || $0 == "./" + place
    }
    return found?.entries.first.flatMap {
      try? ModuleFile(path: path, bytes: $0.bytes, archive: archive.path)
    }
  }
}
