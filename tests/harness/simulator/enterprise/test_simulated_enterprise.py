"""The simulated model of enterprise backends: what it reads, writes, forgets and gets wrong."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import flagbench.simulator.enterprise as package
from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.enterprise.answer import MISSING, SHORT_FENCE
from flagbench.simulator.enterprise.drafting import render
from flagbench.simulator.enterprise.order import KINDS, Order, order_in
from flagbench.simulator.enterprise.slips import SHOWN, SLIPS, UNSTATED, Slip
from flagbench.simulator.prompt_parser import split_sections
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

README = (Path(package.__file__).parent / "README.md").read_text(encoding="utf-8")
CORE = ("core/config/settings.py", "core/models/models.py", "core/services/services.py")
STATED = "8000 API_USERS http_requests_total /api/v1 replicas core.models.models core.main"


def _brief(framework: str = "FastAPI", *compliance: str) -> str:
    document = {
        "name": "shop",
        "tech_stack": {
            "language": "JavaScript" if framework == "Express" else "Python",
            "framework": framework,
        },
        "system_design": {"scale": "enterprise", "deployment": "kubernetes"},
        "compliance": list(compliance),
        "person": "customers",
        "sensitive": {"customers": ["name"]},
        "entities": {
            "Customer": {"table": "customers", "fields": {"name": "text", "email": "email"}},
            "Payment": {"table": "payments", "fields": {"amount": "number", "status": "text"}},
            "Order": {"table": "orders", "fields": {"customer_id": "customers", "paid": "boolean"}},
        },
    }
    return yaml.safe_dump(document, sort_keys=False)


def _prompt(*paths: str, more: str = "", brief: str = "") -> str:
    listed = "\n".join(f"- {path}: a file" for path in paths)
    material = f"# Components\n\n{listed}\n\n# Brief\n\n```yaml\n{brief or _brief()}```\n\n{more}"
    return f"{material}# Task\n\nWrite."


def _order(*paths: str, more: str = "", brief: str = "") -> Order:
    text = _prompt(*paths, more=more, brief=brief)
    order = order_in(split_sections(text), text + STATED, ())
    assert order is not None
    return order


def _answer(text: str, trial: int = 1, **settings: Any) -> str:
    provider = SimulatedProvider(ProviderSettings(**settings), len)
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}
    return str(provider.answer(body, trial).body["choices"][0]["message"]["content"])


def _orders(*frameworks: str) -> list[Order]:
    return [
        _order(*CORE, brief=_brief(framework, *compliance))
        for framework in frameworks
        for compliance in ((), ("GDPR",), ("HIPAA",), ("SOX",))
    ]


ORDERS = {"python": _orders("FastAPI", "Flask", "Django"), "javascript": _orders("Express")}


def test_the_table_says_what_the_code_does() -> None:
    """Every slip has its row with all rates; the constants stand in the text."""
    for slip in SLIPS:
        rates = ", ".join(f"{kind} {rate:g}" for kind, rate in slip.rates.items())
        cue = "yes" if slip.cue else "no"
        assert f"| `{slip.name}` | {rates} | {cue} | {slip.source} |" in README
        assert set(slip.rates) <= set(KINDS)
    for value in (MISSING, SHORT_FENCE, SHOWN, UNSTATED):
        assert f"{value:g}" in README


def test_several_files_come_under_their_paths_and_one_alone() -> None:
    """The batched form has a heading and a fence for each file, the single form one fence."""
    several = _answer(_prompt(*CORE), defects=0)
    assert re.findall(r"(?m)^### (\S+)$", several) == list(CORE)
    assert several.count("```") == 2 * len(CORE)
    assert _answer(_prompt(CORE[0]), defects=0, fences=1).count("```python") == 1


def test_neighbours_and_context_change_no_file() -> None:
    """A file is the same alone, in a batch, and with another context."""
    more = "# Context\n\n`core/config/settings.py`:\n\n```\nsettings\n```\n\n"
    alone = _answer(_prompt(CORE[1]), fences=1)
    text = alone[alone.index("```python\n") + 10 :].partition("\n```")[0]
    assert text in _answer(_prompt(*CORE[:2]))
    assert text in _answer(_prompt(*CORE[:2], more=more))


def test_files_are_missing_from_batches_at_the_documented_rate() -> None:
    """The first file is always there, each other one but for 4 %."""
    answers = [_answer(_prompt(*CORE), trial) for trial in range(1, 301)]
    assert all(f"### {CORE[0]}" in answer for answer in answers)
    missing = sum(f"### {path}" not in answer for answer in answers for path in CORE[1:])
    assert 0.02 < missing / 600 < 0.065


def test_a_document_outlasts_its_fences() -> None:
    """A document with fences is in a longer one, unless that slips."""
    text = _answer(_prompt("docs/README.md"), defects=0, fences=1)
    assert re.search(r"(?m)^`{4,}markdown$", text)


@pytest.mark.parametrize("language", ORDERS)
@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_slip_changes_a_file(slip: Slip, language: str) -> None:
    """Each slip changes the text of every kind that it strikes, in at least one project."""
    for kind in slip.rates:
        assert any(
            _written(kind, order, slip) != _written(kind, order, None) for order in ORDERS[language]
        ), kind


def _written(kind: str, order: Order, slip: Slip | None) -> list[str]:
    """The file in several looks; one slip alone, or none."""
    draws = [Rng.of(number, {}, 1, 1) for number in range(6)]
    return [render(kind, order, [slip] if slip else [], numbers) for numbers in draws]


def test_what_a_prompt_states_makes_slips_rarer() -> None:
    """The port is wrong most often where nothing states it, and least where a file shows it."""
    (port,) = [slip for slip in SLIPS if slip.name == "other_port"]
    path = "infrastructure/docker/Dockerfile"
    shown = _order(path, more="# Context\n\n`core/config/settings.py`:\n\n```\nPORT 8000\n```\n\n")
    text = _prompt(path)
    silent = order_in(split_sections(text), text, ())
    assert silent is not None
    rates = [port.rate("dockerfile", order) for order in (shown, _order(path), silent)]
    assert rates == sorted(rates)
    assert rates[0] < rates[1] < rates[2]
