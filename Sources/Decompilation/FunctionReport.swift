/// How well a function, class body or module body came back.
package enum Rung: String, Sendable, Codable, Comparable {
  /// Only the signature; the body is missing.
  case outline
  /// Structured, with steps in it that were not understood and are marked.
  case partial
  /// Every step was understood and structured.
  case structured
  /// Structured, and the same as the original where both are compiled: see ``FunctionReport/check``.
  case verified

  package static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: Int {
    switch self {
    case .outline: 0
    case .partial: 1
    case .structured: 2
    case .verified: 3
    }
  }
}

/// What became of one function.
package struct FunctionReport: Sendable, Codable {
  /// The qualified name; `<module>` for the module's own code.
  package let name: String
  /// The line of its `def`, where it is known.
  package let line: Int?
  /// Where its machine code starts; 0 if only its code object is known.
  package let address: UInt64
  package var rung: Rung
  /// Why it is not structured.
  package private(set) var reason: String?
  /// Where in the binary the step stands that was not understood.
  package let reasonAddress: UInt64?
  /// What the rung `verified` rests on, or where a check found a difference.
  package var check: String?

  /// Takes back a part of the claim.
  mutating func lower(to rung: Rung, because reason: String) {
    self.rung = rung
    self.reason = reason
  }
}

extension [FunctionReport] {
  /// One report of each function: a statement that is tried again defines its functions again, and may lose the
  /// place of one.
  var withLowestRungs: [FunctionReport] {
    var places: [FunctionPlace: Int] = [:]
    var result: [FunctionReport] = []
    for report in self {
      let place = FunctionPlace(name: report.name, address: report.address)
      if let known = places[place] {
        if report.rung < result[known].rung { result[known] = report }
      } else {
        places[place] = result.count
        result.append(report)
      }
    }
    return result
  }
}

/// What tells functions apart.
private struct FunctionPlace: Hashable {
  let name: String
  let address: UInt64
}
