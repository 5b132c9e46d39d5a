"""`flagbench services`: which scenarios can be served."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from flagbench.cli.services import services
from flagbench.errors import InputError

SCENARIO = """\
title: Work
about: A test.
subject: optimizer
requests: ["repository: {{files: 1, seed: 1}}"]
services:
  {service}
"""


@pytest.mark.parametrize(
    ("service", "problem"),
    [
        ('weather: {base_url: "http://127.0.0.1:8931"}', "no simulated service 'weather'"),
        ('api: {base_url: "https://api.example.com"}', "not an address on loopback"),
        ('api: {base_url: "http://127.0.0.1:8931/v1"}', "not an address on loopback"),
        ("{}", "the scenario has no services"),
    ],
)
def test_what_cannot_be_served_is_named(tmp_path: Path, service: str, problem: str) -> None:
    """With the scenario and what is expected."""
    path = tmp_path / "x.yaml"
    path.write_text(SCENARIO.format(service=service))
    result = CliRunner().invoke(services, [str(path)])
    assert isinstance(result.exception, InputError)
    assert problem in str(result.exception)
