package import BinaryFormats

extension BinaryImage: CodeSource {
  package func code(at address: UInt64, limit: Int) -> ArraySlice<UInt8>? {
    isExecutable(address) ? bytes(at: address, limit: limit) : nil
  }

  package func constant(at address: UInt64, size: Int) -> UInt64? {
    isConstant(address) ? integer(at: address, size: size) : nil
  }

  package func doesNotReturn(_ address: UInt64) -> Bool { false }
}
