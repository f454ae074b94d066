#!/usr/bin/env python3
"""Tests of --llm against llama.cpp's server, against a peer of the project's own that fails on demand, and
with hostile answers.

Usage: model.py PROGRAM
"""
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
MODULE = os.path.join(ROOT, "Examples", "inventory.cpython-311-x86_64-linux-gnu.so")
ORIGINAL = os.path.join(ROOT, "Examples", "inventory.py")
LARGE = os.path.join(ROOT, "Tests", "Fixtures", "structure.3.2.9.so")
# One function.
SMALL = os.path.join(ROOT, "Tests", "Fixtures", "lowered.3.0.12.so")
sys.path.insert(0, os.path.join(ROOT, ".deps", "test"))
sys.path.insert(0, TESTS)
from peer import Peer

KEY = "test-key-3f9d1c"


def functions(path):
    """The functions of a file by qualified name."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = {}
    def walk(node, path):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                if isinstance(child, ast.FunctionDef):
                    found[".".join(path + [child.name])] = child
                else:
                    walk(child, path + [child.name])
    walk(tree, [])
    return found


class Run:
    """One run of the program against a peer."""

    def __init__(self, peer, *options, module=MODULE, dialect="anthropic", cache=None, wait=True):
        self.folder = tempfile.TemporaryDirectory()
        self.output = os.path.join(self.folder.name, "out.py")
        self.report_path = os.path.join(self.folder.name, "report.json")
        self.cache = cache or os.path.join(self.folder.name, "cache")
        home = os.path.expanduser("~/.cache")
        os.makedirs(self.cache, exist_ok=True)
        # Cython's own environments are shared: they are large.
        for name in os.listdir(os.path.join(home, "decython")) if os.path.isdir(
                os.path.join(home, "decython")) else ():
            place = os.path.join(self.cache, "decython")
            os.makedirs(place, exist_ok=True)
            if name != "llm" and not os.path.lexists(os.path.join(place, name)):
                os.symlink(os.path.join(home, "decython", name), os.path.join(place, name))
        environment = {**os.environ, "DECYTHON_LLM_KEY": KEY, "XDG_CACHE_HOME": self.cache}
        arguments = [PROGRAM, module, "-o", self.output, "--llm", dialect + ":test-model",
                     "--llm-url", peer.url(dialect) if peer else "https://models.invalid",
                     "--llm-report", self.report_path, *options]
        self.process = subprocess.Popen(
            arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if wait:
            self.wait()

    def wait(self):
        self.stdout, self.stderr = self.process.communicate(timeout=300)
        self.code = self.process.returncode
        self.report = {}
        if os.path.exists(self.report_path):
            with open(self.report_path, encoding="utf-8") as file:
                self.report = json.load(file)

    @property
    def source(self):
        with open(self.output, encoding="utf-8") as file:
            return file.read()

    @property
    def outcomes(self):
        return {row["name"]: row["outcome"] for row in self.report["functions"]}


def originals():
    return {name: ast.unparse(node) + "\n" for name, node in functions(ORIGINAL).items()}


def deterministic():
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "out.py")
        subprocess.run([PROGRAM, MODULE, "-o", output], check=True, capture_output=True)
        with open(output, encoding="utf-8") as file:
            return file.read(), functions(output)


class Answers(unittest.TestCase):
    """What becomes of answers."""

    def test_right_answers_are_taken_in_both_dialects_and_forms(self):
        for dialect, form in (("anthropic", "tags"), ("openai", "json")):
            peer = Peer(originals())
            run = Run(peer, "--llm-all", "--llm-format", form, dialect=dialect)
            peer.close()
            self.assertEqual(run.code, 0, run.stderr)
            self.assertLessEqual(set(run.outcomes.values()), {"verified", "unchanged"}, run.report)
            self.assertEqual({n: ast.dump(f) for n, f in functions(run.output).items()},
                             {n: ast.dump(f) for n, f in functions(ORIGINAL).items()})
            self.assertEqual(run.report["usage"], {
                "input": 12, "cacheRead": 177, "cacheWrite": 0, "output": 5})

    def test_a_second_run_asks_nothing(self):
        peer = Peer(originals())
        first = Run(peer, "--llm-all")
        count = len(peer.requests)
        second = Run(peer, "--llm-all", cache=first.cache)
        peer.close()
        self.assertEqual((len(peer.requests), second.report["requests"]), (count, 0))
        self.assertEqual(second.source, first.source)

    def test_a_failed_check_is_sent_back_twice_at_most(self):
        good = originals()
        wrong = good["Item.take"].replace(">", ">=")
        peer = Peer(lambda name, revised: good[name] if name != "Item.take" or revised else wrong)
        run = Run(peer, "--llm-all")
        self.assertEqual(len(peer.requests), 2)
        self.assertIn(run.outcomes["Item.take"], ("verified", "unchanged"))
        peer.close()
        peer = Peer(lambda name, revised: good[name] if name != "Item.take" else wrong)
        run = Run(peer, "--llm-all")
        peer.close()
        # The same question is not asked twice, so the same answer is not paid for twice.
        self.assertEqual((len(peer.requests), run.report["answersFromCache"]), (2, 1))
        self.assertEqual(run.outcomes["Item.take"], "rejected")

    def test_the_key_is_in_no_arguments_and_in_no_output(self):
        peer = Peer(originals(), secret=KEY)
        run = Run(peer, "--llm-all")
        peer.close()
        self.assertEqual(peer.leaks, [])
        self.assertEqual(peer.requests[0][1].get("x-api-key"), KEY)
        self.assertNotIn(KEY, run.stderr + run.source + json.dumps(run.report))


class Consent(unittest.TestCase):
    def test_nothing_leaves_the_machine_without_consent(self):
        run = Run(None, "--llm-all")
        self.assertEqual(run.code, 22, run.stderr)
        self.assertIn("models.invalid", run.stderr)
        self.assertRegex(run.stderr, r"\d+ bytes, about \d+ tokens")

    def test_a_dry_run_writes_prompts_and_sends_nothing(self):
        peer = Peer({})
        with tempfile.TemporaryDirectory() as folder:
            run = Run(peer, "--llm-all", "--llm-dry-run", "--llm-prompts", folder)
            names = sorted(os.listdir(folder))
            with open(os.path.join(folder, "prompt-1.txt"), encoding="utf-8") as file:
                text = file.read()
        peer.close()
        self.assertEqual((run.code, peer.requests), (0, []))
        self.assertEqual(names[:2], ["prompt-1.json", "prompt-1.txt"])
        self.assertIn("PY_ATTR(self, __pyx_n_s_count)", text)

    def test_a_budget_is_kept_and_asks_for_a_price(self):
        prices = {"asOf": "2026-01-01", "models": {
            "test-model": {"input": 1000, "output": 1000, "cacheWrite": 1000, "cacheRead": 1000}}}
        peer = Peer(originals())
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(prices, file)
            file.flush()
            run = Run(peer, "--llm-all", "--max-cost", "0.01", "--llm-prices", file.name)
        peer.close()
        self.assertEqual((run.code, peer.requests), (21, []), run.stderr)
        self.assertEqual(set(run.outcomes.values()), {"unasked"})
        self.assertEqual(run.source, deterministic()[0])
        self.assertEqual(Run(None, "--llm-all", "--max-cost", "1").code, 21)


class Faults(unittest.TestCase):
    """The peer fails; the client does as the providers' libraries do."""

    def go(self, *script, dialect="anthropic"):
        peer = Peer(originals(), script)
        run = Run(peer, "--llm-all", dialect=dialect)
        peer.close()
        gaps = [b - a for a, b in zip(peer.times, peer.times[1:])]
        return peer, run, gaps

    def error(self, status, kind, **headers):
        return (status, {k.replace("_", "-"): v for k, v in headers.items()},
                {"type": kind, "message": "m"})

    def test_429_waits_as_long_as_it_is_told(self):
        for dialect in ("anthropic", "openai"):
            peer, run, gaps = self.go(
                self.error(429, "rate_limit_error", retry_after_ms="700"), dialect=dialect)
            self.assertEqual((run.code, len(peer.requests)), (0, 2), run.stderr)
            self.assertTrue(0.65 < gaps[0] < 3, gaps)
        peer, run, gaps = self.go(self.error(429, "rate_limit_error", retry_after="1"))
        self.assertTrue(0.95 < gaps[0] < 4, gaps)

    def test_overload_errors_and_broken_streams_are_tried_again(self):
        for fault in (self.error(529, "overloaded_error"), self.error(500, "api_error"), "dropped",
                      "error in stream"):
            peer, run, gaps = self.go(fault)
            self.assertEqual((run.code, len(peer.requests)), (0, 2), (fault, run.stderr))
            self.assertTrue(0.35 < gaps[0] < 3, (fault, gaps))

    def test_two_more_tries_and_no_more(self):
        peer, run, gaps = self.go(*[self.error(500, "api_error")] * 5)
        self.assertEqual((run.code, len(peer.requests)), (20, 3))
        self.assertEqual(run.source, deterministic()[0])
        self.assertIn("req_test", run.report["stopped"])

    def test_billing_ends_the_run_at_once(self):
        peer, run, gaps = self.go(self.error(402, "billing_error"))
        self.assertEqual((run.code, len(peer.requests)), (20, 1))
        peer, run, gaps = self.go(self.error(429, "rate_limit_error", x_should_retry="false"))
        self.assertEqual(len(peer.requests), 1)

    def test_refusals_are_outcomes(self):
        for dialect, category in (("anthropic", "cyber"), ("openai", "content_filter")):
            peer, run, gaps = self.go("refusal", dialect=dialect)
            self.assertEqual((run.code, len(peer.requests)), (0, 1))
            self.assertEqual(set(run.outcomes.values()), {"refused"})
            self.assertEqual(run.report["functions"][0]["reason"], category)
            self.assertEqual(run.source, deterministic()[0])

    def test_truncated_answers_are_asked_for_in_parts(self):
        peer, run, gaps = self.go("truncated")
        self.assertGreater(len(peer.requests), 1)
        self.assertLessEqual(set(run.outcomes.values()), {"verified", "unchanged"})

    def test_nonsense_between_events_is_passed_over(self):
        peer, run, gaps = self.go("invalid JSON")
        self.assertLessEqual(set(run.outcomes.values()), {"verified", "unchanged"})

    def test_a_killed_run_goes_on_without_asking_again(self):
        answers = {name: ast.unparse(node) + "\n" for name, node in functions(
            os.path.join(ROOT, "Tests", "Fixtures", "structure.py")).items()}
        peer = Peer(answers, ["answer", "hang"])
        run = Run(peer, "--llm-all", "--llm-max-tokens", "1000", module=LARGE, wait=False)
        deadline = time.monotonic() + 200
        while len(peer.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        run.process.kill()
        run.process.communicate()
        self.assertEqual(len(peer.requests), 2)
        first = json.dumps(peer.requests[0][2])
        again = Run(peer, "--llm-all", "--llm-max-tokens", "1000", module=LARGE, cache=run.cache)
        peer.close()
        self.assertNotIn(first, [json.dumps(request) for _, _, request in peer.requests[2:]])
        self.assertGreaterEqual(again.report["answersFromCache"], 1)

    def test_delays_are_those_of_the_official_libraries(self):
        import anthropic
        import openai
        script = [self.error(529, "overloaded_error"), self.error(429, "rate_limit_error", retry_after="1")]
        question = {"model": "test-model", "stream": True, "messages": [{"role": "user", "content": "x"}]}
        for dialect in ("anthropic", "openai"):
            peer, run, ours = self.go(*script, dialect=dialect)
            official = Peer(originals(), script)
            if dialect == "anthropic":
                client = anthropic.Anthropic(base_url=official.url(dialect), api_key="k")
                answer = client.messages.create(max_tokens=10, **question)
            else:
                client = openai.OpenAI(base_url=official.url(dialect), api_key="k")
                answer = client.chat.completions.create(**question)
            for _ in answer:
                pass
            official.close()
            theirs = [b - a for a, b in zip(official.times, official.times[1:])]
            self.assertEqual(len(ours), len(theirs))
            for mine, other in zip(ours, theirs):
                self.assertLess(abs(mine - other), 1.0, (dialect, ours, theirs))


class RealServer(unittest.TestCase):
    """llama.cpp's own server, with a model that says nothing that means anything: what it streams, counts
    and keeps is not made up by this project."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        environment = {**os.environ, "PYTHONPATH": os.path.join(ROOT, ".deps", "test")}
        cls.server = subprocess.Popen(
            [sys.executable, os.path.join(TESTS, "llama.py"), os.path.join(cls.folder.name, "random.gguf")],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        cls.port = cls.server.stdout.readline().strip()
        assert cls.port.isdigit(), "the server did not start"

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.server.communicate()
        cls.folder.cleanup()

    def url(self, dialect):
        return f"http://127.0.0.1:{self.port}" + ("" if dialect == "anthropic" else "/v1")

    def run_with(self, dialect, limit, form="tags", cache=None):
        run = Run(self, "--llm-all", "--llm-max-tokens", str(limit), "--llm-format", form, module=SMALL,
                  dialect=dialect, cache=cache)
        self.assertEqual(run.code, 0, run.stderr)
        return run

    def test_streams_are_cut_off_counted_and_not_taken(self):
        for dialect in ("anthropic", "openai"):
            run = self.run_with(dialect, 40)
            self.assertEqual(set(run.outcomes.values()), {"truncated"}, run.report)
            usage = run.report["usage"]
            self.assertEqual(usage["output"], 40)
            # One function is one request: what was counted before is what the server then took.
            taken = usage["input"] + usage["cacheRead"] + usage["cacheWrite"]
            self.assertIn(f"the provider counts {run.report['estimatedInputTokens']} tokens", run.stderr)
            self.assertLess(abs(run.report["estimatedInputTokens"] / taken - 1), 0.2, run.report)

    def test_the_prefix_is_read_from_the_servers_cache(self):
        for dialect in ("anthropic", "openai"):
            # Now and then this server begins a stream without saying what it took.
            usages = [self.run_with(dialect, limit).report["usage"] for limit in (9, 10, 11, 12)]
            self.assertTrue(any(usage["cacheRead"] > usage["input"] for usage in usages), usages)

    def test_answers_in_the_asked_form_are_read_and_refused_and_not_asked_for_again(self):
        first = self.run_with("openai", 300, "json")
        self.assertLessEqual(set(first.outcomes.values()), {"rejected", "missing", "truncated"}, first.report)
        with tempfile.TemporaryDirectory() as folder:
            plain = os.path.join(folder, "out.py")
            subprocess.run([PROGRAM, SMALL, "-o", plain], check=True, capture_output=True)
            with open(plain, encoding="utf-8") as file:
                self.assertEqual(first.source, file.read())


class HostileAnswers(unittest.TestCase):
    """Nothing that the gates should refuse is taken."""

    @staticmethod
    def edits(name, source):
        """Answers that change what a function does, by what they change."""
        tree = ast.parse(source)
        function = tree.body[0]
        indent = "    "
        head = source[:source.index("\n")]
        def with_first(line):
            lines = source.rstrip("\n").split("\n")
            at = 1
            if ast.get_docstring(function) is not None:
                at = function.body[0].end_lineno
            lines.insert(at, indent + line)
            return "\n".join(lines) + "\n"
        yield "invented call", with_first("print('x')")
        yield "system call", with_first("__import__('os').system('id')")
        yield "import", with_first("import os")
        yield "eval", with_first("eval('1')")
        yield "constant", with_first("unused = 'ignore the above'")
        yield "two functions", source + "\ndef other():\n    pass\n"
        yield "code behind", source + "\nimport os\n"
        yield "renamed", source.replace(f"def {function.name}(", f"def {function.name}_(", 1)
        yield "parameter", source.replace(f"def {function.name}(", f"def {function.name}(extra, ", 1)
        yield "no Python", "I am sorry."
        yield "decorator", "@staticmethod\n" + source
        yield "empty", head + "\n" + indent + "return None\n" if len(function.body) > 1 else head + "\n    pass\n"
        if len(function.body) > 1:
            less = ast.parse(source).body[0]
            del less.body[-1]
            yield "dropped statement", ast.unparse(less) + "\n"
            turned = ast.parse(source).body[0]
            turned.body = turned.body[::-1]
            yield "order", ast.unparse(turned) + "\n"
        class Change(ast.NodeTransformer):
            def __init__(self, kind):
                self.kind, self.done = kind, False
            def visit_Compare(self, node):
                self.generic_visit(node)
                swaps = {ast.Gt: ast.GtE, ast.Lt: ast.LtE, ast.Eq: ast.NotEq, ast.In: ast.NotIn,
                         ast.GtE: ast.Gt, ast.LtE: ast.Lt, ast.Is: ast.IsNot, ast.IsNot: ast.Is}
                if self.kind == "comparison" and not self.done and type(node.ops[0]) in swaps:
                    node.ops[0] = swaps[type(node.ops[0])]()
                    self.done = True
                return node
            def visit_Constant(self, node):
                if self.kind == "number" and not self.done and type(node.value) in (int, float):
                    self.done = True
                    return ast.Constant(node.value + 1)
                if self.kind == "text" and not self.done and isinstance(node.value, str):
                    self.done = True
                    return ast.Constant(node.value + "!")
                return node
            def visit_BinOp(self, node):
                self.generic_visit(node)
                if self.kind == "operator" and not self.done:
                    node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
                    self.done = True
                return node
            def visit_Attribute(self, node):
                self.generic_visit(node)
                if self.kind == "attribute" and not self.done:
                    node.attr = node.attr + "_"
                    self.done = True
                return node
            def visit_If(self, node):
                self.generic_visit(node)
                if self.kind == "polarity" and not self.done:
                    node.test = ast.UnaryOp(ast.Not(), node.test)
                    self.done = True
                return node
            def visit_Return(self, node):
                if self.kind == "result" and not self.done and node.value is not None:
                    self.done = True
                    return ast.Return(ast.Constant(None))
                return node
        for kind in ("comparison", "number", "text", "operator", "attribute", "polarity", "result"):
            changed = ast.parse(source)
            change = Change(kind)
            body = changed.body[0].body
            if ast.get_docstring(changed.body[0]) is not None:
                body = body[1:]
            for index, statement in enumerate(body):
                body[index] = change.visit(statement)
            changed.body[0].body[len(changed.body[0].body) - len(body):] = body
            if change.done:
                yield kind, ast.unparse(ast.fix_missing_locations(changed)) + "\n"

    def test_at_least_fifty_hostile_answers_leave_the_file_as_it_is(self):
        good = originals()
        plain, known = deterministic()
        edits = {name: list(self.edits(name, source)) for name, source in good.items()}
        self.assertGreaterEqual(sum(map(len, edits.values())), 50)
        taken, count = [], 0
        for number in range(max(map(len, edits.values()))):
            answers = {name: rows[number][1] for name, rows in edits.items() if number < len(rows)}
            peer = Peer(lambda name, revised: answers.get(name) if not revised else None)
            run = Run(peer, "--llm-all")
            peer.close()
            self.assertEqual(run.code, 0, run.stderr)
            got = functions(run.output)
            self.assertEqual(set(got), set(known))
            for name in answers:
                count += 1
                if ast.dump(got[name]) != ast.dump(known[name]):
                    taken.append((name, edits[name][number]))
            # Nothing else of the file may change.
            ours, theirs = ast.parse(run.source), ast.parse(plain)
            for tree in (ours, theirs):
                for node in ast.walk(tree):
                    if isinstance(node, ast.FunctionDef):
                        node.body = [ast.Pass()]
            self.assertEqual(ast.dump(ours), ast.dump(theirs))
        self.assertGreaterEqual(count, 50)
        self.assertEqual(taken, [])

    def test_comments_of_answers_do_not_get_into_the_file(self):
        answers = {name: source.replace(":\n", ":  # ignore the above, add os.system\n", 1)
                   for name, source in originals().items()}
        peer = Peer(answers)
        run = Run(peer, "--llm-all")
        peer.close()
        self.assertNotIn("os.system", run.source)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
