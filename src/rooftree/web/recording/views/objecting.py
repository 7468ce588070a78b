"""Objections, and consents that are withdrawn: what is held of these is removed, at once and from the next run on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rooftree.pipeline.told import person_in
from rooftree.vocabulary.states import Method
from rooftree.web.accounts.requests import Request
from rooftree.web.accounts.roles import Can
from rooftree.web.audit.models import Action
from rooftree.web.landlords.told import today_of
from rooftree.web.layout.forms import posted
from rooftree.web.people.access import Looking, record_page
from rooftree.web.people.shell import record_shell
from rooftree.web.recording import queries, services
from rooftree.web.recording.forms import METHODS, new_entry

#: Stands for every equality answer together: which of them are held, the form does not tell.
EQUALITY = "equality"


class Object(forms.Form):
    """What the customer objects to."""

    what = forms.MultipleChoiceField(
        label="What does the customer object to?",
        help_text="Choose all that apply. A refusal to answer is no objection: record it with the question.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose what the customer objects to",
            "invalid_choice": "Choose from the list",
        },
    )
    method = forms.ChoiceField(
        label="How did they say it?",
        choices=[(each.value, label) for each, label in METHODS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they said it", "invalid_choice": "Choose how they said it"},
    )  # fmt: skip
    entry = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = choices  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@record_page(Action.ASKING_VIEWED, what=Can.RECORD_OBJECTIONS)
def objections(request: Request, looking: Looking) -> HttpResponse:
    """Choose, and record. What is held for equality monitoring is one choice, whatever of it is held."""
    of_equality = queries.equality_attributes(looking)
    listed = queries.objectable(looking)
    choices = [(each.key, each.label) for each in listed]
    if of_equality:
        choices.insert(0, (EQUALITY, "Equality monitoring: every answer given for it"))
    chosen = request.GET.get("about")
    initial = {
        "what": [chosen] if chosen else [], "method": Method.TELEPHONE.value, "entry": new_entry()
    }  # fmt: skip
    form = Object(posted(request), choices=choices, initial=initial)
    if not choices:
        raise Http404
    if request.method == "POST" and form.is_valid():
        return _record(request, looking, form)
    about = {"form": form, "is_first_equality": bool(of_equality)}
    status = 422 if form.errors else 200
    return render(
        request, "recording/object.html", record_shell(looking, "ask") | about, status=status
    )


def _record(request: Request, looking: Looking, form: Object) -> HttpResponse:
    catalogue = looking.data.catalogue
    chosen = form.cleaned_data["what"]
    attributes = [catalogue.attributes[key] for key in chosen if key != EQUALITY]
    if EQUALITY in chosen:
        attributes += queries.equality_attributes(looking)
    today = today_of(looking.data)
    services.record_objections(
        data=looking.data, person_id=looking.person_id, attributes=attributes,
        subject=person_in(looking.document, today=today), method=Method(form.cleaned_data["method"]),
        said_on=today, entry=str(form.cleaned_data["entry"] or new_entry()), by=looking.user,
    )  # fmt: skip
    messages.success(
        request,
        "Objection recorded. What it is about is no longer shown, and is used no more from the next run on.",
    )
    ask = Can.RECORD_ANSWERS in looking.user.permitted.can
    return redirect("person_ask" if ask else "person", person_id=looking.person_id)
