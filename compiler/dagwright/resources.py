"""Files of the package: `schemas/` and `templates/`, both in a wheel and in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """The path of a packaged file, such as `resource("schemas", "pipeline.v1.json")`."""
    packaged = _PACKAGE.joinpath(*parts)
    return packaged if packaged.exists() else _PACKAGE.parent.parent.joinpath(*parts)
