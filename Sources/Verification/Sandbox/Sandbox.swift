import Foundation

/// Where code of the target may run: without a network, without the user's files, on a system that it
/// cannot write to, with limits on time and memory.
struct Sandbox {
  /// What is seen of the file system, apart from the system itself.
  struct Mount {
    let source: String
    let target: String
  }

  struct Limits {
    /// The most memory that a process may ask for, in MiB.
    var megabytes = 3072
    /// The most processor time of a process, in seconds.
    var processorSeconds = 3600
    /// The largest output, in bytes.
    var outputSize = 256 << 20
  }

  let interpreter: Interpreter
  var limits = Limits()

  /// - Throws: that there is no sandbox here, and why.
  init(interpreter: Interpreter) throws(VerificationFailure) {
    self.interpreter = interpreter
    do throws(VerificationFailure) {
      _ = try Tool.output("/usr/bin/env", ["bwrap", "--version"], orSay: "")
    } catch {
      throw VerificationFailure(
        description: "code of the module runs in a sandbox only, and bubblewrap is not installed: "
          + "apt install bubblewrap", isSandbox: true)
    }
    do throws(VerificationFailure) {
      let command = isolation([], [:]) + [interpreter.path, "-c", "pass"]
      _ = try Tool.output("/usr/bin/env", ["bwrap"] + command, orSay: "")
    } catch {
      throw VerificationFailure(
        description:
          "code of the module runs in a sandbox only, and bubblewrap cannot make one here:"
          + error.description, isSandbox: true)
    }
  }

  /// Runs the interpreter on `arguments` and gives back what it printed, line by line.
  ///
  /// After so many `seconds` it is ended; what it printed so far counts.
  func run(
    _ arguments: [String], mounts: [Mount], environment: [String: String], seconds: Int
  ) throws(VerificationFailure) -> [Data] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let bounds =
      "ulimit -c 0; ulimit -v \(limits.megabytes * 1024); ulimit -t \(limits.processorSeconds); "
      + "ulimit -f \(1 << 20); exec bwrap \"$@\""
    process.arguments =
      ["-c", bounds, "sh"] + isolation(mounts, environment)
      + [interpreter.path, "-s", "-B"] + arguments
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw VerificationFailure(description: "a process cannot be started")
    }
    let id = process.processIdentifier
    let watchdog = DispatchWorkItem { _ = kill(id, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds), execute: watchdog)
    var text = Data()
    while text.count < limits.outputSize {
      let part = output.fileHandleForReading.availableData
      guard !part.isEmpty else { break }
      text += part
    }
    if text.count >= limits.outputSize { _ = kill(id, SIGKILL) }
    process.waitUntilExit()
    watchdog.cancel()
    return text.split(separator: UInt8(ascii: "\n")).map { Data($0) }
  }

  // MARK: Isolation

  /// The arguments of bubblewrap.
  private func isolation(_ mounts: [Mount], _ environment: [String: String]) -> [String] {
    var arguments =
      Self.namespaces + [
        "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox", "--ro-bind",
        "/usr", "/usr",
      ]
    arguments += ["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap(Self.system)
    arguments += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    arguments += ["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--perms", "1777", "--size", "\(512 << 20)", "--tmpfs", "/tmp"]
    for prefix in interpreter.prefixes where prefix != "/usr" && !prefix.hasPrefix("/usr/") {
      arguments += Self.parents(of: prefix) + ["--ro-bind", prefix, prefix]
    }
    for mount in mounts {
      arguments += Self.parents(of: mount.target) + ["--ro-bind", mount.source, mount.target]
    }
    let variables = environment.merging([
      "HOME": "/tmp", "USER": "user", "LOGNAME": "user", "LANG": "C.UTF-8", "TZ": "UTC",
      "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0",
    ]) { given, _ in given }
    for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
      arguments += ["--setenv", name, value]
    }
    return arguments + ["--remount-ro", "/", "--chdir", "/tmp", "--"] + Self.user
  }

  private static var isRoot: Bool { geteuid() == 0 }

  /// What is not shared with the system.
  ///
  /// In a namespace of users root would still own the system's devices, so that it becomes nobody instead.
  private static var namespaces: [String] {
    guard isRoot else { return ["--unshare-all", "--cap-drop", "ALL"] }
    return [
      "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
      "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add",
      "CAP_SETPCAP",
    ]
  }

  /// What the program inside is started by.
  private static var user: [String] {
    guard isRoot else { return [] }
    return [
      "/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
      "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs",
    ]
  }

  /// Folders on the way to a place, which bubblewrap would hide from others than root.
  private static func parents(of path: String) -> [String] {
    var parent = URL(filePath: path).deletingLastPathComponent()
    var folders: [String] = []
    while parent.path != "/" {
      folders.insert(contentsOf: ["--dir", parent.path], at: 0)
      parent.deleteLastPathComponent()
    }
    return folders
  }

  /// Shows a folder of the system as it is there: a link, or a folder of its own.
  private static func system(_ path: String) -> [String] {
    let manager = FileManager.default
    if let target = try? manager.destinationOfSymbolicLink(atPath: path) {
      return ["--symlink", target, path]
    }
    return manager.fileExists(atPath: path) ? ["--ro-bind", path, path] : []
  }
}
