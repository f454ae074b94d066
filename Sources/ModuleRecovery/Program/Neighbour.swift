/// Another module of the package, of which only is read what the module at hand uses in C.
package struct Neighbour {
  package let module: OpenedModule
  package let versions: VersionEvidence

  package init(_ module: OpenedModule, _ versions: VersionEvidence) {
    self.module = module
    self.versions = versions
  }
}
