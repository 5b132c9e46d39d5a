"""The report of a run links to its refuted files: served as text, and part of an export."""

import http.client
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from test_view_server import FLAGBENCH, served
from view_pages import links

ROOT = Path(__file__).resolve().parents[3]
_NAME = "00_a #1?%<b>.html"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose last run refuted files of one scenario."""
    folder = tmp_path / "project"
    for name in ("scenarios/student.yaml", "cassettes/simulated/student/1.yaml"):
        (folder / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "scenarios/solutions/student", folder / "scenarios/solutions/student")
    (folder / "pytest.ini").write_text("[pytest]\n")
    scenario = folder / "scenarios/student.yaml"
    text = scenario.read_text()
    assert text.count("{name: string}") == 1
    scenario.write_text(text.replace("{name: string}", "{name: optional string}"))
    command = [
        FLAGBENCH,
        "run",
        "scenarios/student.yaml",
        "--flagbench-trials",
        "1",
        "--flagbench-combination",
        "none",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_link_of_the_report_leads_to_a_file(project: Path) -> None:
    """On a served page and in an export; a refuted file is text, whatever its name ends with."""
    latest = project / "reports/latest"
    (latest / "artifacts" / _NAME).write_text("<script>x</script> \N{GREEK SMALL LETTER ALPHA}")
    found = links((latest / "report.html").read_text(), "report.html")
    assert {link.partition("/")[0] for link in found} == {"artifacts"}
    with served(project) as (address, _):
        port = urlsplit(address).port
        assert port is not None
        for link in (*found, f"artifacts/{_NAME}"):
            status, kind, body = ask(port, "GET", "/" + quote(link))
            assert (status, kind) == (200, "text/plain; charset=utf-8"), link
            assert body == (latest / link).read_bytes(), link
        (latest / "artifacts" / "linked").symlink_to(latest / "cells.jsonl")
        for path in ("/artifacts/", "/artifacts/nothing", "/artifacts/../cells.jsonl",
                     "/artifacts/..%2Fcells.jsonl", "/artifacts/..", "/artifacts/%2e%2e",
                     "/artifacts/linked"):  # fmt: skip
            assert ask(port, "GET", path)[0] == 404, path
        assert ask(port, "POST", "/" + quote(min(found)))[0] == 405
    command = [FLAGBENCH, "view", "--export", "site"]
    subprocess.run(command, cwd=project, capture_output=True, check=True)
    for link in (*found, f"artifacts/{_NAME}"):
        assert (project / "site" / link).read_bytes() == (latest / link).read_bytes()
    assert not (project / "site/artifacts/linked").exists()


def ask(port: int, method: str, path: str) -> tuple[int, str, bytes]:
    """Status, type and content of a path, which is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, answer.getheader("content-type", ""), answer.read()
