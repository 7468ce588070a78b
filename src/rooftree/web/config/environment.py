"""The environment, for those who may read it: values that source definitions name as ${NAME}."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rooftree.web.config.options import PREFIX


def source_values() -> Mapping[str, str]:
    """Everything but our own settings, whose secrets no source definition may ask for."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
