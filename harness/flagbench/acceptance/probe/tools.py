"""The tools of each kind of file but Python; no file is run."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from flagbench.acceptance.probe.command_folder import in_folders

ANSWER = f"{__name__}:answer"
WARM = f"{__name__}:warm"
# Schemas of check-jsonschema by kind of file.
_VENDORED = {"workflow": "vendor.github-workflows", "compose": "vendor.compose-spec"}
# Of Prometheus' and Grafana's documents, which no package has as a schema.
_OWN_SCHEMAS = Path(__file__).with_name("schemas")
# Lines may be long: tables have no other form.
_MARKDOWN_OFF = ("MD013",)
_OUTPUT_CHARACTERS = 2000
_SECONDS = 30
# That of a shell for a program that it did not find.
_NOT_RUN = 127
_VALUES = 100_000
_FIRST_PORT = 1024
# The time, and the numbers of the process, before each message of nginx.
_NGINX_PREFIX = r"(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?=\[)|(?<=\] )\d+#\d+: "
_TEMPORARY = "client_body proxy fastcgi uwsgi scgi"

_schemas: dict[str, Any] = {}


def warm() -> None:
    """Import the tools that are libraries, and use each once."""
    for name in _VENDORED:
        schema_errors(name, {})
    schema_errors("dashboard", {})
    kubernetes([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}])
    kubernetes([_HPA])
    Path("a.md").write_text("# A\n", encoding="utf-8")
    markdown("a.md")
    Path("a.yml").write_text("a: 1\n", encoding="utf-8")
    documents("a.yml")
    metrics("up")
    openapi({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}})


def answer() -> Callable[[dict[str, Any]], Any]:
    """The commands of a child that looks at the files of each command."""
    commands: Mapping[str, Callable[..., Any]] = {
        "tool.documents": documents,
        "tool.schema": schema_errors,
        "tool.kubernetes": kubernetes,
        "tool.markdown": markdown,
        "tool.metrics": metrics,
        "tool.openapi": openapi,
        "tool.run": run,
        "tool.nginx": nginx,
    }
    return in_folders(lambda command: commands[command.pop("do")](**command))


def documents(path: str) -> dict[str, Any]:
    """The documents of a YAML or JSON file as JSON values, or the error of its syntax."""
    from ruamel.yaml import YAML  # noqa: PLC0415  only the sandbox imports it
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    try:
        if path.endswith(".json"):
            return {"documents": [json.loads(text)]}
        read = list(YAML(typ="safe", pure=True).load_all(StringIO(text)))
        _check_size(read)
        plain = json.loads(json.dumps(read, default=str))
    except (YAMLError, ValueError, RecursionError) as error:
        return {"error": " ".join(str(error).split())}
    return {"documents": [each for each in plain if each is not None]}


def _check_size(read: list[Any]) -> None:
    """Raise `ValueError` for documents whose aliases stand for too many values, or for a cycle."""
    left, waiting = _VALUES, list(read)
    while waiting:
        value = waiting.pop()
        left -= 1
        if left < 0:
            msg = f"more than {_VALUES} values, aliases counted as what they stand for"
            raise ValueError(msg)
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def schema_errors(name: str, document: Any) -> list[str]:
    """Parts of a document that its schema does not admit."""
    from jsonschema import validators  # noqa: PLC0415  as above

    if name not in _schemas:
        if name in _VENDORED:
            from check_jsonschema.builtin_schemas import get_builtin_schema  # noqa: PLC0415

            schema = get_builtin_schema(_VENDORED[name])
        else:
            file = _OWN_SCHEMAS / f"{name}.json"
            schema = json.loads(file.read_text(encoding="utf-8"))
        _schemas[name] = validators.validator_for(schema)(schema)
    errors = sorted(_schemas[name].iter_errors(document), key=lambda each: each.json_path)
    return [f"{each.json_path}: {_deepest(each).message}" for each in errors[:5]]


def _deepest(error: Any) -> Any:
    """The error of the alternative that fits best."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415  as above

    return best_match([error]) or error


