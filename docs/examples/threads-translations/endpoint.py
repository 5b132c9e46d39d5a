"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8128.

It translates text by text without a mistake, and loses a placeholder in a batch.
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A plain model: a start, and a time for each word.
FIRST_SECONDS, WORD_SECONDS = 0.4, 0.012

TEXTS = {
    "Welcome, {name}!": {
        "French": "Bienvenue, {name} !",
        "German": "Willkommen, {name}!",
        "Portuguese": "Boas-vindas, {name}!",
    },
    "{count} files were deleted.": {
        "French": "{count} fichiers ont été supprimés.",
        "German": "{count} Dateien wurden gelöscht.",
        "Portuguese": "{count} ficheiros foram eliminados.",
    },
    "Do you want to leave?": {
        "French": "Voulez-vous quitter ?",
        "German": "Möchten Sie beenden?",
        "Portuguese": "Deseja sair?",
    },
}


def answer(messages):
    """The translation of a text, or of a catalogue in JSON."""
    language = messages[0]["content"].split()[3].rstrip(".")
    asked = messages[1]["content"]
    if asked in TEXTS:
        return TEXTS[asked][language]
    catalogue = {key: TEXTS[text][language] for key, text in json.loads(asked).items()}
    if language == "German":
        catalogue["files"] = "Die Dateien wurden gelöscht."
    return json.dumps(catalogue, ensure_ascii=False)


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
    ThreadingHTTPServer(("127.0.0.1", 8128), Endpoint).serve_forever()
