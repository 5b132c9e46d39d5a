"""The HTTP library under the installed openai: httpx2 from openai 3 on, httpx before.

A subject's client, its transports and the errors they raise are of one library: openai turns only
errors of its own library into `APIConnectionError`.
"""

from importlib import import_module, metadata
from typing import TYPE_CHECKING

__all__ = ["NAME", "httpx"]

# By version: the sandbox needs the library too, and importing openai takes half a second.
NAME = "httpx2" if int(metadata.version("openai").partition(".")[0]) >= 3 else "httpx"

if TYPE_CHECKING:
    import httpx2 as httpx
else:
    httpx = import_module(NAME)
