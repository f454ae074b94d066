import ArgumentParser
import BinaryFormats

/// What `decython export` writes.
enum ExportTarget: String, CaseIterable, ExpressibleByArgument {
  case json, elf, pe, dsym

  /// The format that a module must have; nil if any will do.
  private var format: BinaryImage.Format? {
    switch self {
    case .json: nil
    case .elf: .elf
    case .pe: .portableExecutable
    case .dsym: .machO
    }
  }

  /// Makes sure that names can be written for a module in this way.
  ///
  /// - Throws: a failure that names the right way. What is no module at all fails elsewhere.
  func check(_ bytes: [UInt8], file: String) throws(Failure) {
    guard let wanted = format, let format = BinaryImage.Format(of: bytes), format != wanted,
      let right = Self.allCases.first(where: { $0.format == format })
    else { return }
    throw Failure(
      code: Failure.unsupported,
      "\(Terminal.escaped(file)): is \(format.rawValue), not \(wanted.rawValue): use --to \(right.rawValue)"
    )
  }
}
