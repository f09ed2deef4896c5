"""Where the files lie that are read at run time and are no modules: the rules and the contract."""

from pathlib import Path

import service


def package_data(name: str) -> Path:
    """The path of ``rules`` or ``openapi.yaml``: inside the package where a wheel put it, beside it in a checkout."""
    package = Path(service.__file__).parent
    installed = package / name
    return installed if installed.exists() else package.parent / name
