// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The architecture in code: one section per target, from the leaves to the command line.
// ARCHITECTURE.md explains it; `--explicit-target-dependency-import-check error` enforces it.

// MARK: - SLEIGH

// The decoder is compiled out of the pinned pypcode wheel, which `make deps` unpacks into .deps.
let wheel = ".deps/py/pypcode"
if !FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(wheel)/sleigh/sleigh.hh")
{
  fatalError("the SLEIGH sources are missing: run `make deps` first")
}
let sleighSources = [
  "address", "compression", "context", "filemanage", "float", "globalcontext", "loadimage",
  "marshal", "opcodes", "pcodecompile", "pcodeparse", "pcoderaw", "semantics", "slaformat",
  "sleigh",
  "sleighbase", "slghpatexpress", "slghpattern", "slghsymbol", "space", "translate", "xml",
].map { "sleigh/\($0).cc" }
let zlibSources = ["adler32", "deflate", "inffast", "inflate", "inftrees", "trees", "zutil"]
  .map { "zlib/\($0).c" }

// What SLEIGH knows of each processor that `Sources/Lifting` has a table for.
let descriptions = [
  "x86/data/languages/x86-64", "x86/data/languages/x86", "AARCH64/data/languages/AARCH64",
  "ARM/data/languages/ARM8_le", "MIPS/data/languages/mips32le", "MIPS/data/languages/mips64le",
  "PowerPC/data/languages/ppc_64_isa_altivec_le", "RISCV/data/languages/riscv.lp64d",
]

