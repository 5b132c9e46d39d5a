"""Bodies: answers and requests whose bytes are odd."""

import hashlib
import json
from collections.abc import Callable

from case import COULD_NOT_RUN, Case, Seen
from provider import bodies
from provider.answer import Asked
from provider.endpoints import SOUND

from flagbench.cassette import file
from rows.figures import between

UNUSABLE = "the provider's answer cannot be used: "
FAULT = "the provider is at fault: its answer is "
# Each of them is the provider's fault: what is said, by the model that answers so.
FAULTS = {
    "empty": f"{UNUSABLE}it has status 200 and no body",
    "204": f"{UNUSABLE}it has status 204 and no body",
    "html": f"{UNUSABLE}it is not JSON",
    "half": f"{UNUSABLE}it is not JSON",
    "null": f"{UNUSABLE}it is null in place of an object",
    "list": f"{UNUSABLE}it is [1, 2, 3] in place of an object",
    "byte": f"{UNUSABLE}it is not JSON",
    "long-number": f"{UNUSABLE}it is not JSON",
    "no-gzip": f"{FAULT}not encoded as its content-encoding says",
    "half-gzip": UNUSABLE,
    "drop": "no complete answer from the provider",
    "huge": f"{FAULT}larger than 64 MiB",
    "bomb": f"{FAULT}larger than 64 MiB",
}


def wrote(text: str) -> Callable[[Seen], str]:
    """Check the file of every cell."""
    raw = text.encode(errors="surrogatepass")
    digest = hashlib.sha256(raw).hexdigest()

    def check(seen: Seen) -> str:
        """The combinations with another file, "" for none."""
        wrong = [name for name, cell in seen.cells.items() if cell.artifacts[0].sha256 != digest]
        return f"another file than {raw!r} in {wrong}" if wrong or not seen.cells else ""

    return check


def wrote_whole(model: str) -> Callable[[Seen], str]:
    """Check that subject `whole` saw the answer of a model as it was sent."""
    sent = bodies.CHAT[model](Asked("", b"", {}, 1)).body
    return wrote(json.dumps({**json.loads(sent), "id": ""}))


def keeps(body: bytes) -> Callable[[Seen], str]:
    """Check the body of the first answer in the cassette."""

    def check(seen: Seen) -> str:
        """What it is in place of that, "" for the same."""
        kept = file.load(seen.cassette, record_command="").interactions[0].response_body
        return "" if kept == body else f"the cassette has {kept!r}"

    return check


CASES = (
    *(
        Case(name, "odd_bodies.same", f"m-{name}", verdict=COULD_NOT_RUN, says=[text], mends=True)
        for name, text in FAULTS.items()
    ),
    # Bytes that are not text. Their tokens are unknown, which is an error of the replay.
    Case("speech-bytes", "speech", "m-plain", verdict=COULD_NOT_RUN, check=keeps(SOUND),
         says=["POST /v1/audio/speech: the tokens of its prompt are unknown"]),
    Case("upload", "odd_bodies.upload", "m-plain", {"none": (0, 0)}),
    Case("half-emoji-asked", "odd_bodies.half_emoji", "m-plain", verdict=COULD_NOT_RUN,
         says=["UnicodeEncodeError"]),
    # Encodings.
    Case("gzip", "odd_bodies.same", "m-gzip", check=wrote("plain answer")),
    Case("deflate", "odd_bodies.same", "m-deflate", check=wrote("plain answer")),
    Case("bom", "odd_bodies.same", "m-bom", check=wrote("plain answer")),
    # The same text in the cassette as in the answer.
    Case("surrogate", "odd_bodies.same", "m-surrogate", check=wrote(bodies.HALF_EMOJI)),
    Case("norway", "odd_bodies.same", "m-norway", check=wrote(bodies.NORWAY)),
    Case("norway-keys", "odd_bodies.whole", "m-norway", check=wrote_whole("m-norway")),
    Case("lines", "odd_bodies.same", "m-lines", check=wrote(bodies.LINES)),
    Case("numbers", "odd_bodies.whole", "m-numbers", check=wrote_whole("m-numbers")),
    # What a cassette does not hold.
    Case("cookies", "odd_bodies.same", "m-cookie", check=wrote("plain answer"),
         cassette_lacks=[b"__cf_bm", b"SECRET", b"user-abc", b"chatcmpl-abcdef123",
                         b"req_abcdef123", b"fp_abcdef123"]),
    Case("stream-ids", "stream", "m-plain", cassette_lacks=[b"chatcmpl-abcdef123"]),
    # Redirects are followed as httpx follows them: after 302 without the request's body.
    Case("redirect", "odd_bodies.same", "m-307", check=wrote("plain answer")),
    Case("redirect-to-get", "odd_bodies.same", "m-302", verdict=COULD_NOT_RUN,
         says=[f"{UNUSABLE}it has no 'choices'"]),
    # Headers of the simulated provider, from another.
    *(
        Case(f"elapsed-{text}", "odd_bodies.same", f"m-elapsed-{text}",
             check=between("seconds", 0, 5))
        for text in ("inf", "nan", "1e9")
    ),
)  # fmt: skip
