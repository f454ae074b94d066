package import BinaryFormats
package import Naming

/// A copy of a module with names, and with the lines of the recovered Python.
package enum SymbolizedELF {
  /// - Parameters:
  ///   - bytes: the module's file.
  ///   - image: the module.
  ///   - names: what its things are called.
  ///   - map: the lines.
  ///   - sourceFile: the recovered Python's path.
  ///   - folder: the folder that the path starts from.
  /// - Returns: nil if the file is not of a form that can be added to.
  package static func copy(
    _ bytes: [UInt8], _ image: BinaryImage, _ names: ModuleNames, _ map: LineMap,
    sourceFile: String, folder: String
  ) -> [UInt8]? {
    guard var file = ELFCopy(bytes) else { return nil }
    let known = Set(image.symbols.map(\.address))
    let functions = names.functions.values.sorted { $0.address < $1.address }
    let data = names.data.values.sorted { $0.address < $1.address }
    let symbols = (functions + data).filter { !known.contains($0.address) }.map { named in
      ELFCopy.Symbol(
        name: named.name, address: named.address,
        size: named.end.map { $0 > named.address ? $0 - named.address : 0 } ?? 0,
        isFunction: names.functions[named.address] != nil)
    }
    file.addSymbols(symbols)
    let information = debugInformation(image, names, map, sourceFile: sourceFile, folder: folder)
    file.addSection(".debug_abbrev", information.abbreviations)
    file.addSection(".debug_info", information.information)
    file.addSection(".debug_line", information.lines)
    return file.finish()
  }

  private static func debugInformation(
    _ image: BinaryImage, _ names: ModuleNames, _ map: LineMap, sourceFile: String, folder: String
  ) -> DebugInformation {
    var sequences: [DebugInformation.Sequence] = []
    var functions: [DebugInformation.Function] = []
    let own = names.functions.values.filter { $0.kind == .function }
    var ranges = Set(map.rows.compactMap { image.functionRange(containing: $0.address) })
    for function in own {
      if let range = image.functionRange(containing: function.address) { ranges.insert(range) }
    }
    var index = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      while index < map.rows.count, map.rows[index].address < range.lowerBound { index += 1 }
      var rows: [LineMap.Row] = []
      while index < map.rows.count, map.rows[index].address < range.upperBound {
        rows.append(map.rows[index])
        index += 1
      }
      let first = rows.first
      if first?.address != range.lowerBound {
        rows.insert(LineMap.Row(address: range.lowerBound, line: first?.line ?? 1), at: 0)
      }
      sequences.append(.init(range: range, rows: rows))
      guard let named = names.functions[range.lowerBound], named.kind == .function else { continue }
      functions.append(.init(name: named.name, range: range, line: rows[0].line))
    }
    return DebugInformation(
      fileName: sourceFile, folder: folder, pointerSize: image.architecture.pointerSize,
      functions: functions, sequences: sequences)
  }
}
