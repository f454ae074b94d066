package import Foundation

/// Where a module finds what it imports, as the sandbox shows it.
package struct ModulePlace {
  /// The qualified name of the module.
  let name: String
  private let isPackage: Bool
  private let mounts: [Sandbox.Mount]
  private let paths: [String]

  /// - Parameters:
  ///   - name: the qualified name of the module.
  ///   - original: its file; the package around it is looked for there.
  ///   - paths: further folders with what it imports.
  package init(name: String, original: URL, paths: [URL]) {
    self.name = name
    let components = name.split(separator: ".").map(String.init)
    // `package/__init__.so`
    isPackage = original.lastPathComponent.hasPrefix("__init__.")
    let folder = original.resolvingSymlinksInPath().deletingLastPathComponent()
    var parents = isPackage ? components : Array(components.dropLast())
    // Folders further out have their own names; this one may have been renamed.
    var top = folder
    while parents.count > 1, top.lastPathComponent == parents.last,
      Self.isPackage(top.deletingLastPathComponent())
    {
      parents.removeLast()
      top.deleteLastPathComponent()
    }
    var mounts: [Sandbox.Mount] = []
    if !parents.isEmpty, Self.isPackage(top) {
      mounts.append(
        .init(source: top.path, target: "/packages/" + parents.joined(separator: "/")))
    }
    for (number, path) in paths.enumerated() {
      mounts.append(.init(source: path.resolvingSymlinksInPath().path, target: "/path/\(number)"))
    }
    self.mounts = mounts
    self.paths = paths.indices.map { "/path/\($0)" }
  }

  private static func isPackage(_ folder: URL) -> Bool {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.contains { file in
      file.hasPrefix("__init__.") && (file.hasSuffix(".py") || file.hasSuffix(".so"))
    }
  }

  /// The file that the module is imported from, as the sandbox shows it.
  ///
  /// Extension modules all lie at one place, so that nothing depends on where.
  func target(of file: URL) -> String {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    return "/module/\(last).\(file.pathExtension == "py" ? "py" : "so")"
  }

  /// What the sandbox shows to import the module from `file`.
  func mounts(for file: URL, scripts: URL) -> [Sandbox.Mount] {
    mounts + [
      .init(source: file.path, target: target(of: file)),
      .init(source: scripts.path, target: "/decython"),
    ]
  }

  /// What Python's import system is told to import the module from `file`.
  func environment(for file: URL) -> [String: String] {
    var variables = [
      "DECYTHON_MODULE": name, "DECYTHON_FILE": target(of: file),
      "PYTHONPATH": (["/decython"] + paths + ["/packages"]).joined(separator: ":"),
    ]
    if isPackage { variables["DECYTHON_PACKAGE"] = "1" }
    return variables
  }
}
