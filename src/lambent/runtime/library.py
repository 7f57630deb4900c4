"""What functions find in /var/runtime without bringing it: boto3 and what it needs, from the server's own installation,
and the scripts that Node runs functions with.

Imports nothing of Lambent.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BUNDLE = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
"""boto3 and all that it imports; a function that brings one of them gets all of them anew."""

NODE = Path(__file__).with_name("guest") / "node"
NODE_SCRIPT = "index.mjs"
"""What Node starts with, and the folder that it and its parts lie in."""

PRELOAD = ("boto3",)
"""What zygotes import ahead. Its import takes 150 ms; forking with it in memory takes none."""


def locate() -> dict[str, Path]:
    """Where each package or module of the bundle is; those that are not installed are left out."""
    found: dict[str, Path] = {}
    for name in BUNDLE:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        folder = origin.parent if spec.submodule_search_locations else origin
        found[folder.name] = folder
    return found


def link(packages: Mapping[str, Path], folder: Path) -> None:
    """Make a folder that holds just these, for machines that cannot mount. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, place in packages.items():
        entry = folder / name
        entry.unlink(missing_ok=True)
        entry.symlink_to(place)
