"""Peak memory of a run by its number of series: `python tests/benchmarks/series_memory.py 8 9 10`.

Each argument is a number of flags, the run has all their combinations. The last column is the
growth over the run before, above that of two series: 2 for twice as many series is linear.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "examples"))

_SUBJECT = """
from tiny import write

async def run(requests, flags, client, **more):
    return await write(requests, {}, client, **more)
"""


def peak_mib(flags: int) -> float:
    """The peak resident memory of pytest's process, in MiB."""
    # A child's peak is the largest of all children so far, so each run has its own parent.
    words = [sys.executable, __file__, "--one", str(flags)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def _run(flags: int) -> None:
    from house import House
    from scripted_provider import scripted_provider

    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        house.scenario_file.parent.mkdir()
        (house.path / "subjects").mkdir()
        (house.path / "subjects" / "deaf.py").write_text(_SUBJECT)
        sys.path.insert(0, str(house.path / "subjects"))
        factors = ", ".join(f"flag_{place}: {{env: FLAG_{place}}}" for place in range(flags))
        house.write(
            "title: t\nabout: a\nsubject: deaf.run\nrequests: [a function that says hello]\n"
            f"trials: 1\nfactors: {{{factors}}}\ndesign: named\ncombinations: [none]\n"
        )
        with scripted_provider() as provider:
            house.record(provider.base_url)
        text = house.scenario_file.read_text()
        house.write(re.sub("design: .*\ncombinations: .*\n", "", text))
        inherited = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([str(ROOT / "tests" / "examples"), str(house.path / "subjects")])
        words = [sys.executable, "-m", "pytest", "scenarios", "-q", "-q", "-p", "no:xdist"]
        subprocess.run(
            [*words, "--flagbench-scenarios=scenarios", "--flagbench-accept-baselines"],
            cwd=house.path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, [inherited]), path])},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)  # noqa: T201


def main(arguments: list[str]) -> None:
    """Print a line for each number of flags."""
    if arguments[0] == "--one":
        _run(int(arguments[1]))
        return
    least = peak_mib(1)
    before = 0.0
    for flags in map(int, arguments):
        peak = peak_mib(flags)
        growth = f"{(peak - least) / before:5.1f}" if before else ""
        print(f"{2**flags:6} series {peak:7.0f} MiB {growth}")  # noqa: T201
        before = peak - least


if __name__ == "__main__":
    main(sys.argv[1:])
