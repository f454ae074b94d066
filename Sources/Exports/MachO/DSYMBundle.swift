package import Foundation

/// The folder that a dSYM is: debuggers look for `NAME.dSYM` beside the file NAME.
package enum DSYMBundle {
  /// The files of the folder, by their paths in it.
  ///
  /// - Parameters:
  ///   - name: the module's file name, which the file inside has, too.
  ///   - companion: what that file holds.
  /// - Returns: the files; the one that debuggers read is the last one.
  package static func files(_ name: String, _ companion: [UInt8]) -> [(path: String, data: Data)] {
    [
      ("Contents/Info.plist", Data(properties(name).utf8)),
      ("Contents/Resources/DWARF/" + name, Data(companion)),
    ]
  }

  /// What dsymutil writes of a bundle that has no properties of its own.
  private static func properties(_ name: String) -> String {
    let entries = [
      ("CFBundleDevelopmentRegion", "English"),
      ("CFBundleIdentifier", "com.apple.xcode.dsym." + escaped(name)),
      ("CFBundleInfoDictionaryVersion", "6.0"), ("CFBundlePackageType", "dSYM"),
      ("CFBundleSignature", "????"), ("CFBundleShortVersionString", "1.0"),
      ("CFBundleVersion", "1"),
    ]
    let lines = entries.map { "\t\t<key>\($0)</key>\n\t\t<string>\($1)</string>\n" }.joined()
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
      "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      \t<dict>
      \(lines)\t</dict>
      </plist>

      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .filter { !$0.unicodeScalars.contains { $0.value < 0x20 } }
  }
}
