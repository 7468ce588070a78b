"""Are the migrations complete? `python -m tests.meta.migrations`: exit code 1, and what is missing, when not."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Ask Django on a scratch workspace, whose database is never made."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rooftree.toml").write_text('name = "Scratch"\n')
        for name in [name for name in os.environ if name.startswith("ROOFTREE_WEB_")]:
            del os.environ[name]
        os.environ["ROOFTREE_WEB_WORKSPACE"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "rooftree.web.config.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("makemigrations", check=True, dry_run=True, verbosity=1, stdout=sys.stderr)


if __name__ == "__main__":
    main()
