"""The client of a subject, by the openai package, which takes long to import."""

from openai import AsyncOpenAI
from openai._base_client import get_platform

from flagbench.http_library import httpx


def client_over(transport: httpx.AsyncBaseTransport, base_url: str, api_key: str) -> AsyncOpenAI:
    """Create the client of a subject. It has no timeout unless the subject sets one.

    It never retries: its pauses are random, and the retries would be hidden from the measurement.
    Its platform is looked up here, because the client would do so in a thread.
    """
    client = AsyncOpenAI(
        base_url=base_url,
        api_key=api_key,
        max_retries=0,
        timeout=None,
        http_client=httpx.AsyncClient(transport=transport, trust_env=False),
    )
    client._platform = get_platform()
    return client
