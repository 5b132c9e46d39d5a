"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8136.

It answers in the format that the prompt asks for. Its first draft of `average` fails without
numbers; it mends it once it is shown the failure.
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A plain model: a start, and a time for each word.
FIRST_SECONDS, WORD_SECONDS = 0.4, 0.012
DRAFT = "    return sum(numbers) / len(numbers)\n"
AVERAGE = f'def average(numbers):\n    """The mean of numbers, 0 for none."""\n{DRAFT}'
SLUG = (
    "def slug(text):\n"
    '    """The words of a text in lower case, joined by hyphens."""\n'
    '    return "-".join(text.lower().split())\n'
)
MENDED = f"""--- average.py
+++ average.py
@@ -1,3 +1,3 @@
 def average(numbers):
     \"\"\"The mean of numbers, 0 for none.\"\"\"
-{DRAFT}+{DRAFT.rstrip()} if numbers else 0
"""
RUNS = {
    "average": "from average import average; assert average([2, 4]) == 3; average([])",
    "slug": "from slug import slug; assert slug('A b') == 'a-b'",
}


def answer(messages):
    """The reply to a conversation, in the format that it asks for."""
    prompt = "\n".join(_text(message) for message in messages)
    if "git diff" in prompt:
        return f"The mean of no numbers is 0.\n\n```diff\n{MENDED}```\n"
    name = "slug" if "slug" in prompt else "average"
    if "unix script" in prompt:
        # The last line of an error alone: the others name a folder of this one run.
        return (
            f'```sh\npython3 -c "{RUNS[name]}" 2> errors || {{ tail -n 1 errors; exit 1; }}\n```\n'
        )
    return f"{name}.py\n```python\n{SLUG if name == 'slug' else AVERAGE}```\n"


def _text(message):
    content = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


class Endpoint(BaseHTTPRequestHandler):
    """Answers chat completions, as a stream."""

    def do_POST(self):
        """Answer in one piece, after the time that it takes to write them."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = answer(body["messages"])
        time.sleep(FIRST_SECONDS + WORD_SECONDS * len(text.split()))
        chunks = [_chunk(body, {"role": "assistant", "content": text}), _chunk(body, {}, "stop")]
        payload = "".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(payload.encode())))
        self.end_headers()
        self.wfile.write(payload.encode())


def _chunk(body, delta, reason=None):
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "scripted", "object": "chat.completion.chunk", "created": 1,
            "model": body["model"], "choices": [choice]}  # fmt: skip


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 8136), Endpoint).serve_forever()
