"""Django's forms with the markup of the design system: labels, hints, errors that screen readers tie together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input
from django.http import HttpRequest, QueryDict

_CLASSES = {
    forms.Textarea: "govuk-textarea",
    forms.Select: "govuk-select",
    forms.FileInput: "govuk-file-upload",
    Input: "govuk-input",
}
_NO_CLASS = (
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
    forms.CheckboxInput,
    forms.HiddenInput,
)


class Field(BoundField):
    """One control with its label, hint and errors."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        """Add the classes of the design system; leave out `required`, whose message the browser writes."""
        built = super().build_widget_attrs(attrs, widget)
        built.pop("required", None)
        widget = widget or self.field.widget
        name = self._class_of(widget)
        if name:
            width = getattr(self.field, "width", "")
            wrong = f"{name}--error" if self.errors else ""
            own = widget.attrs.get("class", "")
            built["class"] = " ".join(each for each in (name, width, wrong, own) if each)
        return built

    @staticmethod
    def _class_of(widget: Any) -> str:
        if isinstance(widget, _NO_CLASS):
            return ""
        return next((name for kind, name in _CLASSES.items() if isinstance(widget, kind)), "")

    @property
    def kind(self) -> str:
        """Which markup the field has: radios, checkboxes, checkbox, hidden or control."""
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        if isinstance(widget, forms.CheckboxSelectMultiple):
            return "checkboxes"
        if isinstance(widget, forms.RadioSelect):
            return "radios"
        return "checkbox" if isinstance(widget, forms.CheckboxInput) else "control"

    @property
    def is_group(self) -> bool:
        """Whether it is several controls in a fieldset."""
        return self.kind in ("radios", "checkboxes")

    @property
    def first_id(self) -> str:
        """Where the error summary leads: the first control, which can take the focus."""
        return f"{self.auto_id}_0" if self.is_group else self.id_for_label

    @property
    def hint_of_option(self) -> dict[str, str]:
        """Hints below the options of a group, where the field gives some."""
        return getattr(self.field, "option_hints", {})


class Renderer(TemplatesSetting):
    """Renders forms with our templates."""

    form_template_name = "layout/forms/form.html"
    field_template_name = "layout/forms/field.html"
    bound_field_class = Field


def wide(field: forms.Field, width: str) -> forms.Field:
    """Give a field the width of what goes in: `input-10` is ten characters, `one-half` is half of the line."""
    field.width = (  # type: ignore[attr-defined]
        f"govuk-input--width-{width.removeprefix('input-')}"
        if width.startswith("input-")
        else f"govuk-!-width-{width}"
    )
    return field


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None when the page is only opened. An empty form that was sent is one too."""
    return request.POST if request.method == "POST" else None
