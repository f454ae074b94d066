package import BinaryFormats
import IR
package import Interpretation
package import Lifting
package import RuntimeModel

/// A module whose initialisation was run: what every later step starts from.
package final class OpenedModule {
  package let image: BinaryImage
  package let state: InitialState
  package let program: Program
  /// The machine that ran the initialisation, for running wrappers.
  package let interpreter: Interpreter
  /// Opens another module of the package by its name with all packages; nil if it is not at hand.
  package var neighbour: (String) -> Neighbour? = { _ in nil }

  /// Reads and initialises a module.
  ///
  /// `bytes` is the file's contents.
  /// `layout` is that of the objects of the CPython that the module was built for.
  /// `processor` is the one that the module is made for.
  /// `descriptions` is the folder of SLEIGH's compiled descriptions of processors.
  /// - Throws: what is wrong with the file, or where its initialisation stopped.
  package init(
    _ image: BinaryImage, layout: ObjectLayout, processor: Processor, descriptions: String?
  ) throws {
    let decoder = try Decoder(processor, in: descriptions)
    let machine = try processor.machine(decoder)
    let lifter = FunctionLifter(decoder: decoder, machine: machine, source: image)
    let run = ModuleInitialization(image, machine: machine, layout: layout, lifter: lifter)
    state = try run.run()
    interpreter = run.machine
    let image = interpreter.image
    self.image = image
    let second = try Decoder(processor, in: descriptions)
    program = Program(image, state, machine: machine, decoder: second)
  }
}
