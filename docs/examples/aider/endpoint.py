"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8125.

It answers in the edit format that the prompt asks for, and knows of the repository what the
prompt shows it: without `less_rebate` in the repository map it guesses a name.
"""

import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A plain model: a start, and a time for each word.
FIRST_SECONDS, WORD_SECONDS = 0.4, 0.012
OLD_IMPORT = "from shop.orders import value\n"
LAST = "def _article(order):\n"
TOTAL = (
    "def total(orders):\n"
    '    """The value of all orders, in cents."""\n'
    "    return sum(value(order) for order in orders)\n"
)
INVOICE = '''"""Invoices of the shop."""

from shop.pricing import {name}
from shop.report import total


def due(orders, percent):
    """What is due for orders less a rebate, in cents."""
    return {name}(total(orders), percent)
'''


def answer(messages):
    """The reply to a conversation, in the edit format of its system prompt."""
    prompt = "\n".join(message["content"] for message in messages)
    asked = next(m["content"] for m in reversed(messages) if m["role"] == "user")
    is_diff = "SEARCH/REPLACE" in messages[0]["content"]
    if "shop/invoice.py" in asked:
        name = "less_rebate" if "def less_rebate" in prompt else "discounted"
        said, path, old, new = (
            "The invoice is a file of its own.",
            "shop/invoice.py",
            "",
            INVOICE.format(name=name),
        )
    else:
        said, path, old, new = (
            "I add the function before the helper.",
            "shop/report.py",
            LAST,
            f"{TOTAL}\n\n{LAST}",
        )
        if not is_diff:
            files = re.findall(r"shop/report\.py\n```(?:python)?\n(.*?)```", prompt, re.DOTALL)
            new = files[-1].replace(old, new)
    if is_diff:
        new = f"<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n"
    return f"{said}\n\n{path}\n```{'python' if is_diff else ''}\n{new}```\n"


class Endpoint(BaseHTTPRequestHandler):
    """Answers chat completions."""

    def do_POST(self):
        """Answer with an edit, after the time that it takes to write it."""
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
    ThreadingHTTPServer(("127.0.0.1", 8125), Endpoint).serve_forever()
