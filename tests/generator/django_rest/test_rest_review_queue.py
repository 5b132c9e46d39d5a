"""The desk: what the score decides, and when the person comes."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from review_examples import BROKEN, GOOD, WITHOUT_NOTE, Attentive, job, rules
from scripted import Heard, run

from flagbench_generators.django_rest.review_queue import HumanReviewer, ReviewQueue
from flagbench_generators.django_rest.simulated_reviewer import SimulatedReviewer
from flagbench_generators.kernel import events
from flagbench_generators.kernel.review import Review

KINDS = ("models", "serializers", "views")


def desk(
    folder: Path, person: HumanReviewer, threshold: float | None = None, *, batch: bool
) -> ReviewQueue:
    """A desk with the example's rules for every kind."""
    return ReviewQueue(
        dict.fromkeys(KINDS, rules(folder)), threshold, batch, defers=True, person=person
    )


def test_from_the_threshold_on_nobody_is_asked(tmp_path: Path) -> None:
    """The score and the layer that cost it are told."""
    person, heard = Attentive(), Heard()
    at = desk(tmp_path, person, threshold=0.95, batch=False)
    verdict, seconds = run(at(job(), WITHOUT_NOTE, heard.trace()))
    assert (verdict, seconds, person.sittings) == (Review(approved=True), 0, [])
    assert heard.named(events.AUTO_APPROVED) == [{"kind": "models", "score": 0.9667}]
    (scored,) = heard.named(events.QUALITY_SCORED)
    assert (scored["score"], scored["cost_by"]) == (0.9667, "semantics")
    assert scored["layers"] == {
        "syntax": 1.0, "semantics": 0.8889, "practice": 1.0, "security": 1.0,
    }  # fmt: skip


def test_the_models_are_held_against_django_and_other_files_against_the_models(
    tmp_path: Path,
) -> None:
    """What a file is shown of the models may be used; what Django refuses costs the semantics."""
    at, heard = desk(tmp_path, Attentive(), batch=False), Heard()
    uses = f"{GOOD}\n\nfrom api.models import Total\n\nTotal\n"
    shown = replace(job("views"), context=(("Models module", "Total = 1\n"),))
    wrong = f"{GOOD}\n\nfrom django.db import models\n\n\nclass A(models.Model):\n    "
    wrong += "x = models.CharField()\n"
    for one, text in ((job("views"), uses), (shown, uses), (job("views"), wrong), (job(), wrong)):
        run(at(one, text, heard.trace()))
    layers = [one["layers"]["semantics"] for one in heard.named(events.QUALITY_SCORED)]
    assert layers == [0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize(("text", "threshold"), [(WITHOUT_NOTE, 0.97), (GOOD, None)])
def test_what_is_below_or_has_no_threshold_waits_for_the_person(
    tmp_path: Path, text: str, threshold: float | None
) -> None:
    """One file, one sitting."""
    person, heard = Attentive(), Heard()
    run(desk(tmp_path, person, threshold, batch=False)(job(), text, heard.trace()))
    assert person.sittings == [["models"]]
    assert heard.named(events.AUTO_APPROVED) == []


def test_one_person_takes_one_file_after_the_other(tmp_path: Path) -> None:
    """20 s to begin and half a second a line, three times: nobody sits twice at once."""
    at, heard = desk(tmp_path, SimulatedReviewer(trusts_high=False), batch=False), Heard()

    async def main() -> None:
        await asyncio.gather(*(at(job(kind), GOOD, heard.trace()) for kind in KINDS))

    lines = GOOD.count("\n")
    assert run(main())[1] == pytest.approx(3 * (20 + 0.5 * lines))
    assert [one["files"] for one in heard.named(events.PERSON_REVIEWS)] == [1, 1, 1]


def test_a_batch_waits_until_all_files_are_written(tmp_path: Path) -> None:
    """The first file lies there for 30 s; the sitting begins once and takes all three."""
    person, heard = Attentive(), Heard()
    at = desk(tmp_path, person, batch=True)

    async def main() -> float:
        at.begin_drafting()
        waiting = [asyncio.ensure_future(at(job(kind), GOOD, heard.trace())) for kind in KINDS]
        await asyncio.sleep(30)
        assert person.sittings == []
        at.end_drafting()
        await asyncio.gather(*waiting)
        return asyncio.get_running_loop().time()

    assert run(main())[0] == 30
    assert person.sittings == [list(KINDS)]


def test_what_is_mended_during_a_sitting_waits_for_the_next(tmp_path: Path) -> None:
    """A file that comes while the person reads is read after that."""
    at, heard = desk(tmp_path, SimulatedReviewer(trusts_high=False), batch=True), Heard()

    async def later() -> None:
        await asyncio.sleep(1)
        await at(job("views"), GOOD, heard.trace())

    async def main() -> None:
        at.end_drafting()
        await asyncio.gather(at(job(), GOOD, heard.trace()), later())

    run(main())
    assert [one["files"] for one in heard.named(events.PERSON_REVIEWS)] == [1, 1]


def test_the_next_request_is_written_before_it_is_reviewed(tmp_path: Path) -> None:
    """What was drafted for the last one does not count."""
    person = Attentive()
    at = desk(tmp_path, person, batch=True)

    async def main() -> None:
        at.end_drafting()
        await at(job(), GOOD, Heard().trace())
        at.begin_drafting()
        waiting = asyncio.ensure_future(at(job("views"), GOOD, Heard().trace()))
        await asyncio.sleep(5)
        assert len(person.sittings) == 1
        waiting.cancel()

    run(main())


def test_a_batch_of_high_quality_is_not_read(tmp_path: Path) -> None:
    """20 s to begin; only what is below high quality takes time, and wrong files are rejected."""
    at, heard = desk(tmp_path, SimulatedReviewer(trusts_high=True), batch=True), Heard()
    bad = GOOD.replace("Customer", "Client").replace("OrderLine", "Line")

    async def main() -> list[Review]:
        at.end_drafting()
        texts = {"models": GOOD, "serializers": bad, "views": BROKEN}
        return await asyncio.gather(
            *(at(job(kind), text, heard.trace()) for kind, text in texts.items())
        )

    verdicts, seconds = run(main())
    assert seconds == pytest.approx(20 + 0.5 * (bad.count("\n") + 1))
    assert [one.approved for one in verdicts] == [True, False, False]
    assert verdicts[1].issues == ("class Customer", "class OrderLine")
    assert verdicts[2].issues[0].startswith("does not parse")


def test_the_person_is_told_what_passed_without_them(tmp_path: Path) -> None:
    """Of this request: the next one begins anew."""
    person = Attentive()
    at = desk(tmp_path, person, threshold=0.95, batch=True)

    async def main() -> None:
        for _ in range(2):
            at.begin_drafting()
            await at(job("views"), GOOD, Heard().trace())
            at.end_drafting()
            await at(job(), BROKEN, Heard().trace())

    run(main())
    assert person.told == [["api/views.py"], ["api/views.py"]]
