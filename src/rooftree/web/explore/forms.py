"""The question as a form. What may not be counted for the purpose is not offered, and is refused with why."""

from __future__ import annotations

from typing import Any

from django import forms

from rooftree.governance import check_may_count
from rooftree.segments.fields import all_fields
from rooftree.vocabulary.errors import PolicyDenied
from rooftree.vocabulary.states import Grain
from rooftree.web.accounts.models import User
from rooftree.web.explore.categories import countable
from rooftree.web.explore.question import ANSWERED, COUNT, PEOPLE, WHOM, Question
from rooftree.web.landlords.opened import Opened

TOPICS = {
    "agreement": "Agreement", "cases": "Cases", "communication": "Communication", "contact": "Contact",
    "digital": "Digital", "equality": "Equality", "health": "Health", "home": "Home", "household": "Household",
    "identity": "Who they are", "money": "Money", "occupancy": "Room in the home", "payment": "Paying rent",
    "place": "Place", "preferences": "Preferences", "repairs": "Repairs", "safety": "Safety",
    "service": "Services", "support": "Support", "tenancy": "Tenancy", "views": "Views", "work": "Work",
}  # fmt: skip
DEFAULT_PURPOSE = "service_improvement"


class Ask(forms.Form):
    """Whom, by what, among whom, and for which purpose."""

    whom = forms.ChoiceField(
        label="Count",
        choices=[("people", "People"), ("households", "Households"), ("homes", "Homes")],
    )
    show = forms.ChoiceField(label="By", error_messages={"required": "Choose what to count by"})
    by = forms.ChoiceField(label="Compare across", required=False)
    measure = forms.ChoiceField(
        label="Show",
        choices=[(COUNT, "Each answer"), (ANSWERED, "Whether there is an answer")],
        required=False,
    )
    segment = forms.ChoiceField(label="Only in the segment", required=False)
    patch = forms.ChoiceField(label="Only in the patch", required=False)
    tenure = forms.ChoiceField(label="Only with the tenure", required=False)
    purpose = forms.ChoiceField(label="For which purpose")

    def __init__(self, given: Any, *, data: Opened, user: User) -> None:
        asked = given if "show" in given else None
        super().__init__(asked)
        self.data_of = data
        catalogue = data.catalogue
        purposes = {
            key: each.label
            for key, each in catalogue.purposes.items()
            if not each.selects or key in user.permitted.purposes
        }
        purpose = given.get("purpose", "")
        purpose = purpose if purpose in purposes else DEFAULT_PURPOSE
        whom = given.get("whom", "")
        unit = WHOM[whom if whom in WHOM else PEOPLE][0]
        self.initial = {"purpose": purpose, "whom": PEOPLE, "show": "age_band"}
        topics: dict[str, list[tuple[str, str]]] = {}
        for key, known in countable(catalogue, catalogue.purposes[purpose], unit).items():
            topic = TOPICS.get(known.thing.topic, known.thing.topic.capitalize())
            topics.setdefault(topic, []).append((key, known.label))
        fields = [(topic, options) for topic, options in sorted(topics.items())]
        tenures = catalogue.code_lists["tenure"].codes if "tenure" in catalogue.code_lists else ()
        choices: dict[str, list[Any]] = {
            "show": fields,
            "by": [("", "Nothing"), *fields],
            "segment": [
                ("", "Everybody"),
                *sorted(
                    ((key, one.label) for key, one in catalogue.segments.items()
                     if unit == Grain.PERSON or one.unit != Grain.PERSON),
                    key=lambda pair: pair[1],
                ),
            ],
            "patch": [("", "All"), *((each, each) for each in data.lookup.groups())],
            "tenure": [("", "All"), *((code.key, code.label) for code in tenures)],
            "purpose": list(purposes.items()),
        }  # fmt: skip
        for name, options in choices.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
            self.fields[name].error_messages["invalid_choice"] = _CHOOSE[name]
        self.fields["whom"].error_messages["invalid_choice"] = "Choose people, households or homes"
        self.fields["measure"].error_messages["invalid_choice"] = "Choose what to show"

    def clean(self) -> dict[str, Any]:
        """The two characteristics are two; one that the purpose refuses says why."""
        given = super().clean() or {}
        catalogue = self.data_of.catalogue
        purpose = catalogue.purposes.get(given.get("purpose", ""))
        for name in ("show", "by"):
            known = all_fields(catalogue).get(self.data.get(name, ""))
            if name not in given and known is not None and purpose is not None:
                try:
                    check_may_count(known.thing, purpose)
                except PolicyDenied as refusal:
                    self.errors[name] = self.error_class([str(refusal)])
        if given.get("by") and given.get("by") == given.get("show"):
            self.add_error("by", "Compare across something else than what is counted by")
        return given

    @property
    def question(self) -> Question:
        """The question, of a valid form."""
        given = self.cleaned_data
        return Question(**{**given, "measure": given["measure"] or COUNT})


_CHOOSE = {
    "show": "Choose what to count by from the list: it may be counted for another purpose, or of others",
    "by": "Choose what to compare across from the list: it may be counted for another purpose, or of others",
    "segment": "Choose a segment from the list",
    "patch": "Choose a patch from the list",
    "tenure": "Choose a tenure from the list",
    "purpose": "Choose a purpose from the list",
}
