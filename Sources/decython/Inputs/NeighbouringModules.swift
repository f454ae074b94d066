import Foundation
import Interpretation
import ModuleRecovery

/// The other modules of the package that a file belongs to, as far as they lie where they are imported from.
struct NeighbouringModules {
  /// Where the file lies.
  private let path: String
  /// The name of its module with all packages.
  private let name: String

  init(of path: String, named name: String) {
    self.path = path
    self.name = name
  }

  /// Opens a module by its name with all packages; nil if it is not at hand.
  func open(_ wanted: String) -> Neighbour? {
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
    let own = URL(filePath: path).deletingLastPathComponent()
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
    let own = URL(filePath: path).lastPathComponent
    let tags = own.drop { $0 != "." }
    guard let last = wanted.split(separator: ".").last, !tags.isEmpty else { return nil }
    return try? ModuleFile(folder.appending(path: last + tags).path)
  }
}
