"""Runs a test suite in the sandbox, with pytest if there is one: suite.py FOLDER

Every line of output is a JSON object: what became of a test, and at last which file the module came from.
"""
import json
import os
import sys

NAME = os.environ["DECYTHON_MODULE"]
out = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
os.dup2(1, 2)


def emit(**row):
    out.write(json.dumps(row) + "\n")
    out.flush()


class Plugin:
    """Takes what pytest says of each test; of its phases the worst counts."""

    def __init__(self):
        self.outcomes = {}

    def pytest_runtest_logreport(self, report):
        outcome = report.outcome if report.when == "call" or report.outcome != "failed" else "error"
        if report.when == "call" or outcome != "passed":
            text = "" if outcome in ("passed", "skipped") else str(report.longrepr)[-1500:]
            emit(test=report.nodeid, outcome=outcome, text=text)

    def pytest_collectreport(self, report):
        if report.outcome == "failed":
            emit(test=report.nodeid, outcome="error", text=str(report.longrepr)[-1500:])


def with_unittest(folder):
    import unittest

    class Result(unittest.TestResult):
        def addSuccess(self, test):
            emit(test=test.id(), outcome="passed", text="")

        def addFailure(self, test, error):
            emit(test=test.id(), outcome="failed", text=self._exc_info_to_string(error, test)[-1500:])

        def addError(self, test, error):
            emit(test=test.id(), outcome="error", text=self._exc_info_to_string(error, test)[-1500:])

        def addSkip(self, test, reason):
            emit(test=test.id(), outcome="skipped", text="")

        def addExpectedFailure(self, test, error):
            emit(test=test.id(), outcome="expected failure", text="")

        def addUnexpectedSuccess(self, test):
            emit(test=test.id(), outcome="unexpected success", text="")

        def addSubTest(self, test, subtest, error):
            if error is not None:
                (self.addFailure if issubclass(error[0], test.failureException) else self.addError)(
                    subtest, error)
    is_package = os.path.exists(os.path.join(folder, "__init__.py"))
    top = os.path.dirname(folder) if is_package else folder
    unittest.TestLoader().discover(folder, "test*.py", top).run(Result())


def main(folder):
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [place for place in sys.path if place != here]
    try:
        import pytest
    except ImportError:
        with_unittest(folder)
        runner = "unittest"
    else:
        pytest.main(["-p", "no:cacheprovider", "-q", folder], plugins=[Plugin()])
        runner = "pytest"
    emit(runner=runner, file=getattr(sys.modules.get(NAME), "__file__", None))


main(sys.argv[1])
