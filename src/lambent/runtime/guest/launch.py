"""Entry: `python -I -S launch.py zygote FD`, where FD is the control socket, or `launch.py probe`.

Loads this folder as the package `_lambent_guest`, whatever it is called where it lies.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

_PACKAGE = "_lambent_guest"


def main() -> None:
    """Load the package and be what the command line says."""
    here = os.path.dirname(os.path.abspath(__file__))
    spec = importlib.util.spec_from_file_location(
        _PACKAGE,
        os.path.join(here, "__init__.py"),
        submodule_search_locations=[here],
    )
    if spec is None or spec.loader is None:
        sys.exit("the guest package cannot be loaded from " + here)
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    module = importlib.import_module(_PACKAGE + "." + sys.argv[1])
    module.main(sys.argv[2:])


if __name__ == "__main__":
    main()
