"""Every defect gets into code, is seen there and can be fixed, at the documented rates."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from written_app import COURSE, EVERYTHING, RULES, STUDENT, WrittenApp, shapes

from flagbench.simulator.crud.defects import DEFECTS, Chances, Defect, View, named_in, present_in
from flagbench.simulator.crud.defects.defect import KINDS
from flagbench.simulator.crud.specification import shape_of
from flagbench.simulator.crud.writer import STYLES
from flagbench.simulator.rng import Rng

ORDERS = "Check each referenced id: one that does not exist is answered 422."
"""What a prompt asks for, as the generator's standards do."""
OPTIONAL = "ALL Pydantic models MUST declare every attribute as Optional[<type>] = None."
"""The order of the experiment's prompt."""
BY_NAME = {defect.name: defect for defect in DEFECTS}
STANDARDS = Path(__file__).parents[3] / "generator/flagbench_generators/crud/standards"
INJECTED = [(d, kind) for d in DEFECTS for kind, rate in d.rates.items() if rate > 0 or d.told]
MENDABLE = {
    "all_optional", "bad_return_annotation", "swallowed_404", "missing_not_null", "wrong_button",
    "wrong_assertion", "unused_imports", "does_not_parse",
}  # fmt: skip


def chances(
    multiplier: float = 1.0, *, orders: str = ORDERS, named: Collection[str] = ()
) -> Chances:
    """Chances under the documented rates."""
    return Chances(multiplier, {}, orders, named)


def _name(value: Any) -> str:
    return getattr(value, "name", value)


def _draws(number: int) -> Rng:
    return Rng.of(0, {"number": number}, 1, 1)


def _spoiled(defect: Defect, kind: str, number: int) -> tuple[View, str]:
    """A view of rules-and-all code with the defect, and the clean code; style by number."""
    shape = shape_of(RULES if defect.name == "missing_rule" else EVERYTHING)
    style = STYLES[kind][number % len(STYLES[kind])]
    draws = _draws(number)
    code = defect.inject(style(defect.misread(shape, draws)), shape, draws)
    return View.of(code, kind, shape), style(shape)


@pytest.mark.parametrize("name", sorted(shapes()))
def test_clean_code_has_no_findings(name: str) -> None:
    """What the writer writes before defects is found faultless, long lines aside."""
    for kind, styles in STYLES.items():
        for style in styles:
            view = View.of(style(shapes()[name]), kind, shapes()[name])
            for defect in DEFECTS:
                if kind in defect.rates and defect.name != "long_lines":
                    assert not defect.find(view), (kind, style.__name__, defect.name)


@pytest.mark.parametrize("defect, kind", INJECTED, ids=_name)
def test_defect_is_seen_where_it_is(defect: Defect, kind: str) -> None:
    """Injected into most styles the code differs and the finding has a line of the file."""
    seen = 0
    for number in range(6):
        view, clean = _spoiled(defect, kind, number)
        findings = defect.find(view)
        assert all(1 <= finding.line <= len(view.lines) for finding in findings)
        seen += bool(findings) and (view.code != clean or defect.name == "long_lines")
    assert seen >= (2 if kind in {"frontend", "tests"} else 3)


@pytest.mark.parametrize(
    ("defect", "kind"), [x for x in INJECTED if x[0].name in MENDABLE], ids=_name
)
def test_defect_is_fixed(defect: Defect, kind: str) -> None:
    """Mending leaves code that parses and in which the defect is not seen any more."""
    for number in range(12):
        view, clean = _spoiled(defect, kind, number)
        if view.code == clean or not defect.find(view):
            continue
        fixed = View.of(defect.fix(view), kind, view.shape)
        assert fixed.error is None
        assert not defect.find(fixed)


@pytest.mark.parametrize("number", range(2))
def test_bad_annotation_fails_in_fastapi(written: WrittenApp, number: int) -> None:
    """The defect is the one of the experiment: FastAPIError at import, in every style."""
    from fastapi.exceptions import FastAPIError

    shape = shape_of(STUDENT)
    code = STYLES["backend"][number](shape)
    spoiled = BY_NAME["bad_return_annotation"].inject(code, shape, _draws(0))
    with pytest.raises(FastAPIError, match="Invalid args for response field"):
        written.client(shape, STYLES["database"][0](shape), spoiled)
    view = View.of(spoiled, "backend", shape)
    client = written.client(
        shape, STYLES["database"][0](shape), BY_NAME["bad_return_annotation"].fix(view)
    )
    assert client.get("/students/1").status_code == 404


