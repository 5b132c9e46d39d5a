"""Nothing of the harness is left in a process that runs generated code."""

import subprocess
import sys

_CODE = """
import sys
import flagbench.cli.main
from flagbench.acceptance.probe import answer, disguise, warm

disguise.begin("python")
print([name for name in sys.modules if name.startswith("flagbench") and sys.modules[name]])
"""


def test_no_module_is_left() -> None:
    """Not even those that no child imports."""
    run = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
