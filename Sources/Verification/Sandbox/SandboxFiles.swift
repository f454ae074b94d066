import Foundation

/// What is put into the sandbox; others than its owner must be able to read it.
enum SandboxFiles {
  /// The Python that runs inside: `Sources/Verification/Scripts`.
  private static let scripts = [
    ("sitecustomize.py", PackageResources.sitecustomize_py),
    ("decython_values.py", PackageResources.decython_values_py),
    ("decython_inputs.py", PackageResources.decython_inputs_py),
    ("behaviour.py", PackageResources.behaviour_py),
    ("suite.py", PackageResources.suite_py),
  ]

  /// Writes the scripts into a new folder below `folder`.
  static func writeScripts(in folder: URL) throws(VerificationFailure) -> URL {
    let place = folder.appending(path: "scripts")
    do {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      for shared in [folder, place] { try share(shared) }
    } catch {
      throw VerificationFailure(description: "\(place.path) cannot be made")
    }
    for (name, bytes) in scripts { _ = try write(Data(bytes), to: name, in: place) }
    return place
  }

  /// Copies a file to `name` below `folder`.
  static func copy(
    _ file: URL, to name: String, in folder: URL
  ) throws(VerificationFailure) -> URL {
    guard let data = try? Data(contentsOf: file) else {
      throw VerificationFailure(description: "\(file.path) cannot be read")
    }
    return try write(data, to: name, in: folder)
  }

  /// Writes a file of that name below `folder`.
  static func write(
    _ data: Data, to name: String, in folder: URL
  ) throws(VerificationFailure) -> URL {
    let file = folder.appending(path: name)
    do {
      try data.write(to: file)
      try share(file)
    } catch {
      throw VerificationFailure(description: "\(file.path) cannot be written")
    }
    return file
  }

  private static func share(_ place: URL) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path)
  }
}
