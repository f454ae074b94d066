import BinaryFormats
import Foundation
import Interpretation
import Lifting
import ModuleRecovery
import RuntimeModel

/// A module's file, on disk or in an archive.
struct ModuleFile {
  /// Where the file lies; inside an archive, behind the archive's own path.
  let path: String
  /// The archive in which it lies, if it lies in one.
  let archive: String?
  let image: BinaryImage
  let versions: VersionEvidence

  /// The largest file that is read, in bytes.
  private static let sizeLimit = 512 << 20

  /// Reads a file from disk.
  ///
  /// - Throws: ``Failure``.
  init(_ path: String) throws(Failure) {
    try self.init(path: path, bytes: Self.read(path))
  }

  /// - Parameters:
  ///   - path: what messages call the file; its last component tells versions.
  ///   - bytes: what the file holds.
  ///   - archive: the path of the archive in which it lies, if it lies in one.
  /// - Throws: ``Failure``.
  init(path: String, bytes: [UInt8], archive: String? = nil) throws(Failure) {
    self.path = path
    self.archive = archive
    do {
      image = try BinaryImage(reading: bytes)
    } catch {
      throw Failure(error, file: path)
    }
    versions = VersionEvidence(image, fileName: Self.lastComponent(of: path))
  }

  /// What a file holds.
  ///
  /// - Throws: ``Failure``.
  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let name = Terminal.escaped(path)
    if path == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
    let url = URL(filePath: path).resolvingSymlinksInPath()
    let values = try? url.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values?.isRegularFile == true else {
      throw Failure(code: Failure.notFound, "\(name): no such file")
    }
    guard let size = values?.fileSize, size <= sizeLimit else {
      throw Failure(code: Failure.tooLarge, "\(name): larger than 512 MiB")
    }
    guard let data = try? Data(contentsOf: url) else {
      throw Failure(code: Failure.notFound, "\(name): cannot be read")
    }
    return [UInt8](data)
  }

  private static func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  var fileName: String { Self.lastComponent(of: path) }

  /// A module's name: its file's name up to the tags.
  static func moduleName(of path: String) -> String {
    let name = lastComponent(of: path).split(separator: ".").first ?? "module"
    return name == "-" ? "module" : String(name)
  }

  /// Runs the module's initialisation.
  ///
  /// `version` is the CPython that the module was built for, where its name does not tell.
  /// - Throws: ``Failure``.
  func open(as version: PythonVersion? = nil) throws(Failure) -> OpenedModule {
    let name = Terminal.escaped(path)
    guard image.exports.keys.contains(where: { $0.hasPrefix("PyInit") }) || isForPython2 else {
      throw Failure(code: Failure.notCython, "\(name): no Python extension module")
    }
    guard versions.cython != nil else {
      throw Failure(code: Failure.notCython, "\(name): not made by Cython")
    }
    guard !isForPython2 else {
      throw Failure(code: Failure.unsupported, "\(name): code for CPython 2 is not read yet")
    }
    guard let layout = layout(as: version) else {
      throw Failure(
        code: Failure.unsupported,
        "\(name): its CPython version is unknown; give the file its original name")
    }
    do {
      let module = try OpenedModule(
        image, layout: layout, processor: processor(), descriptions: descriptions())
      let others = NeighbouringModules(of: self, named: module.state.qualifiedName)
      module.neighbour = { others.open($0) }
      return module
    } catch {
      throw Failure(error, file: path)
    }
  }

  /// Whether the module's `init` function hands its methods to CPython 2 (`Include/modsupport.h`).
  private var isForPython2: Bool {
    image.imports.names.contains { $0.hasPrefix("Py_InitModule4") }
  }

  /// How objects lie in the CPython that the module was built for; nil if that is not known.
  func layout(as version: PythonVersion? = nil) -> ObjectLayout? {
    // Its tables are laid out like those of the first versions of CPython 3.
    let assumed = isForPython2 ? PythonVersion(2, 7) : nil
    guard let python = version ?? versions.python ?? assumed else { return nil }
    return ObjectLayout(
      python, pointerSize: image.architecture.pointerSize,
      isFreeThreaded: ABIEvidence(image, fileName: fileName).flags.contains("t"),
      longLongAlignment: Processor.of(image)?.longLongAlignment ?? 8)
  }

  /// The processor that the module is made for.
  func processor() throws -> Processor {
    guard let processor = Processor.of(image) else {
      throw Failure(
        BinaryFormatError.unsupportedArchitecture(image.architecture.rawValue), file: path)
    }
    return processor
  }

  /// Where SLEIGH's descriptions of processors lie: in the resources beside the program; nil if there
  /// are none, for the program itself holds them, too.
  func descriptions() throws -> String? {
    let name = try processor().description
    let program = URL(filePath: CommandLine.arguments.first ?? "")
    let places = [
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath(), program.resolvingSymlinksInPath(),
    ]
    for place in places {
      let path = place.deletingLastPathComponent()
        .appending(path: "Decython_SleighCore.resources").path
      if FileManager.default.fileExists(atPath: "\(path)/\(name)") { return path }
    }
    return nil
  }
}
