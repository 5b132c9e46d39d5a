"""What a proof tells."""

from flagbench.acceptance.proof import Proof, Refuted


def test_a_proof_without_a_failed_check_is_accepted() -> None:
    """Figures do not matter for that."""
    assert Proof(figures={"tests": (0, 3)}).accepted
    assert not Proof.refuted("create", "").accepted


def test_a_message_is_one_line_that_a_person_reads() -> None:
    """Blanks and line ends are one blank; of a long one the beginning stands, and a sign."""
    assert Proof.refuted("x", "a\n\n  b\tc ").message == "a b c"
    exact = "x" * 600
    assert Proof.refuted("x", exact).message == exact
    cut = Proof.refuted("x", "y" * 5_000_000).message
    assert cut == "y" * 599 + "…"


def test_figures_come_with_the_proof() -> None:
    """By name."""
    assert Proof.refuted("x", "", tests=(1, 2)).figures == {"tests": (1, 2)}


def test_a_refutation_has_its_check_and_message() -> None:
    """As it was raised."""
    raised = Refuted("boots", "no such module")
    assert (raised.check, raised.message, str(raised)) == ("boots", "no such module",
                                                           "no such module")  # fmt: skip
