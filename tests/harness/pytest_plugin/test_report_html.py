"""The page that a run leaves for people."""

import pytest
from bench import Bench


def test_a_run_leaves_the_page_beside_the_other_reports(accepted: Bench) -> None:
    """Verdict first, with every series of the tiny scenario."""
    accepted()
    text = (accepted.latest / "report.html").read_text(encoding="utf-8")
    assert "<h1>4 KEPT</h1>" in text
    assert "simulated provider (standing in for gpt-4o-mini)" in text
    for part in ("waterfall", "interactions", "timeline", "trends"):
        assert f'<section id="{part}">' in text
    for name in ("none", "short", "parallel", "all"):
        assert f'<th scope="row">{name}</th>' in text
    assert str(accepted.house.path) not in text


@pytest.mark.thorough
def test_the_page_is_the_same_bytes_however_it_is_run(accepted: Bench) -> None:
    """In this process, and in two others under another hash seed."""
    accepted()
    first = (accepted.latest / "report.html").read_bytes()
    ended = accepted.apart("scenarios", "-q", "-n", "2", PYTHONHASHSEED="4242")
    assert ended.returncode == 0, ended.stdout
    assert (accepted.latest / "report.html").read_bytes() == first
