"""A server that speaks both dialects and fails on demand: the other side of the tests of --llm.

It is the project's own; what it says of providers' behaviour is read from their libraries and
documentation, not from their servers.
"""
import http.server
import json
import os
import re
import socket
import threading
import time


class Peer:
    """Serves on a port of its own until it is closed.

    answers: function name → Python, or a callable that gets the name and whether it is a revision.
    script: what to do with each request in turn; behind its end, everything is answered.
    """

    def __init__(self, answers, script=(), secret=None):
        self.answers = answers
        self.script = list(script)
        self.secret = secret
        self.requests = []
        self.times = []
        self.leaks = []
        self.lock = threading.Lock()
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                peer.handle(self, body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def url(self, dialect):
        return f"http://127.0.0.1:{self.port}" + ("" if dialect == "anthropic" else "/v1")

    # What is asked.

    @staticmethod
    def questions(text):
        """Number, name and whether it is a revision, of each function in a prompt."""
        found = []
        for piece in re.split(r"(?m)^Function (?=\d+$)", text)[1:]:
            number = int(piece.split("\n", 1)[0])
            name = re.search(r"^/\* (.*?) -- ", piece, flags=re.M)
            found.append((number, name.group(1) if name else "?", "\nCheck:\n" in piece))
        return found

    def text(self, question, is_json):
        rows = []
        for number, name, revised in self.questions(question):
            answer = self.answers(name, revised) if callable(self.answers) else self.answers.get(name)
            if answer is not None:
                rows.append((number, answer))
        if is_json:
            return json.dumps({"functions": [
                {"number": n, "findings": "none", "python": a} for n, a in rows]})
        return "\n".join(
            f'<function number="{n}">\n<findings>none</findings>\n<python_code>\n{a}</python_code>\n</function>'
            for n, a in rows)

    # What is answered.

    def handle(self, handler, body):
        request = json.loads(body)
        with self.lock:
            if handler.path.endswith(("/count_tokens", "/input_tokens")):
                return self.send(handler, 200, {"input_tokens": max(1, len(body) // 4)})
            self.times.append(time.monotonic())
            self.requests.append((handler.path, dict(handler.headers), request))
            action = self.script.pop(0) if self.script else "answer"
            if self.secret:
                self.leaks += self.arguments_with(self.secret)
        if isinstance(action, tuple):
            status, headers, error = action
            return self.send(handler, status, {"type": "error", "error": error}, headers)
        if action == "hang":
            time.sleep(60)
            return None
        self.stream(handler, request, action)

    @staticmethod
    def arguments_with(secret):
        found = []
        for process in os.listdir("/proc"):
            if process.isdigit():
                try:
                    with open(f"/proc/{process}/cmdline", "rb") as file:
                        line = file.read()
                except OSError:
                    continue
                if secret.encode() in line:
                    found.append(line)
        return found

    @staticmethod
    def send(handler, status, body, headers=None):
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.send_header("request-id", "req_test")
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    @staticmethod
    def drop(handler):
        """Breaks the connection in the middle of an answer."""
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    def stream(self, handler, request, action):
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()

        def chunk(text):
            data = text.encode()
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            handler.wfile.flush()

        anthropic = handler.path.endswith("/messages")
        question = request["messages"][-1]["content"]
        text = self.text(question, "output_config" in request or "response_format" in request)
        if action == "truncated":
            text = text[:len(text) // 2]
        if action == "refusal":
            text = ""
        if action == "invalid JSON":
            chunk("data: {\"type\": nonsense\n\n")
        if action == "error in stream":
            chunk('event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n')
            return handler.wfile.write(b"0\r\n\r\n")
        if anthropic:
            def event(kind, **fields):
                chunk(f"event: {kind}\ndata: {json.dumps(dict(type=kind, **fields))}\n\n")
            event("message_start", message={"usage": {"input_tokens": 12, "output_tokens": 1,
                                                      "cache_creation_input_tokens": None,
                                                      "cache_read_input_tokens": 177}})
            for start in range(0, len(text), 50):
                event("content_block_delta", index=0,
                      delta={"type": "text_delta", "text": text[start:start + 50]})
                if action == "dropped" and start >= 50:
                    return self.drop(handler)
            stop = {"truncated": "max_tokens", "refusal": "refusal"}.get(action, "end_turn")
            event("message_delta", usage={"output_tokens": 5}, delta={
                "stop_reason": stop, "stop_details": {"category": "cyber"} if stop == "refusal" else None})
            event("message_stop")
        else:
            def piece(**fields):
                chunk("data: " + json.dumps(fields) + "\n\n")
            for start in range(0, len(text), 50):
                piece(choices=[{"index": 0, "delta": {"content": text[start:start + 50]}}])
                if action == "dropped" and start >= 50:
                    return self.drop(handler)
            stop = {"truncated": "length", "refusal": "content_filter"}.get(action, "stop")
            piece(choices=[{"index": 0, "delta": {}, "finish_reason": stop}])
            piece(choices=[], usage={"prompt_tokens": 189, "completion_tokens": 5,
                                     "prompt_tokens_details": {"cached_tokens": 177}})
            chunk("data: [DONE]\n\n")
        handler.wfile.write(b"0\r\n\r\n")
