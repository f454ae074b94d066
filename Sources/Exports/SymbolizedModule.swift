package import BinaryFormats
package import Naming

/// A module with names, and with the lines of the recovered Python, in the form that other tools read.
package struct SymbolizedModule {
  private let bytes: [UInt8]
  private let image: BinaryImage
  private let symbols: [ModuleSymbol]
  private let information: DebugInformation

  /// - Parameters:
  ///   - bytes: the module's file.
  ///   - image: the module.
  ///   - names: what its things are called.
  ///   - map: the lines.
  ///   - sourceFile: the recovered Python's path.
  ///   - folder: the folder that the path starts from.
  package init(
    _ bytes: [UInt8], _ image: BinaryImage, _ names: ModuleNames, _ map: LineMap,
    sourceFile: String, folder: String
  ) {
    (self.bytes, self.image) = (bytes, image)
    symbols = ModuleSymbol.missing(in: image, names)
    information = DebugInformation(image, names, map, sourceFile: sourceFile, folder: folder)
  }

  /// A copy of an ELF file with more sections; nil if it is not of a form that can be added to.
  package func elfCopy() -> [UInt8]? {
    guard var file = ELFCopy(bytes) else { return nil }
    file.addSymbols(symbols)
    for section in information.sections { file.addSection("." + section.name, section.bytes) }
    return file.finish()
  }

  /// A copy of a PE file, and why it has names alone; nil if it has lines, too.
  ///
  /// - Throws: what is wrong with the file.
  package func peCopy() throws(BinaryFormatError) -> (bytes: [UInt8], withoutLines: String?) {
    var file = try PECopy(bytes)
    let obstacle = file.obstacle(to: information.sections.count)
    if obstacle == nil {
      for section in information.sections {
        try file.addSection("." + section.name, section.bytes)
      }
    }
    // The C compilers of 32-bit x86 put an underscore in front of names, and debuggers take it away.
    file.addSymbols(symbols, prefix: image.architecture == .i386 ? "_" : "")
    return (try file.finish(), obstacle?.description)
  }

  /// A dSYM for a Mach-O file: the part of it that is for the processor of the image; nil if the file
  /// has nothing that tells which dSYM is its own.
  ///
  /// - Throws: what is wrong with the file.
  package func dsym() throws(BinaryFormatError) -> [UInt8]? {
    guard var file = try DSYMCompanion(UniversalBinary.analysedPart(of: bytes)) else { return nil }
    file.addSymbols(image.symbols.map { ModuleSymbol($0) } + symbols)
    return file.finish(DWARFSegment(information.sections))
  }
}
