package import BinaryFormats

/// The memory that interpreted code sees: the module, a stack, a heap and the imported variables.
package struct AddressSpace {
  private let map: MemoryMap
  static let stackSize: UInt64 = 1 << 20
  /// The most bytes that the heap may take.
  static let heapLimit = 1 << 28

  private var regions: [Region]
  private let image: Int
  private let heap: Int

  private struct Region {
    let base: UInt64
    var bytes: [UInt8]
    let isWritable: Bool
  }

  package init(_ image: BinaryImage) {
    map = image.map
    let externals = ImportTable.stride * UInt64(image.imports.names.count + 1)
    regions = [
      Region(base: map.heap, bytes: [], isWritable: true),
      Region(
        base: map.stackTop - Self.stackSize,
        bytes: [UInt8](repeating: 0, count: Int(Self.stackSize) + 4096), isWritable: true),
      Region(
        base: map.imports, bytes: [UInt8](repeating: 0, count: Int(externals)),
        isWritable: true),
    ]
    heap = 0
    self.image = regions.count
    for segment in image.segments {
      regions.append(
        Region(base: segment.address, bytes: segment.bytes, isWritable: segment.isWritable))
    }
  }

  /// Memory that holds some writable stretches and nothing else.
  package init(_ stretches: [(address: UInt64, bytes: [UInt8])], _ map: MemoryMap) {
    self.map = map
    regions = [Region(base: map.heap, bytes: [], isWritable: true)]
    regions += stretches.map { Region(base: $0.address, bytes: $0.bytes, isWritable: true) }
    heap = 0
    image = 1
  }

  /// Takes memory from the heap, zeroed and aligned to 16 bytes; nil if there is none left.
  package mutating func allocate(_ size: Int) -> UInt64? {
    let start = regions[heap].bytes.count
    let rounded = (max(size, 1) + 15) & ~15
    guard size >= 0, size < Self.heapLimit, start + rounded <= Self.heapLimit else { return nil }
    regions[heap].bytes.append(contentsOf: repeatElement(0, count: rounded))
    return map.heap + UInt64(start)
  }

  package func isHeap(_ address: UInt64) -> Bool {
    address >= map.heap && address < map.heap + UInt64(regions[heap].bytes.count)
  }

  package func integer(at address: UInt64, size: Int) -> UInt64? {
    guard let (region, offset) = find(address, size) else { return nil }
    return regions[region].bytes.littleEndian(offset, size)
  }

  package mutating func write(_ value: UInt64, at address: UInt64, size: Int) -> Bool {
    guard let (region, offset) = find(address, size), regions[region].isWritable else {
      return false
    }
    for index in 0..<size {
      regions[region].bytes[offset + index] = UInt8(
        truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
    return true
  }

  package func bytes(at address: UInt64, count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, let (region, offset) = find(address, count) else { return nil }
    return regions[region].bytes[offset..<(offset + count)]
  }

  package mutating func write(_ bytes: some Collection<UInt8>, at address: UInt64) -> Bool {
    guard let (region, offset) = find(address, bytes.count), regions[region].isWritable else {
      return false
    }
    regions[region].bytes.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    return true
  }

  /// The bytes of a C string without its zero.
  package func cString(at address: UInt64, limit: Int = 1 << 20) -> ArraySlice<UInt8>? {
    guard let (region, offset) = find(address, 1) else { return nil }
    let bytes = regions[region].bytes[offset...].prefix(limit)
    return bytes.firstIndex(of: 0).map { bytes[..<$0] }
  }

  /// The module's writable memory, as it is now.
  package var writableImage: [(address: UInt64, bytes: [UInt8])] {
    regions[image...].filter(\.isWritable).map { ($0.base, $0.bytes) }
  }

  private func find(_ address: UInt64, _ size: Int) -> (region: Int, offset: Int)? {
    for index in regions.indices where address >= regions[index].base {
      let offset = address - regions[index].base
      let count = UInt64(regions[index].bytes.count)
      if offset < count || (size == 0 && offset == count) {
        return offset + UInt64(size) <= count ? (index, Int(offset)) : nil
      }
    }
    return nil
  }
}

extension [UInt8] {
  /// The little-endian integer at an offset; the caller has checked the bounds.
  fileprivate func littleEndian(_ offset: Int, _ size: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in stride(from: size - 1, through: 0, by: -1) {
      value = value << 8 | UInt64(self[offset + index])
    }
    return value
  }
}
