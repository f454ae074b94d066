import BinaryFormats
import Naming

/// A name that other tools show at an address.
struct ModuleSymbol {
  let name: String
  let address: UInt64
  /// 0 if it is not known.
  let size: UInt64
  let isFunction: Bool

  init(_ named: ModuleNames.Named, isFunction: Bool) {
    (name, address, self.isFunction) = (named.name, named.address, isFunction)
    size = named.end.map { $0 > named.address ? $0 - named.address : 0 } ?? 0
  }

  init(_ symbol: BinaryImage.Symbol) {
    (name, address) = (symbol.name, symbol.address)
    (size, isFunction) = (symbol.size, symbol.isFunction)
  }

  /// The names that the file's own symbol table lacks: functions, then data, by address.
  static func missing(in image: BinaryImage, _ names: ModuleNames) -> [Self] {
    func missing(_ named: [UInt64: ModuleNames.Named], isFunction: Bool) -> [Self] {
      // Where a section of an object file started is no name for the function there.
      let known = Set(image.symbols.filter { $0.isFunction || !isFunction }.map(\.address))
      return named.values.filter { !known.contains($0.address) }.map {
        Self($0, isFunction: isFunction)
      }.sorted { $0.address < $1.address }
    }
    return missing(names.functions, isFunction: true)
      + missing(names.data.filter { names.functions[$0.key] == nil }, isFunction: false)
  }
}
