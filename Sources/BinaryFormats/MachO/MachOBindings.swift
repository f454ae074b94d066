/// Numbers of variable length, seven bits a byte (DWARF's LEB128).
struct PackedNumbers {
  private let file: ByteBuffer
  private(set) var offset: Int
  private let end: Int

  init(_ file: ByteBuffer, _ range: Range<Int>) {
    self.file = file
    offset = range.lowerBound
    end = min(range.upperBound, file.count)
  }

  mutating func byte() -> UInt8? {
    guard offset >= 0, offset < end else { return nil }
    defer { offset += 1 }
    return file.bytes[offset]
  }

  mutating func unsigned() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = byte() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }

  mutating func text() -> String? {
    guard offset < end else { return nil }
    let bytes = file.bytes[offset..<end].prefix { $0 != 0 }
    offset += bytes.count + 1
    return String(decoding: bytes, as: UTF8.self)
  }

  mutating func move(to place: Int) { offset = place }
}

/// What the loader binds, as a little program: `LC_DYLD_INFO` in Apple's `<mach-o/loader.h>`.
struct MachOBindings {
  private var code: PackedNumbers
  private let segments: [MachOHeaders.Segment]

  init(_ file: ByteBuffer, _ range: Range<Int>, _ segments: [MachOHeaders.Segment]) {
    code = PackedNumbers(file, range)
    self.segments = segments
  }

  func apply(_ memory: inout MappedMemory, _ imports: inout ImportTable) {
    var code = code
    var name = ""
    var address: UInt64 = 0
    var addend: UInt64 = 0
    func bind() {
      memory.write(imports.address(of: name) &+ addend, at: address, size: 8)
      address &+= 8
    }
    // Bindings that are made late end one by one; their table goes on behind each end.
    while let byte = code.byte() {
      let number = UInt64(byte & 0x0F)
      switch byte & 0xF0 {
      case 0x20: _ = code.unsigned()
      case 0x40: name = MachOReader.name(code.text() ?? "")
      case 0x60: addend = code.unsigned() ?? 0
      case 0x70:
        let index = Int(number)
        guard index < segments.count, let offset = code.unsigned() else { return }
        address = segments[index].address &+ offset
      case 0x80: address &+= code.unsigned() ?? 0
      case 0x90: bind()
      case 0xA0:
        bind()
        address &+= code.unsigned() ?? 0
      case 0xB0:
        bind()
        address &+= number * 8
      case 0xC0:
        guard let count = code.unsigned(), let distance = code.unsigned(), count < 1 << 16 else {
          return
        }
        for _ in 0..<count {
          bind()
          address &+= distance
        }
      default: break
      }
    }
  }
}

/// The names that a module offers, in a tree by their letters.
struct MachOExportTrie {
  private let file: ByteBuffer
  private let range: Range<Int>

  init(_ file: ByteBuffer, _ range: Range<Int>) {
    self.file = file
    self.range = range
  }

  /// The distance from the start of the image, by name.
  func exports() -> [String: UInt64] {
    var exports: [String: UInt64] = [:]
    var pending = [(offset: 0, name: "")]
    var seen: Set<Int> = []
    while let (offset, name) = pending.popLast(), seen.count < 1 << 16 {
      guard offset < range.count, seen.insert(offset).inserted else { continue }
      var node = PackedNumbers(file, range)
      node.move(to: range.lowerBound + offset)
      guard let size = node.unsigned(), size < UInt64(range.count) else { continue }
      let children = node.offset + Int(size)
      if size > 0, node.unsigned() != nil, let distance = node.unsigned() {
        exports[name] = distance
      }
      node.move(to: children)
      for _ in 0..<(node.byte() ?? 0) {
        guard let letters = node.text(), let child = node.unsigned(),
          let place = Int(exactly: child), name.utf8.count + letters.utf8.count < 4096
        else { break }
        pending.append((place, name + letters))
      }
    }
    return exports
  }
}
