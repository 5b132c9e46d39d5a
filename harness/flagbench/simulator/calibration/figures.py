"""Figures: what was measured of gpt-4o-mini, and whether the provider claims to be alike.

Sources are counts in the public experiment `gesad-lab/baes_berk_20251103`: 600 route modules of its
own generator (BAES), applications of ChatDev and ghspec, raw completions of ghspec. An interval is
the 95 % one of Clopper and Pearson, the rule of three where nothing or everything was counted, the
spread between requests, or +-10 % where only a mean is known.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flagbench.simulator.calibration import measures
from flagbench.simulator.calibration.questions import EXPERIMENT_ORDERS, SHIPPED_ORDERS
from flagbench.simulator.calibration.samples import Samples


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure. `real` and the interval from `low` to `high` have the unit of `measure`.

    A figure that is not `calibrated` is shown beside the source, and `note` says why it differs.
    """

    name: str
    real: str
    low: float
    high: float
    source: str
    measure: Callable[[Samples], float]
    note: str = ""
    calibrated: bool = True


_BAES, _CHATDEV_GHSPEC = "BAES, 600 modules", "ChatDev 225, ghspec 30 applications"
_GHSPEC = "ghspec, 4,185 completions"
_PROMPT = "ordered by its prompt"

FIGURES: tuple[Figure, ...] = (
    Figure("routes that cannot be imported, %", "6.8 (41 of 600)", 4.9, 9.2, _BAES,
           lambda s: measures.with_defect(s.shipped, "bad_return_annotation")),
    Figure("routes that answer 500 for 404, %", "5.0 (30 of 600)", 3.4, 7.1, _BAES,
           lambda s: measures.with_defect(s.shipped, "swallowed_404"),
           "its prompt ordered an except for everything, ours forbids it: at most this"),
    Figure("routes that break path or status, %", "0 of 600", 0, 0.5, _BAES,
           lambda s: measures.with_defect(s.shipped, "contract")),
    Figure("routes that accept {}, %", "0 of 255", 0, 1.2, _CHATDEV_GHSPEC,
           lambda s: measures.with_defect(s.shipped, "all_optional")),
    Figure("the same where the prompt orders Optional, %", "600 of 600", 99.5, 100, _BAES,
           lambda s: measures.with_defect(s.experiment, "all_optional"), _PROMPT),
    Figure("unknown ids stored where no check is asked for, %", "200 of 200", 98.5, 100,
           "BAES, 200 modules with a relation", lambda s: measures.unchecked(s.experiment)),
    Figure("plural made one id where the prompt orders an id, %", "100 of 100", 97, 100,
           "BAES, request 4", lambda s: measures.made_single(s, EXPERIMENT_ORDERS), _PROMPT),
    Figure("attribute lost that the specification lacks, %", "100 of 100", 97, 100,
           "BAES, request 6", lambda s: measures.without_level(s.lost),
           "its prompt: only the attributes given; 0 of 500 elsewhere"),
    Figure("routes that do not parse, %", "0 of 600", 0, 0.5, _BAES,
           lambda s: measures.unparsed(s.shipped)),
    Figure("other files that do not parse, %", "1.9 (66 of 3,386)", 1.5, 2.5,
           "ghspec, .py files without their fence", lambda s: measures.unparsed(s.other_files)),
    Figure("answers in a fence, %", "75.0 and 73.9", 72.5, 77.2,
           "ghspec, 1,500 and 4,185 completions", lambda s: measures.fenced(s.raw)),
    Figure("prose before the fence, % of fenced", "17", 14, 20, _GHSPEC,
           lambda s: measures.prose(s.raw, before=True)),
    Figure("prose after the fence, % of fenced", "7", 5, 9, _GHSPEC,
           lambda s: measures.prose(s.raw, before=False)),
    Figure("answers without final newline, %", "100 (W292); raw 94.6", 94.6, 100,
           "BAES; ghspec", lambda s: measures.unended(s.raw)),
    Figure("E302 per 1,000 lines of routes", "58.3", 52.5, 64.1, _BAES,
           lambda s: measures.per_1000_lines(s.shipped, "E302")),
    Figure("E501 per 1,000 lines of routes", "51.2", 46.1, 56.3, _BAES,
           lambda s: measures.per_1000_lines(s.shipped, "E501"),
           "its standard ordered 100 columns, ours orders 79: at most this"),
    Figure("F401 per 1,000 lines of routes", "19.4", 17.5, 21.3, _BAES,
           lambda s: measures.per_1000_lines(s.shipped, "F401")),
    Figure("routes with each of the three, %", "600 of 600", 99.5, 100, _BAES,
           lambda s: measures.dirty(s.shipped)),
    Figure("routes with a docstring on every function, %", "600 of 600", 99.5, 100, _BAES,
           lambda s: measures.documented(s.shipped)),
    Figure("routes that log, %", "600 of 600", 99.5, 100, _BAES,
           lambda s: measures.logging(s.shipped)),
    Figure("distinct of 100 answers, temperature 0", "30 (15 to 56)", 15, 56, _BAES,
           measures.distinct),
    Figure("commonest of 100 answers, temperature 0", "20 to 35", 20, 35, _BAES,
           measures.commonest),
    Figure("seconds of 500 tokens, median", "11.06; ghspec 10.83", 10.6, 11.3,
           "11,829 calls; 5,985 pairs", measures.seconds_of_500_tokens),
    Figure("calls over twice the line, %", "0.80 and 0.89", 0.6, 1.2, "9,422 calls; 5,985 pairs",
           lambda s: measures.slower_than(s, 2)),
    Figure("calls over three times the line, %", "0.20 and 0.15", 0.1, 0.3,
           "9,422 calls; 5,985 pairs", lambda s: measures.slower_than(s, 3)),
    Figure("plural made one id under the shipped prompt, %", "not known", 0, 100, "",
           lambda s: measures.made_single(s, SHIPPED_ORDERS), "assumption: 1 %", calibrated=False),
    Figure("unknown ids stored where the check is asked for, %", "not known", 0, 100, "",
           lambda s: measures.unchecked(s.shipped), "assumption: 10 %", calibrated=False),
    Figure("lines of a routes module, median", "154 (147 to 163)", 147, 163, _BAES,
           lambda s: measures.lines(s.shipped),
           "about 50 of the 154 are an own context manager and, in each handler, an except with "
           "rollback, log and 500; these and Google docstrings are ordered there, not here",
           calibrated=False),
    Figure("tokens of a routes module, mean", "1,142", 1028, 1256, _BAES, measures.tokens,
           "as the lines", calibrated=False),
    Figure("routes with the connection by Depends, %", "0 of 600", 0, 0.5, _BAES,
           lambda s: measures.injected(s.shipped), "ordered by our prompt", calibrated=False),
    Figure("similarity of distinct answers, temperature 0", "0.98 to 0.99", 0.98, 0.99, _BAES,
           measures.similarity,
           "the provider has two styles at any temperature; ChatDev has 0.43", calibrated=False),
)  # fmt: skip
"""Every figure, those that are not calibrated last."""
