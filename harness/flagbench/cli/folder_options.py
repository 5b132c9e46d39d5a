"""Options of folders that several commands have."""

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)

cassettes = click.option("--cassettes", type=_FOLDER, metavar="DIR", default=Path("cassettes"),
                         show_default=True, help="Folder of the recordings.")  # fmt: skip
baselines = click.option("--baselines", type=_FOLDER, metavar="DIR", default=Path("baselines"),
                         show_default=True, help="Folder of accepted measurements.")  # fmt: skip