@pytest.mark.parametrize("number", range(2))
def test_swallowed_404_answers_500(written: WrittenApp, number: int) -> None:
    """The defect is the one of the experiment: 500 where 404 is due, and the rest still works."""
    shape = shape_of(STUDENT)
    schema = STYLES["database"][0](shape)
    code = STYLES["backend"][number](shape)
    spoiled = BY_NAME["swallowed_404"].inject(code, shape, _draws(0))
    client = written.client(shape, schema, spoiled)
    assert client.post("/students", json={"name": "Ada"}).status_code == 201
    assert client.get("/students/1").status_code == 200
    assert client.get("/students/9").status_code == 500
    fixed = BY_NAME["swallowed_404"].fix(View.of(spoiled, "backend", shape))
    assert written.client(shape, schema, fixed).get("/students/9").status_code == 404


@pytest.mark.parametrize("number", range(2))
def test_optional_fields_accept_an_empty_body(written: WrittenApp, number: int) -> None:
    """With every field Optional the API no longer answers 422; fixed it does."""
    shape = shape_of(STUDENT)
    schema = STYLES["database"][0](shape)
    spoiled = BY_NAME["all_optional"].inject(STYLES["backend"][number](shape), shape, _draws(0))
    assert written.client(shape, schema, spoiled).post("/students", json={}).status_code != 422
    fixed = BY_NAME["all_optional"].fix(View.of(spoiled, "backend", shape))
    assert written.client(shape, schema, fixed).post("/students", json={}).status_code == 422


def test_other_code_than_the_writers_is_judged_too() -> None:
    """Optional fields and a swallowed 404 are found in code of another hand, patches are not."""
    shape = shape_of(STUDENT)
    code = (
        "from typing import Optional\nfrom fastapi import APIRouter, HTTPException\n"
        "from pydantic import BaseModel\n\nrouter = APIRouter()\n\n\n"
        "class Payload(BaseModel):\n    name: str | None = None\n\n\n"
        "class StudentPatch(BaseModel):\n    name: Optional[str] = None\n\n\n"
        '@router.get("/students/{student_id}")\nasync def one(student_id: int):\n'
        "    try:\n        raise HTTPException(404)\n    except:\n"
        "        raise HTTPException(500)\n"
    )
    view = View.of(code, "backend", shape)
    assert [f.line for f in BY_NAME["all_optional"].find(view)] == [9]
    assert [f.line for f in BY_NAME["swallowed_404"].find(view)] == [20]
    assert "    name: str\n" in BY_NAME["all_optional"].fix(view)
    messages = [finding.message for finding in BY_NAME["contract"].find(view)]
    assert [m for m in messages if m.startswith("The route POST /students")]


@pytest.mark.parametrize(
    ("orders", "name", "rate"),
    [(OPTIONAL, "all_optional", 1.0), (ORDERS, "all_optional", 0.0), ("", "all_optional", 0.0),
     (ORDERS, "unknown_target", 0.1), ("", "unknown_target", 1.0)],
)  # fmt: skip
def test_the_prompt_decides_what_the_source_had_from_its_prompt(
    orders: str, name: str, rate: float
) -> None:
    """Optional fields come from an order alone, and checks of ids are left out unless asked for."""
    drafts = [
        present_in("backend", _draws(number), chances(orders=orders)) for number in range(500)
    ]
    share = sum(name in {defect.name for defect in drawn} for drawn in drafts) / len(drafts)
    assert share == pytest.approx(rate, abs=0.04 if 0 < rate < 1 else 0.0)


def test_no_standard_of_the_generator_orders_a_defect() -> None:
    """Full or short, its backend standard asks for the check of ids and never for Optional."""
    for path in ("backend.md", "compressed/backend.md"):
        orders = (STANDARDS / path).read_text(encoding="utf-8")
        assert not BY_NAME["all_optional"].is_ordered(orders)
        assert BY_NAME["unknown_target"].rate("backend", orders) == 0.1


@pytest.mark.parametrize("number", range(2))
def test_an_unknown_target_is_stored(written: WrittenApp, number: int) -> None:
    """The defect is the one of the experiment, where no foreign key holds; fixed it is a 422."""
    shape = shape_of({**COURSE, "rules": []})
    schema = re.sub(r"\s*REFERENCES \w+ ?\(id\)[A-Z ]*", "", STYLES["database"][0](shape))
    defect = BY_NAME["unknown_target"]
    code = STYLES["backend"][number](defect.misread(shape, _draws(0)))
    for body in ({"name": "A", "teacher_id": 99}, {"name": "A", "student_ids": [99]}):
        assert written.client(shape, schema, code).post("/courses", json=body).status_code == 201
        fixed = defect.fix(View.of(code, "backend", shape)) or STYLES["backend"][number](shape)
        assert written.client(shape, schema, fixed).post("/courses", json=body).status_code == 422


