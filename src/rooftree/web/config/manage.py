"""Django's own commands (`python -m rooftree.web.config.manage`): the worker, migrations, checks."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one of Django's commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rooftree.web.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
