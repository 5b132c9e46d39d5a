"""A server on loopback that streams chat completions with pauses, and breaks off if asked to."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

# A pause before each part, in seconds.
PAUSE = 0.05
WORDS = ("alpha ", "beta ", "gamma ", "delta ")


def chunk(delta: dict[str, object], finish_reason: str | None = None) -> bytes:
    """An event of a streamed chat completion."""
    event = {
        "id": "chatcmpl-abcdef123", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }  # fmt: skip
    return f"data: {json.dumps(event)}\n\n".encode()


ROLE = chunk({"role": "assistant", "content": ""})
END = chunk({}, "stop") + b"data: [DONE]\n\n"
PARTS = (ROLE, *(chunk({"content": word}) for word in WORDS), END)


@contextmanager
def streaming(
    parts: Sequence[bytes] = PARTS,
    *,
    ends: str = "whole",
    pause: float = PAUSE,
    content_type: str = "text/event-stream",
) -> Iterator[str]:
    """The base URL of a server that sends these parts; `ends` is whole, cut or reset."""

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Stream the parts, each after a pause."""
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", content_type)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for part in parts:
                time.sleep(pause)
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            time.sleep(pause)
            if ends == "whole":
                self.wfile.write(b"0\r\n\r\n")
                return
            if ends == "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                os.close(self.connection.detach())
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
