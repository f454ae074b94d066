/// The symbols that a module takes from elsewhere, each with an address of its own.
package struct ImportTable: Sendable {
  /// Where the addresses of imports start; no module is mapped there.
  private let base: UInt64
  /// How far they are apart, so that fields of an imported object have addresses too.
  package static let stride: UInt64 = 0x1000

  /// The names, in the order of the symbol table.
  package private(set) var names: [String] = []
  private var addresses: [String: UInt64] = [:]

  package init(_ map: MemoryMap) { base = map.imports }

  /// The address of an import, new if the import is.
  package mutating func address(of name: String) -> UInt64 {
    if let known = addresses[name] { return known }
    let address = base + Self.stride * UInt64(names.count)
    names.append(name)
    addresses[name] = address
    return address
  }

  package func existingAddress(of name: String) -> UInt64? { addresses[name] }

  package func contains(_ name: String) -> Bool { addresses[name] != nil }

  /// The import whose region an address lies in, and the distance from its start.
  package func symbol(at address: UInt64) -> (name: String, offset: UInt64)? {
    guard address >= base else { return nil }
    let index = (address - base) / Self.stride
    guard index < UInt64(names.count) else { return nil }
    return (names[Int(index)], (address - base) % Self.stride)
  }

  /// The import whose address this is.
  package func name(at address: UInt64) -> String? {
    guard let (name, offset) = symbol(at: address), offset == 0 else { return nil }
    return name
  }
}