def kubernetes(manifests: list[Any]) -> list[str]:
    """Parts of manifests that Kubernetes would not accept."""
    import kubernetes_validate  # noqa: PLC0415  as above

    version, problems = kubernetes_validate.latest_version(), []
    for each in manifests:
        try:
            kubernetes_validate.validate(each, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            place = ".".join(map(str, error.path))
            problems.append(f"{place}: {error.message}" if place else str(error.message))
        except Exception as error:  # whatever is not a manifest: a version or kind that is unknown
            problems.append(f"not a manifest: {type(error).__name__}: {error}")
    return problems


def markdown(path: str) -> list[str]:
    """Findings of pymarkdown in a file."""
    from pymarkdown.api import PyMarkdownApi, PyMarkdownApiException  # noqa: PLC0415  as above

    linter = PyMarkdownApi()
    for rule in _MARKDOWN_OFF:
        linter = linter.disable_rule_by_identifier(rule)
    try:
        found = linter.scan_path(path).scan_failures
    except PyMarkdownApiException as error:
        return [str(error)]
    return [f"line {each.line_number}: {each.rule_description} ({each.rule_id})" for each in found]


def metrics(expression: str) -> dict[str, Any]:
    """Selectors and groups of a PromQL expression, or the error of its syntax."""
    import promql_parser  # noqa: PLC0415  as above

    def selectors_in(part: Any) -> list[Any]:
        found: list[Any] = []

        def visit(node: Any) -> None:
            selector = getattr(node, "vector_selector", node)
            if isinstance(selector, promql_parser.VectorSelector):
                found.append(selector)

        promql_parser.walk(part, visit)
        return found

    groups: list[dict[str, Any]] = []
    made: set[str] = set()

    def visit(node: Any) -> None:
        modifier = getattr(node, "modifier", None)
        if isinstance(node, promql_parser.AggregateExpr) and modifier is not None:
            if modifier.type == promql_parser.AggModifierType.By:
                names = [_selected(each)["name"] for each in selectors_in(node.expr)]
                groups.append({"labels": list(modifier.labels), "names": names})
        elif isinstance(node, promql_parser.Call):
            texts = [each.val for each in node.args
                     if isinstance(each, promql_parser.StringLiteral)]  # fmt: skip
            made.update(texts[:1] if node.func.name.startswith("label_") else ())

    try:
        parsed = promql_parser.parse(expression)
        promql_parser.walk(parsed, visit)
        selectors = [_selected(each) for each in selectors_in(parsed)]
    except ValueError as error:
        return {"error": str(error)}
    return {"selectors": selectors, "groups": groups, "made": sorted(made)}


def _selected(selector: Any) -> dict[str, Any]:
    """The name that a selector has, and its matchers: label, operator, value."""
    signs = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
    matchers = [
        [each.name, signs[str(each.op).rpartition(".")[2]], each.value]
        for each in selector.matchers.matchers
    ]
    name = selector.name or next(
        (value for label, sign, value in matchers if label == "__name__" and sign == "="), ""
    )
    return {"name": name, "matchers": matchers}


def openapi(document: Any) -> list[str]:
    """Parts of a description of an API that are not OpenAPI."""
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415  as above

    return [each.message for each in OpenAPIV31SpecValidator(document).iter_errors()][:3]


def run(arguments: Sequence[str]) -> dict[str, Any]:
    """Run a program: its exit code and output, a shell's for one that cannot be run here."""
    environment = {**os.environ, "NO_COLOR": "1"}
    try:
        ended = subprocess.run(  # noqa: S603  a tool, in the sandbox
            list(arguments), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        what = f"{arguments[0]} took longer than {_SECONDS} s"
        return {"exit_code": _NOT_RUN, "output": what}
    except OSError as error:  # such as a link to a folder that the sandbox does not have
        what = f"{arguments[0]} cannot be run in the sandbox: {error.strerror}"
        return {"exit_code": _NOT_RUN, "output": what}
    output = ended.stdout.decode("utf-8", "replace")[:_OUTPUT_CHARACTERS]
    return {"exit_code": ended.returncode, "output": output}


def nginx(program: str, path: str, hosts: Sequence[str]) -> dict[str, Any]:
    """Run `nginx -t` on a copy that fits into a folder: hosts that have addresses, free ports."""
    text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    for host in hosts:
        text = re.sub(rf"(?<![\w.-]){re.escape(host)}(?=:\d|/|;)", "127.0.0.1", text)
    text = re.sub(r"(?m)^\s*(user|pid)\s[^;]*;", "", text)
    text = re.sub(r"/etc/nginx/|/var/log/nginx/", "", text)
    text = re.sub(r"\blisten\s+((?:\S*:)?)(\d+)", _high_port, text)
    paths = " ".join(f"{each}_temp_path tmp;" for each in _TEMPORARY.split())
    text = re.sub(r"(?m)^(\s*http\s*\{)", rf"\1 access_log off; {paths}", text, count=1)
    Path("checked.conf").write_text(text, encoding="utf-8", errors="surrogateescape")
    Path("mime.types").write_text("types { text/html html; }\n", encoding="utf-8")
    here = str(Path.cwd())
    ended = run([program, "-t", "-q", "-p", here, "-e", "stderr", "-g", "pid nginx.pid; user user;",
                 "-c", f"{here}/checked.conf"])  # fmt: skip
    # Neither when nor where it was tested, so that a proof can be repeated.
    output = re.sub(_NGINX_PREFIX, "", ended["output"]).replace(f"{here}/", "")
    return {**ended, "output": output}


def _high_port(match: "re.Match[str]") -> str:
    port = int(match[2])
    return f"listen {match[1]}{port if port >= _FIRST_PORT else port + 10000}"


_HPA = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "a"},
}
