import ArgumentParser

/// The command line.
@main
struct Decython: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decython",
    abstract: "Turns Cython-compiled extension modules back into Python.",
    discussion: """
      Examples:
        decython module.so                 writes module.py
        decython module.so -o out.py       writes out.py
        decython package/ -o recovered/    every module of a folder
        decython name.whl -o recovered/    every module of a wheel, zip or tar archive
        decython info module.so            which Cython and CPython built it
        decython explain module.so f       what is known of the function f
        decython dump module.so -o c/      annotated C, a file per function
        decython export module.so --to elf -o named.so   a copy with names and lines (or pe, dsym)
        decython header module.so          the C structures of its CPython and Cython
        decython verify module.so module.py   compile module.py again and compare

      Exit codes: 0 done; 1 internal error; 2 usage; 3 functions are missing (with --strict);
      10 no such file; 11 no executable; 12 not made by Cython; 13 corrupt; 14 a processor or
      version that is not supported; 15 too large; 130 interrupted.
      """,
    version: "0.1.0",
    subcommands: [
      Decompile.self, Info.self, Explain.self, Verify.self, List.self, Show.self, Methods.self,
      Strings.self, Constants.self, DumpCommand.self, Export.self, Header.self, Lift.self,
      Worker.self,
      Features.self,
    ],
    defaultSubcommand: Decompile.self)
}
