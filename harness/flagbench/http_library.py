"""The HTTP library of the installed openai: httpx2 from openai 3 on, httpx before.

The client, its transports and their errors must come from this library: openai converts no other
library's errors to `APIConnectionError`.
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
