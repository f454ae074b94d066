import BinaryFormats
import Naming

extension DebugInformation {
  /// A section's name without what each format puts in front of it, and what it holds.
  typealias Section = (name: String, bytes: [UInt8])

  var sections: [Section] {
    [("debug_abbrev", abbreviations), ("debug_info", information), ("debug_line", lines)]
  }

  /// The lines of a module's own functions, and of all others that rows lie in.
  ///
  /// Addresses are those of the image: the ones that the file was linked for.
  init(
    _ image: BinaryImage, _ names: ModuleNames, _ map: LineMap, sourceFile: String, folder: String
  ) {
    var sequences: [Sequence] = []
    var functions: [Function] = []
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
      sequences.append(Sequence(range: range, rows: rows))
      guard let named = names.functions[range.lowerBound], named.kind == .function else { continue }
      functions.append(Function(name: named.name, range: range, line: rows[0].line))
    }
    self.init(
      fileName: sourceFile, folder: folder, pointerSize: image.architecture.pointerSize,
      functions: functions, sequences: sequences)
  }
}
