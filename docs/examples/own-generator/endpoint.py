"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8124."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer

HELLO = {"English": "Hello", "French": "Bonjour", "Portuguese": "Olá"}


def answer(messages):
    """A function that greets in the language of the last message."""
    language = messages[-1]["content"].split()[-1].rstrip(".")
    return f'def greet(name):\n    return f"{HELLO[language]}, {{name}}!"\n'


class Endpoint(BaseHTTPRequestHandler):
    """Answers chat completions."""

    def do_POST(self):
        """Answer with a function."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = {"role": "assistant", "content": answer(body["messages"])}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        completion = {"id": "scripted", "object": "chat.completion", "created": 1,
                      "model": body["model"], "choices": [choice]}  # fmt: skip
        payload = json.dumps(completion).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 8124), Endpoint).serve_forever()
