import ArgumentParser
import BinaryFormats
import Foundation
import Lifting

/// `decython lift FILE`: a yardstick for the time that everything else takes.
struct Lift: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Translates all machine code of a module and counts it.", shouldDisplay: false)

  @Argument(help: "An extension module.")
  var file: String

  mutating func run() throws {
    do {
      let module = try ModuleFile(file)
      let survey = try CodeSurvey(
        module.image, processor: module.processor(), descriptions: module.descriptions())
      print("functions \(survey.functions)")
      print("blocks    \(survey.blocks)")
      print("steps     \(survey.steps)")
      print("undecoded \(survey.undecoded)")
    } catch {
      Failure(error, file: file).exit()
    }
  }
}
