/// A module as it lies in memory after loading: mapped, relocated, with its imports bound.
///
/// Imported symbols get addresses of their own in a region that no module uses, so that every
/// pointer in the image is a plain number.
package struct BinaryImage: Sendable {
  /// The container format.
  package enum Format: String, Sendable {
    case elf = "ELF"
    case portableExecutable = "PE"
    case machO = "Mach-O"
  }

  package let format: Format
  package let architecture: Architecture
  /// Whether numbers stand in memory with their highest byte first.
  package let isBigEndian: Bool
  /// Where memory lies that is not the module's own.
  package var map: MemoryMap { MemoryMap(pointerSize: architecture.pointerSize) }
  /// What is mapped, by address.
  package internal(set) var segments: [Segment]
  package internal(set) var imports: ImportTable
  /// The symbols that the module offers to its loader.
  package let exports: [String: UInt64]
  /// Functions and variables of the full symbol table, where the file has one.
  package let symbols: [Symbol]
  /// Where functions start and end, from the unwind tables, by address.
  package let functionRanges: [Range<UInt64>]
  /// The libraries that the module asks for.
  package let libraries: [String]
  /// What compilers wrote about themselves.
  package let comments: [String]
  /// What the register for the table of addresses holds, on machines that have one.
  package let tablePointer: UInt64?
  /// Whether floating-point numbers are passed in registers of their own, on machines that know both.
  package var hasHardwareFloats = true
  /// Things in the file that were passed over.
  package let notes: [String]

  /// A stretch of mapped memory.
  package struct Segment: Sendable {
    package let address: UInt64
    /// The bytes with relocations applied; zero-filled memory included.
    package internal(set) var bytes: [UInt8]
    package let isWritable: Bool
    package let isExecutable: Bool

    package var end: UInt64 { address + UInt64(bytes.count) }
  }

  /// A row of the full symbol table.
  package struct Symbol: Hashable, Sendable {
    package let name: String
    package let address: UInt64
    package let size: UInt64
    package let isFunction: Bool
  }

  /// Where the names of the loader's symbols stand.
  let loaderTexts: Range<UInt64>?

  /// Memory that is writable in the file but constant once relocated.
  let relocatedConstants: [Range<UInt64>]
}

extension BinaryImage {
  /// The address of a symbol that the module finds by itself once it runs, rather than by its loader.
  package mutating func address(ofImport name: String) -> UInt64 { imports.address(of: name) }
}

// MARK: - Reading memory

extension BinaryImage {
  package func segment(containing address: UInt64) -> Segment? {
    segments.first { address >= $0.address && address < $0.end }
  }

  /// The bytes from an address on, at most `limit` of them; nil if nothing is mapped there.
  package func bytes(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    guard limit >= 0, let segment = segment(containing: address) else { return nil }
    let start = Int(address - segment.address)
    return segment.bytes[start..<min(segment.bytes.count, start + limit)]
  }

  /// An unsigned integer of up to eight bytes; nil if part of it is not mapped.
  package func integer(at address: UInt64, size: Int) -> UInt64? {
    guard let bytes = bytes(at: address, limit: size), bytes.count == size else { return nil }
    return bytes.integer(isBigEndian: isBigEndian)
  }

  package func pointer(at address: UInt64) -> UInt64? {
    integer(at: address, size: architecture.pointerSize)
  }

  /// The bytes of a C string, without its zero; nil if it does not end within `limit` bytes.
  package func cString(at address: UInt64, limit: Int = 1 << 16) -> ArraySlice<UInt8>? {
    guard let bytes = bytes(at: address, limit: limit),
      let end = bytes.firstIndex(of: 0)
    else { return nil }
    return bytes[..<end]
  }

  /// Whether nothing writes to an address after loading.
  package func isConstant(_ address: UInt64) -> Bool {
    guard let segment = segment(containing: address) else { return false }
    return !segment.isWritable || relocatedConstants.contains { $0.contains(address) }
  }

  /// Whether an address lies among the names of the loader's symbols.
  package func isLoaderText(_ address: UInt64) -> Bool { loaderTexts?.contains(address) ?? false }

  package func isExecutable(_ address: UInt64) -> Bool {
    segment(containing: address)?.isExecutable ?? false
  }

  /// The function whose unwind entry covers an address.
  package func functionRange(containing address: UInt64) -> Range<UInt64>? {
    var low = 0
    var high = functionRanges.count
    while low < high {
      let middle = (low + high) / 2
      if functionRanges[middle].upperBound <= address { low = middle + 1 } else { high = middle }
    }
    guard low < functionRanges.count, functionRanges[low].contains(address) else { return nil }
    return functionRanges[low]
  }
}
