"""Interactions: a square for every pair of flags, the number in it, and the table."""

from made_cells import cell
from whole_run import run

from flagbench.analysis.attribution.design_matrix import arrange
from flagbench.analysis.attribution.effects import Attribution, attribute
from flagbench.report.sections import interactions


def attributed(tokens: dict[str, int], flags: tuple[str, ...], trials: int = 1) -> Attribution:
    """The effects of these flags, the same in every trial."""
    made = [
        cell(name, tokens=(amount,), flags=flags, trial=trial)
        for name, amount in tokens.items()
        for trial in range(1, trials + 1)
    ]
    return attribute(arrange(made))


def test_a_square_has_its_number_and_the_table_its_limits() -> None:
    """By hand: half of (350 - 900) - (400 - 1000) is 25."""
    found = attribute(arrange([each for one in run().series for each in one.cells]))
    part = interactions.part([found])
    assert part is not None
    (picture,) = part.pictures
    assert "cache and templates: +25 tokens" in picture.figure.svg
    assert ">+25<" in picture.figure.svg
    assert "opacity: 0.55" in picture.figure.svg  # the darkest, on which letters can still be read
    assert picture.behind.rows == [("cache", "templates", "+25", "n/a", "0.500")]
    assert picture.description == "The largest: cache and templates +25"


def test_what_differs_from_zero_is_bold() -> None:
    """Six trials that agree say so, two do not."""
    tokens = {"none": 9, "a": 7, "b": 6, "a+b": 1}
    few, many = (interactions.part([attributed(tokens, ("a", "b"), n)]) for n in (2, 6))
    assert few is not None
    assert many is not None
    assert "font-weight: 700" not in few.pictures[0].figure.svg
    assert "font-weight: 700" in many.pictures[0].figure.svg


def test_what_is_nothing_is_told_as_nothing() -> None:
    """Two flags that do the same whatever the other is."""
    part = interactions.part([attributed({"none": 9, "a": 7, "b": 6, "a+b": 4}, ("a", "b"))])
    assert part is not None
    assert ">0<" in part.pictures[0].figure.svg
    assert part.pictures[0].description == "No two flags interact."


def test_many_flags_have_short_numbers() -> None:
    """Eight flags leave no room for more; each name is left of its row and over its column."""
    flags = tuple("abcdefgh")
    names = {
        "+".join(flag for place, flag in enumerate(flags) if number >> place & 1) or "none": number
        for number in range(2 ** len(flags))
    }
    tokens = {name: 90_000 - 80_000 * (number & 3 == 3) for name, number in names.items()}
    part = interactions.part([attributed(tokens, flags)])
    assert part is not None
    assert ">-40k<" in part.pictures[0].figure.svg
    assert len(part.pictures[0].behind.rows) == 28
    assert part.pictures[0].figure.svg.count(">d<") == 2


def test_without_pairs_there_is_no_section() -> None:
    """Neither without a full design nor with one flag."""
    assert interactions.part([]) is None
    assert interactions.part([attributed({"none": 9, "a": 7}, ("a",))]) is None
