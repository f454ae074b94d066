import Foundation
package import RuntimeModel

/// The Python that a module was built for.
package struct Interpreter {
  /// Its program.
  let path: String
  /// The folders that it needs to run.
  let prefixes: [String]
  /// Where its headers lie.
  let include: String

  /// - Throws: that there is none.
  package init(_ version: PythonVersion) throws(VerificationFailure) {
    let wanted = "\(version.major).\(version.minor)"
    let script =
      "import sys, sysconfig; print('%d.%d' % sys.version_info[:2], sys.executable, "
      + "sys.prefix, sys.base_prefix, sysconfig.get_paths()['include'], sep='\\n')"
    for name in ["python\(wanted)", "python3"] {
      let answer = try? Tool.output("/usr/bin/env", [name, "-c", script], orSay: "")
      let lines = (answer ?? "").split(separator: "\n").map(String.init)
      guard lines.count == 5, lines[0] == wanted else { continue }
      path = lines[1]
      prefixes = Array(Set(lines[2...3])).sorted()
      include = lines[4]
      return
    }
    throw VerificationFailure(description: "CPython \(wanted) is needed, which does not run here")
  }
}