// MARK: - Settings

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "Decython",
  products: [.executable(name: "decython", targets: ["decython"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
  ],
  targets: [
    // MARK: - Foreign code

    .target(
      name: "SleighCore",
      path: wheel,
      exclude: ["bin", "docs"],
      sources: sleighSources + zlibSources,
      resources: descriptions.map { .copy("processors/\($0).sla") },
      publicHeadersPath: "sleigh",
      cSettings: [.define("NO_GZIP"), .unsafeFlags(["-w", "-O2"])],
      cxxSettings: [.define("LOCAL_ZLIB"), .unsafeFlags(["-w", "-O2"])]),
    .target(
      name: "CSleighShim", dependencies: ["SleighCore"],
      cxxSettings: [
        .define("SLEIGH_PROCESSORS", to: "\"\(Context.packageDirectory)/\(wheel)/processors/\""),
        .unsafeFlags(["-O2"]),
      ]),

    .target(
      name: "CCompressionShim",
      linkerSettings: ["lzma", "zstd", "bz2"].map { .linkedLibrary($0) }),

    // MARK: - Leaves

    .target(name: "Basics", swiftSettings: settings),
    .target(
      name: "Archives", dependencies: ["CCompressionShim", "CSleighShim"], swiftSettings: settings),
    .target(name: "BinaryFormats", dependencies: ["Basics"], swiftSettings: settings),
    .target(name: "IR", dependencies: ["Basics", "RuntimeModel"], swiftSettings: settings),
    .target(name: "PythonSyntax", dependencies: ["Basics", "BigInt"], swiftSettings: settings),

    // MARK: - Machine code

    .target(
      name: "Lifting", dependencies: ["BinaryFormats", "CSleighShim", "IR"],
      swiftSettings: settings),
    .target(
      name: "Interpretation",
      dependencies: [
        "Basics", "BigInt", "BinaryFormats", "CSleighShim", "IR", "Lifting", "RuntimeModel",
      ],
      swiftSettings: settings),
    .target(name: "RuntimeModel", swiftSettings: settings),
    .target(
      name: "ModuleRecovery",
      dependencies: [
        "Analysis", "Basics", "BinaryFormats", "IR", "Interpretation", "Lifting", "RuntimeModel",
        "Simplification",
      ], swiftSettings: settings),
    .target(name: "Analysis", dependencies: ["Basics", "IR"], swiftSettings: settings),
    .target(
      name: "Simplification", dependencies: ["Analysis", "Basics", "IR", "RuntimeModel"],
      swiftSettings: settings),
    .target(
      name: "Raising",
      dependencies: [
        "Analysis", "Basics", "BinaryFormats", "IR", "Interpretation", "ModuleRecovery",
        "RuntimeModel", "Simplification",
      ], swiftSettings: settings),
    .target(
      name: "Structuring",
      dependencies: [
        "Analysis", "Basics", "BigInt", "IR", "Interpretation", "ModuleRecovery", "PythonSyntax",
        "Raising", "RuntimeModel", "Simplification",
      ], swiftSettings: settings),
    .target(
      name: "Spelling", dependencies: ["BigInt", "PythonSyntax"], swiftSettings: settings),
    .target(
      name: "Decompilation",
      dependencies: [
        "Basics", "BinaryFormats", "IR", "Interpretation", "ModuleRecovery", "PythonSyntax",
        "Raising", "RuntimeModel", "Spelling", "Structuring",
      ], swiftSettings: settings),
    .target(
      name: "Verification",
      dependencies: [
        "Basics", "BinaryFormats", "Decompilation", "IR", "Interpretation", "ModuleRecovery",
        "Raising", "RuntimeModel", "Simplification",
      ],
      // What runs inside the sandbox, and what changes functions of a file.
      resources: [
        "behaviour", "decython_inputs", "decython_values", "repair", "sitecustomize", "stub",
        "suite",
      ].map { .embedInCode("Scripts/\($0).py") },
      swiftSettings: settings),

    // MARK: - For analysts

    .target(name: "CHeaders", dependencies: ["RuntimeModel"], swiftSettings: settings),
    .target(
      name: "Naming",
      dependencies: [
        "Basics", "BinaryFormats", "Decompilation", "IR", "Interpretation", "Lifting",
        "ModuleRecovery", "RuntimeModel",
      ],
      swiftSettings: settings),
    .target(name: "LanguageModel", dependencies: ["Basics"], swiftSettings: settings),
    .target(
      name: "AnnotatedC",
      dependencies: [
        "Analysis", "Basics", "BinaryFormats", "Decompilation", "IR", "Interpretation",
        "LanguageModel", "ModuleRecovery", "Naming", "Raising", "RuntimeModel", "Simplification",
      ], swiftSettings: settings),
    .target(
      name: "Exports",
      dependencies: [
        "BinaryFormats", "Decompilation", "IR", "Interpretation", "Naming", "PythonSyntax",
        "Raising", "Simplification",
      ], swiftSettings: settings),
    .executableTarget(
      name: "decython",
      dependencies: [
        "AnnotatedC", "Archives", "Basics", "BinaryFormats", "CHeaders", "Decompilation", "Exports",
        "Interpretation", "LanguageModel", "Lifting", "ModuleRecovery", "Naming", "PythonSyntax",
        "RuntimeModel",
        "Verification",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: settings),
    // MARK: - Tests

    // What single instructions do, for Tests/semantics.py; no part of the product.
    .executableTarget(
      name: "semantics",
      dependencies: ["BinaryFormats", "IR", "Interpretation", "Lifting", "RuntimeModel"],
      swiftSettings: settings),
    .testTarget(
      name: "AnalysisTests", dependencies: ["Analysis", "IR", "RuntimeModel"],
      swiftSettings: settings),
    .testTarget(name: "ArchivesTests", dependencies: ["Archives"], swiftSettings: settings),
    .testTarget(name: "BasicsTests", dependencies: ["Basics"], swiftSettings: settings),
    .testTarget(
      name: "BinaryFormatsTests", dependencies: ["BinaryFormats"], swiftSettings: settings),
    .testTarget(
      name: "IRTests", dependencies: ["Basics", "IR", "RuntimeModel"], swiftSettings: settings),
    .testTarget(name: "LayoutTests", swiftSettings: settings),
    .testTarget(
      name: "LiftingTests", dependencies: ["BinaryFormats", "IR", "Lifting"],
      swiftSettings: settings),
    .testTarget(name: "NamingTests", dependencies: ["Naming"], swiftSettings: settings),
    .testTarget(
      name: "PythonSyntaxTests", dependencies: ["Basics", "BigInt", "PythonSyntax"],
      swiftSettings: settings),
    .testTarget(
      name: "SimplificationTests",
      dependencies: ["Analysis", "IR", "RuntimeModel", "Simplification"], swiftSettings: settings),
    .testTarget(
      name: "SpellingTests", dependencies: ["PythonSyntax", "Spelling"], swiftSettings: settings),
    .testTarget(
      name: "StructuringTests", dependencies: ["PythonSyntax", "Structuring"],
      swiftSettings: settings),
  ],
  cxxLanguageStandard: .cxx17
)
