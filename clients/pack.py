"""Build the clients as packages, in dist/: `make packages`.

The wheel and the source distribution are built by what is locked; the tarball is what `npm pack` makes of the folder.
"""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

_CLIENTS: Final = Path(__file__).parent


def main(into: Path) -> None:
    """Build all three into a folder."""
    into.mkdir(parents=True, exist_ok=True)
    uv = Path(sys.executable).with_name("uv")
    building: list[str | Path] = [
        uv,
        "build",
        "--quiet",
        "--no-build-isolation",
        "--no-config",
        "--offline",
        "--python",
        sys.executable,
    ]
    subprocess.run([*building, "--out-dir", into, _CLIENTS / "python"], check=True)
    print(tarball(_CLIENTS / "typescript", into), *sorted(into.glob("spotter_client-*")), sep="\n")


def tarball(package: Path, into: Path) -> Path:
    """The files of a package as npm takes them, the same bytes whenever the files are the same."""
    described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    made = into / f"{described['name']}-{described['version']}.tgz"
    with (
        made.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name in ("package.json", *described["files"]):
            content = (package / name).read_bytes()
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return made


if __name__ == "__main__":
    main(_CLIENTS.parent / "dist")
