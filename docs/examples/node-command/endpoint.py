"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8129.

It forgets empty input where the prompt does not ask for it.
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A plain model: a start, and a time for each word.
FIRST_SECONDS, WORD_SECONDS = 0.4, 0.012

CLAMP = """export function clamp(number, low, high) {
  return Math.min(Math.max(number, low), high);
}
"""
CHUNKS = """export function chunks(list, size) {
  const parts = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}
"""
INITIALS = """export function initials(name) {
  return name.split(" ").map((word) => word[0]).join("");
}
"""


def answer(messages):
    """The function that is asked for."""
    system, request = (message["content"] for message in messages)
    if "clamp" in request:
        return CLAMP
    if "chunks" in request:
        return CHUNKS
    if "empty input" in system:
        return INITIALS
    return INITIALS.replace("word[0]", "word[0].toUpperCase()")


class Endpoint(BaseHTTPRequestHandler):
    """Answers chat completions."""

    def do_POST(self):
        """Answer after the time that it takes to write the answer."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = answer(body["messages"])
        time.sleep(FIRST_SECONDS + WORD_SECONDS * len(text.split()))
        message = {"role": "assistant", "content": text}
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
    ThreadingHTTPServer(("127.0.0.1", 8129), Endpoint).serve_forever()
