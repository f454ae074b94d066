import IR
import RuntimeModel

/// An `int` to try out what code does with it.
struct NumberSample: Equatable {
  /// Its digits, the least significant one first.
  let digits: [UInt64]
  let isNegative: Bool

  /// Numbers of no digit, one, two and three digits.
  static func all(_ layout: ObjectLayout) -> [NumberSample] {
    let largest = UInt64(1) << UInt64(layout.digitBits) - 1
    return [
      NumberSample(digits: [], isNegative: false), NumberSample(digits: [1], isNegative: false),
      NumberSample(digits: [1], isNegative: true), NumberSample(digits: [6], isNegative: false),
      NumberSample(digits: [largest], isNegative: false),
      NumberSample(digits: [largest], isNegative: true),
      NumberSample(digits: [2, 1], isNegative: false),
      NumberSample(digits: [2, 1], isNegative: true),
      NumberSample(digits: [0, 0, 1], isNegative: false),
    ]
  }

  init(digits: [UInt64], isNegative: Bool) {
    self.digits = digits
    self.isNegative = isNegative
  }

  /// A number of at most one digit; nil for larger ones.
  init?(_ value: Int64) {
    guard value.magnitude < 1 << 15 else { return nil }
    self.init(digits: value == 0 ? [] : [value.magnitude], isNegative: value < 0)
  }

  /// What it is; nil for three digits, with which nothing computes in place.
  func value(_ layout: ObjectLayout) -> Int64? {
    guard digits.count < 3 else { return nil }
    let size = digits.reversed().reduce(Int64(0)) { $0 << Int64(layout.digitBits) | Int64($1) }
    return isNegative ? -size : size
  }

  /// The number as an object.
  ///
  /// - Parameters:
  ///   - type: the address of its type.
  ///   - address: where it lies.
  ///   - layout: where fields lie.
  /// - Returns: the object.
  func object(ofType type: UInt64, at address: UInt64, _ layout: ObjectLayout) -> ObjectSample {
    var result = ObjectSample(digits: digits, isNegative: isNegative, at: address, layout)
    result.store(type, size: layout.pointerSize, at: address + layout.type)
    return result
  }
}

extension Function {
  /// The addresses of the variables of CPython's that a diamond compares with, by their names: types, and
  /// `None`.
  func variablesAsked(in diamond: Diamond, _ facts: some ModuleFacts) -> [String: UInt64] {
    var result: [String: UInt64] = [:]
    for block in diamond.blocks.union([diamond.head]) {
      guard let site = BranchSite(block, in: self),
        case .equal(let left, let right) = site.condition.form
      else { continue }
      for value in [left, right] {
        if let name = variable(value, facts) { result[name] = constant(value) }
      }
    }
    return result
  }
}
