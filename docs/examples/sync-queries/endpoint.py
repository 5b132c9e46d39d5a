"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8127.

It knows of the tables what the prompt shows it, and guesses the rest.
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A plain model: a start, and a time for each word.
FIRST_SECONDS, WORD_SECONDS = 0.4, 0.012


def answer(messages):
    """A query for the question."""
    question = messages[1]["content"]
    is_shown = any("CREATE TABLE" in message["content"] for message in messages)
    if "Austen" in question:
        return "SELECT title FROM book WHERE author = 'Austen'"
    if "each member" in question:
        query = "SELECT member, count(*) FROM loan GROUP BY member"
        return query if is_shown else query.replace("loan", "loans")
    if is_shown:
        return (
            "SELECT title FROM book JOIN loan ON loan.book_id = book.id\n"
            "WHERE due < '2026-02-01' AND (returned IS NULL OR returned > '2026-02-01')"
        )
    return "SELECT title FROM book WHERE due_date < '2026-02-01'"


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
    ThreadingHTTPServer(("127.0.0.1", 8127), Endpoint).serve_forever()
