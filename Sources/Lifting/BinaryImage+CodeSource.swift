package import BinaryFormats

extension BinaryImage: CodeSource {
  package func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    isExecutable(address) ? bytes(at: address, limit: limit) : nil
  }

  package func doesNotReturn(_ address: UInt64) -> Bool { false }
}
