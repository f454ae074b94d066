package import Foundation

/// A module in its place, with what runs scripts of the program on one file or another in that place.
package struct SandboxedModule {
  let place: ModulePlace
  /// Where intermediate files go.
  let folder: URL
  private let sandbox: Sandbox
  private let scripts: URL

  /// - Parameters:
  ///   - place: where the module stands.
  ///   - interpreter: what runs it.
  ///   - folder: where intermediate files go.
  /// - Throws: that there is no sandbox.
  package init(
    _ place: ModulePlace, interpreter: Interpreter, folder: URL
  ) throws(VerificationFailure) {
    sandbox = try Sandbox(interpreter: interpreter)
    scripts = try SandboxFiles.writeScripts(in: folder)
    self.place = place
    self.folder = folder
  }

  /// Copies a file to `name` among the intermediate ones.
  func copy(_ file: URL, to name: String) throws(VerificationFailure) -> URL {
    try SandboxFiles.copy(file, to: name, in: folder)
  }

  /// Runs one of the program's scripts with a file as the module.
  ///
  /// - Returns: the lines that it writes.
  func run(
    _ script: String, _ arguments: [String], on file: URL, mounts: [Sandbox.Mount], seconds: Int
  ) throws(VerificationFailure) -> [Data] {
    try sandbox.run(
      ["/decython/" + script] + arguments,
      mounts: place.mounts(for: file, scripts: scripts) + mounts,
      environment: place.environment(for: file), seconds: seconds)
  }
}
