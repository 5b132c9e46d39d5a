"""Serves the answers that the cassettes hold: a stand-in for a model, on 127.0.0.1:8126.

It goes step by step through a task, in the protocol that the request asks for: calls of the tool
`bash`, or commands in the text. A prompt that asks for a workflow gets one.
"""

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A plain model: a start, and a time for each word.
FIRST_SECONDS, WORD_SECONDS = 0.4, 0.012

PARSE = r"""cat > units/duration.py <<'EOF'
"Durations such as 1h30m."

import re

SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse(text):
    "The seconds of a duration."
    parts = re.findall(r"(\d+)([smh])", text)
    return sum(int(number) * SECONDS[unit] for number, unit in parts)
EOF"""
HUMAN = r"""cat > units/size.py <<'EOF'
"Sizes such as 1.5 KiB."

UNITS = ("KiB", "MiB", "GiB", "TiB")


def human(size):
    "A number of bytes with the greatest unit that it reaches."
    if size < 1024:
        return f"{size} B"
    for unit in UNITS:
        size /= 1024
        if size < 1024 or unit == UNITS[-1]:
            return f"{size:.1f} {unit}"
EOF"""
END = ("The task is done.", "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT")


def plan(task, has_workflow):
    """What is thought and run, step by step."""
    if "units/size.py" in task:
        look = ("I look how the package is written.", "cat units/duration.py")
        edit = ("I write the new file.", HUMAN)
        run = "python3 -c 'from units.size import human; print(human(1536), human(1023))'"
    else:
        look = ("I read the code.", "cat units/duration.py")
        edit = ("The first part alone is read: I add up all of them.", PARSE)
        run = "python3 -c 'from units.duration import parse; print(parse(\"1h30m\"))'"
    if not has_workflow:
        return [look, edit, END]
    return [
        ("I need to see what is there.", "ls -R"),
        look,
        ("I reproduce the issue.", f"{run} 2>&1 | tail -n 1"),
        edit,
        # Agents wait for things; the wait takes virtual time in the shell of a child, too.
        ("I verify the change.", f"sleep 2 && {run}"),
        END,
    ]


def answer(messages):
    """The message of the next step."""
    prompt = messages[1]["content"]
    step = sum(message["role"] == "assistant" for message in messages)
    # The issue alone: the examples of a prompt name files, too.
    task = prompt.replace("Please solve this issue: ", "").split("\n")[0]
    thought, command = plan(task, "Workflow" in prompt)[step]
    if "mswea_bash_command" in prompt:
        text = f"THOUGHT: {thought}\n\n```mswea_bash_command\n{command}\n```"
        return {"role": "assistant", "content": text}
    function = {"name": "bash", "arguments": json.dumps({"command": command})}
    calls = [{"id": f"call_{step}", "type": "function", "function": function}]
    return {"role": "assistant", "content": thought, "tool_calls": calls}


class Endpoint(BaseHTTPRequestHandler):
    """Answers chat completions."""

    def do_POST(self):
        """Answer with a step, after the time that it takes to write it."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message = answer(body["messages"])
        time.sleep(FIRST_SECONDS + WORD_SECONDS * len(json.dumps(message).split()))
        reason = "tool_calls" if "tool_calls" in message else "stop"
        choice = {"index": 0, "message": message, "finish_reason": reason}
        completion = {"id": "scripted", "object": "chat.completion", "created": 1,
                      "model": body["model"], "choices": [choice]}  # fmt: skip
        payload = json.dumps(completion).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 8126), Endpoint).serve_forever()
