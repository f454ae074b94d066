/// A release of Cython, or as much of it as a module tells.
package struct CythonVersion: Hashable, Sendable, Comparable {
  package let major: Int
  package let minor: Int
  /// The third number, where the module names it.
  package let patch: Int?

  package init(_ major: Int, _ minor: Int, _ patch: Int? = nil) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor, left.patch ?? 0) < (right.major, right.minor, right.patch ?? 0)
  }

  package var text: String { "\(major).\(minor)" + (patch.map { ".\($0)" } ?? "") }
}
