"""The table of extras, against the package's own metadata."""

import re
from importlib.metadata import packages_distributions, requires

import pytest

from flagbench import extras


@pytest.mark.parametrize("extra", sorted(extras.EXTRAS))
def test_the_table_is_that_of_the_package(extra: str) -> None:
    """Every module comes with a distribution that the extra requires."""
    required = {
        re.split(r"[<>=!~; ]", text)[0].lower()
        for text in requires("flagbench") or ()
        if f'extra == "{extra}"' in text.replace("'", '"')
    }
    owners = packages_distributions()
    assert required
    for module in extras.EXTRAS[extra]:
        assert {owner.lower() for owner in owners[module]} & required, module


def test_an_import_error_names_the_extra_of_the_subject_first() -> None:
    """Several have jinja2; a library that none has is named by nothing."""
    error = ModuleNotFoundError("No module named 'jinja2'", name="jinja2.ext")
    assert extras.fix_for(error, "django") == "pip install 'flagbench[django]'"
    assert extras.fix_for(ModuleNotFoundError(name="elsewhere")) == ""
