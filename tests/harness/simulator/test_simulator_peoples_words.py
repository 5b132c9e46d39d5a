"""Requests as people write them: what the simulated reader makes of them, or that it asks back."""

import json
from pathlib import Path
from typing import Any

import pytest

from flagbench.scenario import loading
from flagbench.simulator.crud.recognition import (
    GUESSED,
    LITERAL,
    in_plain_words,
    recognise,
    recognition_answer,
)
from flagbench.simulator.rng import Rng

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"

READ = [
    ("I need an app to track invoices with line items. Each line item has a note and a price.",
     "Create invoices with line items, each with a note and a price."),
    ("Members have a name, an email (no duplicates please!), and if they are still active or not.",
     "Members have a name, an email (unique), and active (boolean)."),
    ("Members have a name and the date they joined",
     "Members have a name and a date joined (date)"),
    ("Recipes have many ingredients; an ingredient has a name and an amount.",
     "Create Recipes with ingredients, each with a name and an amount."),
    ("Build a booking system for a hair salon. A booking has a name.",
     "Create booking with a name."),
    ("Crie um aluno com nome e matrícula único", "Crie um aluno com nome e matrícula (unique)"),
    ("Crie um aluno com e-mail sem repetir", "Crie um aluno com e-mail (unique)"),
    ("Pedidos têm um nome e vários itens; cada item tem um preço.",
     "Crie Pedidos com um nome e itens, cada um com um preço."),
    ("Recipes have many ingredients; a cook has a name.",
     "Recipes have many ingredients; a cook has a name."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "plain"), READ)
def test_people_are_read_in_plain_words(words: str, plain: str) -> None:
    """Constraints, types and rows in words that the other patterns know."""
    assert in_plain_words(words) == plain


def test_other_requests_are_read_as_they_are() -> None:
    """Byte for byte: the cassettes of the other scenarios have those answers."""
    names = {path.stem for path in SCENARIOS.glob("*.yaml")} - {"claims", "in-peoples-words"}
    scenarios = [loading.load(SCENARIOS / f"{name}.yaml") for name in sorted(names)]
    requests = {request for one in scenarios if "crud" in one.subject for request in one.requests}
    assert len(requests) > 30
    assert {request for request in requests if in_plain_words(request) != request} == set()


def answers(request: str, multiplier: float) -> list[dict[str, Any]]:
    """A thousand answers to a request."""
    return [
        json.loads(recognition_answer(request, "", Rng.of(0, {"model": "m"}, trial, 0), multiplier))
        for trial in range(1000)
    ]


def test_rates_are_the_documented_ones() -> None:
    """How often chatty words are taken literally, and an entity is guessed; never without slips."""
    chatty = "Create a member with a name and an email (no duplicates please!)"
    literal = sum(not answer["rules"] for answer in answers(chatty, 1))
    assert literal / 1000 == pytest.approx(LITERAL + 0.03, abs=0.03)
    nonsense = "colourless green ideas sleep furiously"
    guessed = sum("entity" in answer for answer in answers(nonsense, 1))
    assert guessed / 1000 == pytest.approx(GUESSED, abs=0.04)
    assert all("error" in answer for answer in answers(nonsense, 0))
    assert all(answer["rules"] for answer in answers(chatty, 0))


def test_what_is_read_is_what_was_meant() -> None:
    """A unique email, a boolean, a date and rows of an invoice's own."""
    found = recognise(in_plain_words(READ[1][0]))
    assert found["rules"] == ["email must be unique"]
    assert "'type': 'boolean'" in str(found["attributes"])
