import BinaryFormats
import Foundation
import ModuleRecovery
import RuntimeModel

/// A module on disk.
struct ModuleFile {
  let url: URL
  let image: BinaryImage
  let versions: VersionEvidence

  /// The largest file that is read, in bytes.
  private static let sizeLimit = 512 << 20

  /// Reads a file.
  ///
  /// - Throws: ``Failure``.
  init(_ url: URL) throws {
    let name = Terminal.escaped(url.path)
    let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values?.isRegularFile == true else {
      throw Failure(code: Failure.notFound, "\(name): no such file")
    }
    guard let size = values?.fileSize, size <= Self.sizeLimit else {
      throw Failure(code: Failure.tooLarge, "\(name): larger than 512 MiB")
    }
    guard let data = try? Data(contentsOf: url) else {
      throw Failure(code: Failure.notFound, "\(name): cannot be read")
    }
    self.url = url
    do {
      image = try BinaryImage(reading: [UInt8](data))
    } catch {
      throw Failure(error, file: url.path)
    }
    versions = VersionEvidence(image, fileName: url.lastPathComponent)
  }

  /// The module's name, up to the tags of its file name.
  var name: String {
    String(url.lastPathComponent.split(separator: ".").first ?? "module")
  }

  /// Runs the module's initialisation.
  ///
  /// `version` is the CPython that the module was built for, where its name does not tell.
  func open(as version: PythonVersion? = nil) throws -> OpenedModule {
    let name = Terminal.escaped(url.path)
    guard image.exports.keys.contains(where: { $0.hasPrefix("PyInit") }) else {
      throw Failure(code: Failure.notCython, "\(name): no Python extension module")
    }
    guard versions.cython != nil else {
      throw Failure(code: Failure.notCython, "\(name): not made by Cython")
    }
    guard let python = version ?? versions.python else {
      throw Failure(
        code: Failure.unsupported,
        "\(name): its CPython version is unknown; give the file its original name")
    }
    do {
      return try OpenedModule(image, version: python, specification: Self.specification())
    } catch {
      throw Failure(error, file: url.path)
    }
  }

  /// Where SLEIGH's specification lies: in the resources beside the program.
  static func specification() throws -> String {
    let program = URL(filePath: CommandLine.arguments.first ?? "")
    let places = [
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath(), program.resolvingSymlinksInPath(),
    ]
    for place in places {
      let path = place.deletingLastPathComponent()
        .appending(path: "Decython_SleighCore.resources/x86-64.sla").path
      if FileManager.default.fileExists(atPath: path) { return path }
    }
    throw Failure(code: 1, "the file x86-64.sla is missing beside the program; build it again")
  }
}
