"""The description of a bundle: RO-Crate metadata, a citation, a README, its environment."""

import json
import platform
import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from urllib.parse import quote

from flagbench.reproduction.archive import DIGESTS

METADATA = "ro-crate-metadata.json"
CITATION = "CITATION.cff"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_FORMATS = {
    "json": "application/json", "jsonl": "application/jsonl", "yaml": "application/yaml",
    "html": "text/html", "md": "text/markdown", "parquet": "application/vnd.apache.parquet",
    "py": "text/x-python", "cff": "application/yaml", "xz": "application/x-xz",
}  # fmt: skip
_NO_LICENCE, _LICENCE = "#no-licence", "#licence"
# The id of a licence as SPDX lists it; not one of a project's own, such as LicenseRef-ours.
_SPDX_ID = re.compile(r"(?!LicenseRef-|DocumentRef-)[A-Za-z0-9][A-Za-z0-9.-]*")
_RUN = "#run"
_TOOL = "#flagbench"


def ro_crate(
    files: Mapping[str, bytes], *, name: str, command: str, date: str, spdx: str, licence: str
) -> bytes:
    """The metadata of a crate (RO-Crate 1.1) with these files, which get `DIGESTS` beside them.

    `licence` is the name of the file that has it, "" for none; `spdx` its SPDX expression, "" if
    unknown. Only a single id has a page of its own; of any other expression it is the file.
    """
    names = sorted({*files, DIGESTS})
    if _SPDX_ID.fullmatch(spdx):
        url = f"https://spdx.org/licenses/{spdx}"
    else:
        url = licence or (_LICENCE if spdx else _NO_LICENCE)
    results = [name for name in names if name.startswith("reports/")]
    read = [name for name in names if name.startswith("project/")]
    graph: list[dict[str, object]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _SPECIFICATION},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": name,
            "description": "A run of flagbench with all that replays it: recordings, scenarios, "
            f"baselines, results. `flagbench reproduce` replays it, by `{command}`.",
            "datePublished": date,
            "license": {"@id": url},
            "hasPart": _references(names),
            "mentions": {"@id": _RUN},
        },
        {
            "@id": _RUN,
            "@type": "CreateAction",
            "name": command,
            "instrument": {"@id": _TOOL},
            "object": _references(read),
            "result": _references(results),
        },
        {
            "@id": _TOOL,
            "@type": "SoftwareApplication",
            "name": "flagbench",
            "softwareVersion": metadata.version("flagbench"),
        },
        *(_file(name, files.get(name)) for name in names),
    ]
    if url not in names:
        about = {"name": spdx} if spdx else {"name": "no licence was given"}
        graph.append({"@id": url, "@type": "CreativeWork", **about})
    return _pretty({"@context": _CONTEXT, "@graph": graph})


def _choices(spdx: str) -> list[str]:
    """The licences of which an SPDX expression leaves the choice; none if it says more than OR."""
    ids = re.split(r"\s+OR\s+", spdx, flags=re.IGNORECASE)
    return ids if all(map(_SPDX_ID.fullmatch, ids)) else []


def _references(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"@id": quote(name)} for name in names]


def _file(name: str, content: bytes | None) -> dict[str, object]:
    """The entity of a file; the size of `DIGESTS` is not known before this is written."""
    suffix = name.rpartition(".")[2]
    size = {} if content is None else {"contentSize": str(len(content))}
    return {
        "@id": quote(name),
        "@type": "File",
        "name": name,
        "encodingFormat": _FORMATS.get(suffix, "text/plain"),
        **size,
    }


def citation(name: str, date: str, spdx: str) -> bytes:
    """A citation (CFF 1.2.0) for a project that has none of its own.

    CFF knows one licence or a choice of some; an expression that says more is left out.
    """
    choices = _choices(spdx)
    licence = choices[0] if len(choices) == 1 else f"[{', '.join(choices)}]"
    lines = [
        "cff-version: 1.2.0",
        "message: Please cite this data set and the version of flagbench that made it.",
        "type: dataset",
        f"title: {json.dumps(name)}",
        f"date-released: '{date}'",
        *([f"license: {licence}"] if choices else []),
        "authors:",
        f"  - name: {json.dumps(f'The authors of {name}')}",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def read_me(name: str, command: str) -> bytes:
    """The README of a bundle: its parts, and how to reproduce it."""
    version = metadata.version("flagbench")
    return f"""# {name}

The bundle of a run of flagbench {version}: `project/` has the scenarios, recordings and baselines,
`reports/` the results, `{METADATA}` describes each file (RO-Crate 1.1), `{DIGESTS}` has its digest.

    pip install -r requirements.lock     # if it is there: the versions of the run
    flagbench reproduce BUNDLE.zip       # `{command}`, and its files compared

The code of the subject in `project/` is run: trust it as you would a checkout.
""".encode()


def environment() -> bytes:
    """Python, the platform and the versions of all installed packages."""
    packages = {
        found.name.lower(): found.version for found in metadata.distributions() if found.name
    }
    return _pretty(
        {
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
            "platform": f"{platform.system()} {platform.machine()}",
            "packages": dict(sorted(packages.items())),
        }
    )


def _pretty(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
