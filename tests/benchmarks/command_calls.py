"""CPU time of a replayed call: through the proxy of a command, and in process.

    python tests/benchmarks/command_calls.py [CALLS]

Both are the CPU seconds of this process for a cell of CALLS calls of 4.5 kB less those for a cell
of one call, over their difference; the command's own CPU time is apart.
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

import click
from commands import command_house
from replayed import PROMPT
from scripted_provider import scripted_provider

FUNCTION = """
async def run(client, model):
    for number in range({calls}):
        await client.chat.completions.create(
            model=model, messages=[{{"role": "user", "content": f"{{number}} {prompt}"}}]
        )
"""
COMMAND = """
import http.client, urllib.parse
place = urllib.parse.urlsplit(os.environ["OPENAI_BASE_URL"])
kept = http.client.HTTPConnection(place.hostname, place.port)
for number in range({calls}):
    asked = [dict(role="user", content=f"{{number}} {prompt}")]
    body = json.dumps(dict(model="gpt-4o-mini", messages=asked))
    kept.request("POST", "/v1/chat/completions", body)
    kept.getresponse().read()
"""
_REPETITIONS = 5


def cpu_seconds(calls: int, *, is_command: bool) -> float:
    """The least CPU time of a replay of so many calls."""
    with tempfile.TemporaryDirectory() as folder, scripted_provider() as provider:
        path = Path(folder)
        subject = "" if is_command else f"subject: called_{calls}.run\n"
        house = command_house(path, COMMAND.format(calls=calls, prompt=PROMPT), subject=subject)
        (path / f"called_{calls}.py").write_text(FUNCTION.format(calls=calls, prompt=PROMPT))
        sys.path.insert(0, folder)
        house.record(provider.base_url)
        runner, scenario = house.runner().cell_runner, house.scenario
        runner.run(scenario, scenario.control, 1)
        used = [runner.run(scenario, scenario.control, 1).cpu_seconds for _ in range(_REPETITIONS)]
        sys.path.remove(folder)
        return statistics.median(used)


def main(calls: int) -> None:
    """Print the milliseconds a call of both ways."""
    for name, is_command in (("in process", False), ("through the proxy", True)):
        seconds = [cpu_seconds(count, is_command=is_command) for count in (calls, 1)]
        milliseconds = (seconds[0] - seconds[1]) / (calls - 1) * 1000
        click.echo(f"{name:18} {milliseconds:.2f} ms of CPU a call")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
