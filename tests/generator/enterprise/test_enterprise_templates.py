"""Simplified templates: each file can be read, and an application passes its own tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from briefs import REVIEW, brief, files_of

from flagbench_generators.enterprise.scaffold import scaffold_of
from flagbench_generators.kernel.forms import form_error

SETS = "GDPR, HIPAA, SOX"
PAYMENT = "{name: Payment, fields: {patient: Patient, amount: number, status: text}}"
CLINIC = brief(domain="healthcare", compliance=SETS, components=PAYMENT)


@pytest.mark.parametrize("framework", ["FastAPI", "Flask", "Django", "Express"])
@pytest.mark.parametrize(
    ("domain", "compliance", "components", "deployment", "count"),
    [("healthcare", SETS, PAYMENT, "kubernetes", 31), ("e-commerce", "", REVIEW, "compose", 27)],
)
def test_every_component_has_a_template(
    framework: str, domain: str, compliance: str, components: str, deployment: str, count: int
) -> None:
    """Without Kubernetes two files are left out, and two without a compliance set."""
    files = files_of(brief(framework, domain=domain, compliance=compliance, components=components,
                           deployment=deployment))  # fmt: skip
    assert len(files) == count
    assert {path: form_error(path, file) for path, file in files.items()} == dict.fromkeys(files)


def test_an_application_passes_its_own_tests(tmp_path: Path) -> None:
    """One with all compliance sets and an entity of the brief."""
    for path, text in {**scaffold_of([CLINIC]), **files_of(CLINIC)}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