@pytest.mark.parametrize("kind", KINDS)
def test_rates_are_the_documented_ones(kind: str) -> None:
    """Over 3,000 drafts every defect strikes as often as it says, within four deviations."""
    trials = 3000
    counted = dict.fromkeys((d.name for d in DEFECTS), 0)
    for number in range(trials):
        for defect in present_in(kind, _draws(number), chances()):
            counted[defect.name] += 1
    for defect in DEFECTS:
        rate = defect.rates.get(kind, 0.0)
        margin = 4 * (rate * (1 - rate) / trials) ** 0.5
        assert abs(counted[defect.name] / trials - rate) <= margin, defect.name


def test_multiplier_scales_and_clips() -> None:
    """0 writes clean code, 2 doubles the rates, none passes 1; more only ever adds defects."""
    for number in range(200):
        draws = _draws(number)
        assert present_in("backend", draws, chances(0.0)) == ()
        once = {defect.name for defect in present_in("backend", draws, chances(1.0))}
        twice = {defect.name for defect in present_in("backend", draws, chances(2.0))}
        assert once <= twice
    always = {defect.name for defect in present_in("backend", _draws(0), chances(1000.0))}
    assert always == {d.name for d in DEFECTS if d.rates.get("backend")}


def test_named_issue_is_fixed_nine_times_of_ten() -> None:
    """In another try a named defect stays with one in ten, whatever its own rate; others not."""
    trials = 2000
    stays = sum(
        "all_optional"
        in {d.name for d in present_in("backend", _draws(n), chances(named={"all_optional"}))}
        for n in range(trials)
    )
    assert 0.08 < stays / trials < 0.12


@pytest.mark.parametrize(
    "issue, name",
    [
        ("The file does not parse: expected ':' (line 3)", "does_not_parse"),
        ("SyntaxError: invalid syntax", "does_not_parse"),
        ("name is declared Optional although it is required", "all_optional"),
        ("FastAPI: Invalid args for response field", "bad_return_annotation"),
        ("A broad except answers 500 where 404 is due", "swallowed_404"),
        ("Business rule is not enforced: level must be one of a, b", "missing_rule"),
        ("F401 'os' imported but unused", "unused_imports"),
        ("line 404: 500 is an odd name", None),
        ("Please choose friendlier variable names", None),
    ],
)
def test_issue_words_name_a_defect(issue: str, name: str | None) -> None:
    """Issues in anyone's words are understood, remarks of taste are about no defect."""
    found = named_in(issue, "backend")
    assert (found.name if found else None) == name


def test_own_messages_name_their_defect() -> None:
    """What the reviewer says about a defect is understood as that defect in a retry."""
    for defect, kind in INJECTED:
        for number in range(4):
            view, _ = _spoiled(defect, kind, number)
            for finding in defect.find(view):
                found = named_in(finding.message, kind)
                assert found is defect, (finding.message, found and found.name)


def test_missing_rule_lets_the_rule_be_broken(written: WrittenApp) -> None:
    """A misread rule is not enforced, and the patch puts it into POST and PUT."""
    shape = shape_of({**COURSE, "relations": []})
    defect = BY_NAME["missing_rule"]
    for number in (0, 1):
        kept = (n for n in range(50) if shape.rules[1] in defect.misread(shape, _draws(n)).rules)
        draws = _draws(next(kept))
        code = STYLES["backend"][number](defect.misread(shape, draws))
        body = {"name": "A", "level": "other"}
        schema = STYLES["database"][0](shape)
        assert written.client(shape, schema, code).post("/courses", json=body).status_code == 201
        fixed = defect.fix(View.of(code, "backend", shape))
        client = written.client(shape, schema, fixed)
        assert client.post("/courses", json=body).status_code == 422
        assert client.post("/courses", json=body | {"level": "beginner"}).status_code == 201


@pytest.mark.parametrize("number", range(2))
def test_a_forgotten_404_answers_500(written: WrittenApp, number: int) -> None:
    """A scenario may set its rate; the file says nothing of 404, and an unknown id is a 500."""
    shape = shape_of(STUDENT)
    code = BY_NAME["no_404"].inject(STYLES["backend"][number](shape), shape, _draws(0))
    assert "404" not in code
    client = written.client(shape, STYLES["database"][0](shape), code)
    assert client.post("/students", json={"name": "Ada"}).status_code == 201
    assert client.get("/students/1").status_code == 200
    assert client.get("/students/9").status_code == 500
    forgetful = Chances(1.0, {"no_404": 1.0}, ORDERS)
    assert "no_404" in {defect.name for defect in present_in("backend", _draws(0), forgetful)}
