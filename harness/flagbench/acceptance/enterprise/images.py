"""The judge of the Dockerfile: what the last image has, and what it starts."""

import posixpath
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch

from flagbench.acceptance.enterprise.api import PORT
from flagbench.acceptance.enterprise.case import ComponentCase
from flagbench.acceptance.enterprise.probe_client import Tools
from flagbench.acceptance.enterprise.secret_values import check_secret
from flagbench.acceptance.enterprise.starting import STARTS, check_listens, plain_command
from flagbench.acceptance.enterprise.tools import expect_success, program
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import Selection

Instructions = list[tuple[str, str]]

# The folders of the application.
_FOLDERS = ("core/", "security/", "monitoring/")
_INSTALLS = {
    True: r"\b(pip3?|uv|pipenv|poetry|pdm)\b.*\b(install|sync)\b",
    False: r"\b(npm|yarn|pnpm)\b.*\b(install|ci|i)\b|\byarn\b",
}
_ASSIGNED = re.compile(r"""(\w+)=("[^"]*"|'[^']*'|\S*)""")
_USED = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")
_ASKED = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0)[:'\", ]+(\d{2,5})\b")


def judge_dockerfile(case: ComponentCase, tools: Tools, selection: Selection) -> None:
    """Let hadolint read it; check what it copies, its port, its user and its command."""
    if selection.has("hadolint"):
        ended = tools.run(
            program("hadolint"), "--no-color", "--failure-threshold", "warning", case.path
        )
        expect_success("hadolint", ended)
    if not selection.has("agreement"):
        return
    instructions = _instructions(case.files[case.path])
    last = _last_image(instructions)
    sources = _sources(instructions, case.paths)
    _check_variables(instructions, last)
    _check_ports(last)
    users = _words(last, "USER")
    if not users or users[-1].partition(":")[0] in ("root", "0"):
        raise Refuted("agreement", "the service runs as root; expected: a USER without its rights")
    _check_command(case, last, sources)
    _check_copied(sources, [path for path in case.paths if _is_needed(path)])
    runs = "\n".join(_words(instructions, "RUN"))
    if not re.search(_INSTALLS[case.brief.is_python], runs):
        raise Refuted("agreement", "no RUN installs the packages that the service needs")


def _instructions(text: str) -> Instructions:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [
        (match[1].upper(), match[2].strip())
        for line in re.sub(r"\\\s*\n", " ", "\n".join(lines)).splitlines()
        if (match := re.match(r"\s*([A-Za-z]+)\s+(.*)", line))
    ]


def _last_image(instructions: Instructions) -> Instructions:
    """The instructions of the last stage, after those of the stages that it goes on from."""
    stages: list[Instructions] = [[]]
    names: dict[str, int] = {}
    for name, words in instructions:
        if name == "FROM":
            base, *alias = [each for each in words.split() if not each.startswith("--")]
            before = names.get(base.lower())
            stages.append([] if before is None else list(stages[before]))
            if len(alias) > 1:
                names[alias[1].lower()] = len(stages) - 1
            names[str(len(stages) - 2)] = len(stages) - 1
        stages[-1].append((name, words))
    return stages[-1]


def _words(instructions: Instructions, *names: str) -> list[str]:
    return [words for name, words in instructions if name in names]


def _sources(instructions: Instructions, paths: tuple[str, ...]) -> list[str]:
    """The files and folders that are copied. Raises `Refuted` for what it does not have."""
    found = []
    for words in _words(instructions, "COPY", "ADD"):
        if "--from" in words:
            continue
        parts = re.sub(r'[\[\]",]', " ", words).split()
        for source in [each for each in parts if not each.startswith("--")][:-1]:
            name = posixpath.normpath(source).lstrip("/") or "."
            pattern = re.compile(re.escape(name).replace(r"\*", "[^/]*") + r"(/.*)?")
            if name != "." and not any(pattern.fullmatch(path) for path in paths):
                raise Refuted("agreement", f"COPY {source}: the system has no such file")
            found.append(name)
    return found


def _is_needed(path: str) -> bool:
    is_package = path.endswith("__init__.py")
    is_read = path.endswith((".py", ".js")) or path == "security/policies/policies.yaml"
    return path.startswith(_FOLDERS) and is_read and not is_package


def _check_copied(sources: Iterable[str], paths: Iterable[str]) -> None:
    """Check that files are copied, each itself or with one of its folders."""
    for path in paths:
        parts = path.split("/")
        wholes = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        if not any(each == "." or any(fnmatch(w, each) for w in wholes) for each in sources):
            raise Refuted("agreement", f"no COPY has {path}, which the service needs")


def _check_variables(instructions: Instructions, last: Instructions) -> None:
    for name, value in _values(instructions):
        check_secret(name, value, "an ENV or ARG")
    port = dict(_values(last)).get("PORT", PORT)
    if port.isdigit() and port != PORT:
        raise Refuted("agreement", f"PORT is {port}; expected: {PORT}")


def _values(instructions: Instructions) -> list[tuple[str, str]]:
    """The variables that are set, in order, each with the value that it then has."""
    found: list[tuple[str, str]] = []
    for words in _words(instructions, "ENV", "ARG"):
        pairs = _ASSIGNED.findall(words)
        if not pairs and " " in words:
            pairs = [words.split(maxsplit=1)]
        found += [(name, _with(found, value).strip("\"'")) for name, value in pairs]
    return found


def _with(values: Sequence[tuple[str, str]], text: str) -> str:
    """A text with the values of the variables that are known."""
    known = dict(values)
    return _USED.sub(
        lambda used: known.get(used[1] or used[2], used[3] or used[0]), text
    )  # fmt: skip


def _check_ports(last: Instructions) -> None:
    values = _values(last)
    exposed = {port for words in _words(last, "EXPOSE") for port in _with(values, words).split()}
    if exposed not in ({PORT}, {f"{PORT}/tcp"}):
        raise Refuted("agreement", f"EXPOSE {', '.join(exposed) or 'nothing'}; expected: {PORT}")
    for words in _words(last, "HEALTHCHECK")[-1:]:
        for port in _ASKED.findall(_with(values, words)):
            if port != PORT:
                raise Refuted("agreement", f"HEALTHCHECK asks port {port}; expected: {PORT}")


def _check_command(case: ComponentCase, last: Instructions, sources: list[str]) -> None:
    words = [*_words(last, "ENTRYPOINT")[-1:], *_words(last, "CMD")[-1:]]
    plain = plain_command(_with(_values(last), " ".join(words)))
    scripts = re.findall(r"[\w./-]+\.sh\b", plain)
    for script in scripts:
        name = script.removeprefix("./").lstrip("/")
        named = [path for path in case.paths if path.endswith(name)]
        if not named:
            raise Refuted("agreement", f"CMD starts {script}: the system has no such file")
        _check_copied(sources, named[:1])
    if not scripts and not re.search(STARTS[case.brief.tech_stack.framework], plain):
        raise Refuted("agreement", f"CMD {plain.strip()!r} does not start core.main")
    check_listens(plain, "CMD")
