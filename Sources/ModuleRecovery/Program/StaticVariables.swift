import BinaryFormats
import Interpretation
import RuntimeModel

/// The variables of a module that lie in static memory, and not in the module's dictionary.
///
/// A module-level variable that is declared to be an object (`cython.declare(os=object)`, `cdef object os`
/// in a `.pxd`) is a C variable. Cython lets it hold `None` before the module's own code runs
/// (`generate_global_init_code` in `Cython/Compiler/ModuleNode.py`); nothing else in static memory does.
package struct StaticVariables {
  /// The addresses, each with its place among them.
  private let places: [UInt64: Int]
  /// The names that the module's own code tells, by address.
  private var names: [UInt64: String] = [:]
  private var taken: Set<String> = []

  init(_ image: BinaryImage, _ state: InitialState) {
    let size = state.layout.pointerSize
    guard let none = image.imports.existingAddress(of: "_Py_NoneStruct") else {
      places = [:]
      return
    }
    var places: [UInt64: Int] = [:]
    for region in state.memory {
      let start = (size - Int(region.address % UInt64(size))) % size
      for offset in stride(from: start, to: region.bytes.count - size + 1, by: size)
      where state.word(at: region.address + UInt64(offset), size: size) == none {
        let address = region.address + UInt64(offset)
        if image.segment(containing: address)?.isWritable == true { places[address] = places.count }
      }
    }
    self.places = places
  }

  /// The variable's name, or one that is made up; nil if no variable lies there.
  package func name(at address: UInt64) -> String? {
    places[address].map { names[address] ?? "_variable\($0 + 1)" }
  }

  /// Gives a variable the name that its import tells; another one may have it already.
  package mutating func setName(_ name: String, at address: UInt64) {
    guard places[address] != nil, names[address] == nil, taken.insert(name).inserted else { return }
    names[address] = name
  }

  /// Keeps names of the module's dictionary from being given to variables.
  package mutating func reserve(_ names: Set<String>) { taken.formUnion(names) }
}
