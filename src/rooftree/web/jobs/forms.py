"""What is asked before a run."""

from __future__ import annotations

from typing import Any

from django import forms

from rooftree.pipeline.run import EARLIEST, LATEST
from rooftree.web.layout.forms import wide


class StartRun(forms.Form):
    """The day that a run speaks of."""

    as_of = wide(
        forms.DateField(
            label="The day the run speaks of",
            help_text="Leave it empty for today. Example: 31/03/2026.",
            required=False,
            input_formats=["%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y"],
            error_messages={"invalid": "Write the day as 31/03/2026"},
        ),
        "input-10",
    )

    def clean_as_of(self) -> Any:
        """A day that a run can speak of."""
        day = self.cleaned_data["as_of"]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(f"Choose a day from {EARLIEST.year} to {LATEST.year}")
        return day

    def arguments(self) -> dict[str, Any]:
        """The arguments of the job."""
        day = self.cleaned_data["as_of"]
        return {"as_of": day.isoformat()} if day else {}
