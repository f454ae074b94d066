import IR
import RuntimeModel

extension BranchRule {
  /// Keyword arguments are merged with those of any mapping.
  ///
  /// ```c
  /// PyDict_Check(m) ? __Pyx_MergeKeywords_dict(kwdict, m) : __Pyx_MergeKeywords_any(kwdict, m)
  /// ```
  /// becomes one of both calls (`__Pyx_MergeKeywords` in `Cython/Utility/FunctionArguments.c`).
  package static let mergedKeywords = BranchRule("merged-keywords") { site, function, context in
    guard let test = site.valueComparedWithNull(in: function),
      let (mapping, bits) = function.testedTypeFlags(test),
      bits == ObjectLayout.subclassFlags["PyDict_Type"]
    else { return nil }
    for (arm, holds) in [(site.target, true), (site.otherTarget, false)] {
      guard let call = function.firstCall(of: arm), function.argument(1, of: call) == mapping,
        function.callee(of: call, context.facts)?.name.hasPrefix("__Pyx_MergeKeywords_") == true
      else { continue }
      return site.formHolds(holds)
    }
    return nil
  }
}
