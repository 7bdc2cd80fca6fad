"""Where the files lie that ship beside the code: in the installed package, else in the checkout."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent.parent


def folder(name: Literal["static", "survey_templates"]) -> Path:
    """The folder of that name."""
    installed = _PACKAGE / "_assets" / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name
