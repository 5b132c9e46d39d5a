"""Record scenarios from the real model on loopback, with options of `flagbench record`.

python tests/real_model/record.py scenarios/smollm2-*.yaml [--fresh]
"""

import os
import subprocess
import sys
from pathlib import Path

from model_server import serving

with serving() as url:
    command = [
        str(Path(sys.executable).with_name("flagbench")),
        "record",
        *sys.argv[1:],
        "--base-url",
        url,
    ]
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    recorded = subprocess.run([*command, "--yes"], env=environment, check=False)
sys.exit(recorded.returncode)
