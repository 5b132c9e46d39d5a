"""The licence in the description of a bundle: an SPDX id, an expression, a file, or none."""

import json
from urllib.parse import urlsplit

import pytest
import yaml

from flagbench.reproduction import crate

MIT, EITHER = "https://spdx.org/licenses/MIT", ["MIT", "Apache-2.0"]


@pytest.mark.parametrize(
    ("spdx", "licence", "cited", "url"),
    [
        ("MIT", "LICENSE", "MIT", MIT),
        ("MIT OR Apache-2.0", "LICENSE", EITHER, "LICENSE"),
        ("MIT or Apache-2.0", "", EITHER, "#licence"),
        ("MIT AND Apache-2.0", "", None, "#licence"),
        ("MIT AND (Apache-2.0 OR 0BSD)", "LICENSE", None, "LICENSE"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "", None, "#licence"),
        ("LicenseRef-ours", "", None, "#licence"),
        ("MIT OR LicenseRef-ours", "", None, "#licence"),
        ("Apache-2.0+", "", None, "#licence"),
        ("", "LICENSE", None, "LICENSE"),
        ("", "", None, "#no-licence"),
    ],
)
def test_the_licence_of_a_bundle(
    spdx: str, licence: str, cited: str | list[str] | None, url: str
) -> None:
    """In the citation ids alone, one or a choice; in the crate a URI of something that is there."""
    assert yaml.safe_load(crate.citation("x", "2026-01-02", spdx)).get("license") == cited
    files = {licence: b"", "project/x": b""} if licence else {"project/x": b""}
    described = crate.ro_crate(
        files, name="x", command="flagbench run", date="2026-01-02", spdx=spdx, licence=licence
    )
    entities = {entity["@id"]: entity for entity in json.loads(described)["@graph"]}
    assert entities["./"]["license"] == {"@id": url}
    assert " " not in urlsplit(url).path
    assert entities[url]["name"] == (licence if url == licence else spdx) or not spdx
