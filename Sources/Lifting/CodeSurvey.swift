package import BinaryFormats
import IR

/// All machine code of a module, decoded from one end to the other: the least work that any
/// analysis of it does.
package struct CodeSurvey: Sendable {
  package private(set) var functions = 0
  package private(set) var blocks = 0
  package private(set) var steps = 0
  /// Bytes that are no instruction.
  package private(set) var undecoded = 0

  package init(_ image: BinaryImage, processor: Processor, descriptions: String?) throws {
    let decoder = try Decoder(processor, in: descriptions)
    let machine = try processor.machine(decoder)
    let lifter = FunctionLifter(decoder: decoder, machine: machine, source: image)
    for range in image.functionRanges {
      functions += 1
      var address = range.lowerBound
      while address < range.upperBound {
        let block = lifter.block(at: CodePoint(address))
        blocks += 1
        steps += block.transfers.count
        guard block.end > address else {
          undecoded += 1
          address += 1
          continue
        }
        address = block.end
      }
    }
  }
}
