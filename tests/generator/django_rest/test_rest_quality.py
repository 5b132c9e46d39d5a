"""The score of a file: what each layer finds, and what it costs."""

from pathlib import Path

import pytest
from review_examples import BROKEN, GOOD, SHOP, WITHOUT_NOTE, rules

from flagbench_generators.django_rest.quality import WEIGHTS, Quality, assess


@pytest.fixture
def assessed(tmp_path: Path):
    """Assesses a text by the example's rules."""
    book = rules(tmp_path)
    return lambda text: assess(text, book, SHOP)


def scores(quality: Quality) -> dict[str, float]:
    """Layer -> score."""
    return {one.name: one.score for one in quality.layers}


def test_the_weights_are_whole() -> None:
    """A faultless file scores 1."""
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)


def test_a_faultless_file(assessed) -> None:
    """All layers at 1, no issue, nothing that cost."""
    quality = assessed(GOOD)
    assert (quality.score, quality.issues, quality.worst, quality.errors) == (1.0, (), "", ())


@pytest.mark.parametrize(
    ("text", "told"), [(BROKEN, "does not parse: line 1"), ("\n", "does not parse: the file is")]
)
def test_what_does_not_parse_scores_nothing(assessed, text: str, told: str) -> None:
    """No other layer is asked."""
    quality = assessed(text)
    assert quality.score == 0.0
    assert quality.errors[0].startswith(told)
    assert set(scores(quality).values()) == {0.0}


def test_a_missing_part_costs_its_share_of_the_weights(assessed) -> None:
    """Two classes of weight 3, three fields of weight 1: one field is a ninth of the layer."""
    quality = assessed(WITHOUT_NOTE)
    assert scores(quality)["semantics"] == pytest.approx(8 / 9)
    assert quality.issues == ("Customer has no note",)
    assert quality.score == pytest.approx(1 - 0.3 / 9, abs=1e-4)
    assert quality.worst == "semantics"


def test_a_sure_defect_takes_the_whole_layer(assessed) -> None:
    """A forbidden pattern of high confidence; one of low confidence is only told."""
    sure = assessed(GOOD + "\neval('1')\n")
    assert scores(sure)["semantics"] == 0.0
    assert "no eval" in sure.issues
    doubtful = assessed(GOOD + "\nodd = 1\n")
    assert scores(doubtful)["semantics"] == 1.0
    assert doubtful.issues == ("is odd",)


def test_a_name_that_nobody_defines_takes_it_too(assessed) -> None:
    """It is a NameError when the file runs."""
    quality = assessed(GOOD + "\nx = Missing\n")
    assert scores(quality)["semantics"] == 0.0
    assert quality.issues == ("line 12: undefined name 'Missing'",)


def test_a_name_that_another_file_lacks_takes_it_too(tmp_path: Path) -> None:
    """What the file of models has beyond the ERD counts as there."""
    text = GOOD + "\n\nfrom api.models import Total\n\nTotal\n"
    quality = assess(text, rules(tmp_path), SHOP)
    assert scores(quality)["semantics"] == 0.0
    assert quality.issues == ("line 13: api.models has no Total",)
    assert assess(text, rules(tmp_path), SHOP, models="Total = 1").issues == ()


def test_so_does_what_django_has_against_the_models(tmp_path: Path) -> None:
    """Of the file of models; another one is not asked for models."""
    text = GOOD + "\n\nfrom django.db.models import CharField, Model\n\n\n"
    text += "class Note(Model):\n    text = CharField()\n"
    quality = assess(text, rules(tmp_path), SHOP, is_models=True)
    assert scores(quality)["semantics"] == 0.0
    assert "line 17: Note.text: CharFields must define a 'max_length'" in quality.issues[0]
    assert assess(text, rules(tmp_path), SHOP).issues == ()


def test_best_practice_is_a_layer_of_its_own(assessed) -> None:
    """A docstring is not what the ERD asks for."""
    quality = assessed(GOOD.removeprefix('"""Models."""\n'))
    assert (scores(quality)["semantics"], scores(quality)["practice"]) == (1.0, 0.0)
    assert quality.score == 0.8


@pytest.mark.parametrize(
    ("line", "score"),
    [("import hashlib\nhashlib.md5(b'a')", 0.0), ("PASSWORD = 'hunter2'", 0.9),
     ("exec('1')", 0.5)],
)  # fmt: skip
def test_bandit_finds_what_is_insecure(assessed, line: str, score: float) -> None:
    """High, low and medium severity."""
    quality = assessed(f"{GOOD}\n{line}\n")
    assert scores(quality)["security"] == pytest.approx(score)
    assert quality.worst == "security"
