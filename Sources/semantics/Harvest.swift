import BinaryFormats
import IR
import Lifting

/// The instructions of a module, one `CODE TEXT` a line.
final class Harvest {
  private let image: BinaryImage
  private let decoder: Decoder
  private let mode: UInt64

  /// - Parameters:
  ///   - image: the module.
  ///   - isAlternate: whether it is code of the second instruction set.
  /// - Throws: an error if there is no table for the processor.
  init(_ image: BinaryImage, isAlternate: Bool) throws {
    guard let processor = Processor.of(image) else { throw BinaryFormatError.unknownFormat }
    self.image = image
    decoder = try Decoder(processor, in: nil)
    mode = isAlternate ? try processor.machine(decoder).modeBit : 0
  }

  func write() {
    for range in image.functionRanges {
      var address = range.lowerBound & ~mode
      while address < range.upperBound, let code = image.bytes(at: address, limit: 32),
        let (text, size) = decoder.text(at: address | mode, in: code), size <= code.count
      {
        print(hexadecimal(code.prefix(size)), text)
        address += UInt64(size)
      }
    }
  }
}
