"""Puts one file in the place of a module, in every Python of the sandbox.

DECYTHON_MODULE is the module's qualified name, DECYTHON_FILE its file; DECYTHON_PACKAGE is set if it is
a package.
"""
import importlib.machinery
import importlib.util
import os
import sys

NAME = os.environ.get("DECYTHON_MODULE", "")
FILE = os.environ.get("DECYTHON_FILE", "")


class Finder:
    """Finds the module before anything else does."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != NAME:
            return None
        places = ["/packages/" + NAME.replace(".", "/")] if os.environ.get("DECYTHON_PACKAGE") else None
        return importlib.util.spec_from_file_location(
            name, FILE, submodule_search_locations=places)


class ParentFinder:
    """Stands in for packages around the module that are not there, after everything else."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if not NAME.startswith(name + "."):
            return None
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = ["/packages/" + name.replace(".", "/")]
        return spec


if NAME:
    sys.meta_path.insert(0, Finder)
    sys.meta_path.append(ParentFinder)
