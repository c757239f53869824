"""`headgate-schema` as somebody has it who installs nothing else: in a virtual environment of its own.

What lies beside it counts: msgspec imports typing_extensions wherever that is installed, for 5 ms.
"""

from __future__ import annotations

import sys
import tomllib
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = ("headgate_schema", "msgspec", "yaml")


def install_alone(folder: Path) -> str:
    """Link the modules into a new environment and write the script that pip would; returns its path."""
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for module in MODULES:
        spec = find_spec(module)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{module} is not installed beside {sys.executable}")
        (packages / module).symlink_to(Path(spec.origin).parent)
    project = tomllib.loads((ROOT / "packages/headgate-schema/pyproject.toml").read_text("utf-8"))
    module, _, function = project["project"]["scripts"]["headgate-schema"].partition(":")
    script = folder / "bin/headgate-schema"
    script.write_text(
        f"#!{folder / 'bin/python'}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
    )
    script.chmod(0o755)
    return str(script)
