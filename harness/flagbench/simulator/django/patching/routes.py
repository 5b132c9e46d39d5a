"""What differs in the routes and in the permissions from what the contract asks for."""

import ast
import re
from collections.abc import Iterator

from flagbench.simulator.django.patching.source import Edit, Fault, Source, assignments
from flagbench.simulator.django.specification import Entity, Project

_VIEW = '"%(app_label)s.view_%(model_name)s"'
_SECRET = re.compile(r"SECRET|PASSWORD|API_KEY|TOKEN", re.I)


def route_faults(source: Source, project: Project) -> Iterator[Fault]:
    """Every difference of api/urls.py."""
    told = _told(source)
    for entity in project.entities:
        name = f"{entity.name}ViewSet"
        if not re.search(rf"\b{name}\b", source.code):
            yield Fault(
                "not_registered", entity.name, "", tuple(_registering(source, entity)), True
            )
        for viewset, prefix in told:
            if viewset == name and prefix.value != entity.route:
                yield Fault("wrong_prefix", entity.name, "", (_reworded(source, prefix, entity),))
    patterns = assignments(source.tree.body).get("urlpatterns")
    if patterns is not None and not re.search(r"\bapi\.auth\b|\bauth\b", source.text(patterns)):
        place = patterns.lineno + 1
        edit = Edit(place, place - 1, ('    path("auth/", include("api.auth")),',))
        yield Fault("auth_left_out", "", "", (edit,), True)


def _told(source: Source) -> list[tuple[str, ast.Constant]]:
    """View sets with the strings before them, in calls and in pairs."""
    found = []
    for node in ast.walk(source.tree):
        items = node.args if isinstance(node, ast.Call) else (
            node.elts if isinstance(node, ast.Tuple) else []
        )  # fmt: skip
        if len(items) >= 2 and isinstance(items[0], ast.Constant):
            found.append((ast.unparse(items[1]).rsplit(".", 1)[-1], items[0]))
    return found


def _reworded(source: Source, prefix: ast.Constant, entity: Entity) -> Edit:
    line = source.lines[prefix.lineno - 1]
    old = line[prefix.col_offset : prefix.end_col_offset]
    new = old.replace(str(prefix.value), entity.route) if prefix.value else f'"{entity.route}"'
    whole = line[: prefix.col_offset] + new + line[prefix.end_col_offset or len(line) :]
    return Edit(prefix.lineno, prefix.lineno, (whole,))


def _registering(source: Source, entity: Entity) -> Iterator[Edit]:
    """One more line like the last one that registers, and its import."""
    pattern = re.compile(
        r"^( *)(router\.register)?\(r?([\"'])[^\"']*[\"'],\s*(views\.)?\w+ViewSet\b.*$"
    )
    matches = [(n, pattern.match(line)) for n, line in enumerate(source.lines, 1)]
    found = [(n, match) for n, match in matches if match]
    if not found:
        patterns = assignments(source.tree.body).get("urlpatterns")
        place = patterns.lineno if patterns else len(source.lines) + 1
        line = f'router.register("{entity.route}", views.{entity.name}ViewSet)'
        yield Edit(place, place - 1, (line,))
        return
    number, match = found[-1]
    space, register, quote, views = match.groups(default="")
    line = f"{space}{register}({quote}{entity.route}{quote}, {views}{entity.name}ViewSet)"
    yield Edit(number + 1, number, (line if register else f"{line},",))
    imported = next((x for x in source.tree.body if isinstance(x, ast.ImportFrom)
                     and (x.module or "").endswith("views")), None)  # fmt: skip
    if not views and imported is not None:
        place = (imported.end_lineno or 0) + 1
        stem = "." * imported.level + (imported.module or "")
        yield Edit(place, place - 1, (f"from {stem} import {entity.name}ViewSet",))


def auth_faults(source: Source, _: Project) -> Iterator[Fault]:
    """Every difference of api/auth.py."""
    lines = source.lines
    wrong = "DjangoModelPermissionsOrAnonReadOnly"
    if wrong in source.code:
        edits = [
            Edit(n, n, (line.replace(wrong, "DjangoModelPermissions"),))
            for n, line in enumerate(lines, 1) if wrong in line
        ]  # fmt: skip
        edits += [Edit(n, n, (line.replace("False", "True"),)) for n, line in enumerate(lines, 1)
                  if re.match(r" +authenticated_users_only = False", line)]  # fmt: skip
        yield Fault("strangers_read", "", "", tuple(edits))
    node = source.classes().get("ModelPermissions")
    words = "Django's model permissions, to view included."
    edits = list(source.docstring_edit(node, words)) if node else []
    if edits:
        yield Fault("no_docstrings", "", "", tuple(edits))
    if "view_" not in source.code:
        yield Fault("view_not_asked", "", "", tuple(_asking(source)))
    for name, statement in assignments(source.tree.body).items():
        if _SECRET.search(name) and isinstance(statement.value, ast.Constant):
            last = statement.end_lineno or statement.lineno
            yield Fault("hard_coded_secret", "", "", (Edit(statement.lineno, last),))
    if "csrf_exempt" in source.code:
        kept = re.compile(r"csrf_exempt\((.*?)\)")
        edits = [
            Edit(n, n, () if "import" in line else (kept.sub(r"\1", line),))
            for n, line in enumerate(lines, 1) if "csrf_exempt" in line
        ]  # fmt: skip
        yield Fault("token_exempt", "", "", tuple(edits))


def _asking(source: Source) -> Iterator[Edit]:
    """Entries for GET and HEAD in the map that is there, else a map."""
    node = source.classes().get("ModelPermissions")
    if node is None:
        return
    present = assignments(node.body).get("perms_map")
    value = present.value if present else None
    if present and isinstance(value, ast.Dict):
        told = {key.value: item for key, item in zip(value.keys, value.values, strict=True)
                if isinstance(key, ast.Constant)}  # fmt: skip
        missing = []
        for method in ("GET", "HEAD"):
            line = f'        "{method}": [{_VIEW}],'
            if method in told:
                yield Edit(told[method].lineno, told[method].end_lineno or 0, (line,))
            else:
                missing.append(line)
        if missing:
            last = present.end_lineno or present.lineno
            yield Edit(last, last - 1, tuple(missing))
        return
    base = ast.unparse(node.bases[0]) if node.bases else "DjangoModelPermissions"
    new = ("    perms_map = {", f"        **{base}.perms_map,", f'        "GET": [{_VIEW}],',
           f'        "HEAD": [{_VIEW}],', "    }")  # fmt: skip
    after = source.end_of_docstring(node)
    gap = ("",) if after >= node.body[0].lineno else ()
    rest = [x for x in node.body if isinstance(x, ast.Pass)]
    yield Edit(after + 1, rest[0].lineno if rest else after, (*gap, *new))
