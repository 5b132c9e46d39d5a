"""Pages of earlier runs, so that a run that measures the same renders nothing.

A page and its table stand under the digest of all that they are made of: the files for programs
that every run writes, what none of these has, the stored runs, and the installation. The lines of
the page that say how a run went are made for each.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from itertools import accumulate

from flagbench.checked_rows import CheckedRows
from flagbench.measurement.results import CELLS_FILE
from flagbench.report import history
from flagbench.report.content import Claims
from flagbench.report.data import json_files, series_file
from flagbench.report.html.how_it_ran import how_it_ran
from flagbench.report.rendered import Rendered
from flagbench.report.series_report import RunReport
from flagbench.report.unused_files import Unused
from flagbench.run.options import Options
from flagbench.series.known_cells.file_digests import FileDigests, installation

FILE_NAME = "pages.sqlite"
_BOUND_BYTES = 64 << 20
_WRITTEN = (CELLS_FILE, series_file.FILE, json_files.SUMMARY_FILE)


class KeptPages:
    """The page of a run whose files for programs and whose history are written.

    With `--fresh` or without a folder for proofs, and while the installation is being changed,
    nothing is kept or taken.
    """

    def __init__(self, report: RunReport, unused: Unused, options: Options) -> None:
        folder = None if options.replay_all else options.proofs
        self._rows = CheckedRows(folder / FILE_NAME if folder else None, "pages", _BOUND_BYTES)
        self._how_it_ran = how_it_ran(report)
        digest, is_settled = installation() if folder else ("", False)
        self._key = ""
        if is_settled:
            text = "\n".join((digest, *_inputs(report, unused, options)))
            self._key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def find(self) -> Rendered | None:
        """The page with the lines of this run, if it is known."""
        row = self._rows.get([self._key]).get(self._key) if self._key else None
        if row is None:
            return None
        head, _, packed = row.partition(b"\n")
        known, content = json.loads(head), zlib.decompress(packed)
        before, after, end = known["ends"]
        page = content[:before] + self._how_it_ran.encode() + content[before:after]
        claims = Claims(**known["claims"]) if known["claims"] else None
        return Rendered(page.decode(), content[after:end], claims)

    def keep(self, made: Rendered) -> None:
        """Keep a page that was made for this run."""
        if not self._key:
            return
        before, _, after = made.page.partition(self._how_it_ran)
        parts = [
            *(text.encode("utf-8", "backslashreplace") for text in (before, after)),
            made.table,
        ]
        ends = list(accumulate(map(len, parts)))
        claims = made.claims and {
            "counts": made.claims.counts, "columns": made.claims.columns, "rows": made.claims.rows,
        }  # fmt: skip
        head = json.dumps({"ends": ends, "claims": claims}).encode()
        self._rows.put({self._key: head + b"\n" + zlib.compress(b"".join(parts), 1)})
        self._rows.trim()


def _inputs(report: RunReport, unused: Unused, options: Options) -> Iterator[str]:
    """The inputs of a page beside the installation."""
    digests = FileDigests()
    stored = [history.path_of(options, name) for name in report.by_scenario()]
    for path in (*(options.latest / name for name in _WRITTEN), *stored):
        yield f"{path.name} {digests.of_file(str(path))}"
    yield repr((options.counterfactual, unused))
    yield from (repr((series.place, series.declared)) for series in report.series)
