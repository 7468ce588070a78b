"""Forms, colours and error pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from rooftree.web.accounts.models import User
from rooftree.web.landlords.models import Landlord
from rooftree.web.layout.colours import _contrast, _rgb, brand_css
from rooftree.web.layout.templatetags.rooftree import as_date, as_money
from tests.web.conftest import signed_in


class Example(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As on the letter")
    about = forms.CharField(widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")])
    way = forms.ChoiceField(choices=[("x", "X"), ("y", "Y")], widget=forms.RadioSelect)
    some = forms.MultipleChoiceField(choices=[("1", "One")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField()
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_each_control_has_its_label_hint_and_error_tied_to_it():
    html = str(Example({"name": ""}))
    ids = set(re.findall(r'id="([^"]+)"', html))
    for target in re.findall(r'for="([^"]+)"', html):
        assert target in ids
    described = re.findall(r'aria-describedby="([^"]+)"', html)
    assert described
    for group in described:
        assert set(group.split()) <= ids
    assert 'aria-invalid="true"' in html
    assert "required" not in re.sub(r"is required", "", html)


def test_the_summary_leads_to_the_first_control_of_each_field():
    form = Example({})
    html = str(form)
    for field in form:
        if field.errors:
            assert f'id="{field.first_id}"' in html


def test_what_was_typed_is_kept_and_is_data():
    html = str(
        Example({"name": "<script>alert(1)</script>", "way": "y", "some": ["1"], "kind": "b"})
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert re.search(r'value="y" id="id_way_1" checked', html)
    assert re.search(r'value="1" id="id_some_0" checked', html)


@pytest.mark.parametrize(
    "colour", ["#ffffff", "#000000", "#ffdd00", "#1d5c63", "#ff0000", "#77bb77"]
)
def test_any_colour_can_be_read(colour: str):
    css = dict(re.findall(r"--rt-([a-z-]+):(#[0-9a-f]{6})", brand_css(colour)))
    white = (255, 255, 255)
    assert _contrast(_rgb(css["brand"]), _rgb(css["on-brand"])) >= 4.5
    for name in ("link", "link-hover", "button", "button-hover"):
        assert _contrast(_rgb(css[name]), white) >= 4.5, name


def test_contrast_is_that_of_wcag():
    assert round(_contrast((0, 0, 0), (255, 255, 255)), 1) == 21.0
    assert round(_contrast(_rgb("#767676"), (255, 255, 255)), 2) == 4.54


def test_the_landlords_identity_is_on_every_page(staff: Callable[..., User], landlord: Landlord):
    client = signed_in(staff("administrator"))
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 100
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {
        "name": "Elm Valley",
        "colour": "#AA1122",
        "logo": SimpleUploadedFile("l.png", png, "image/png"),
    }
    assert client.post(reverse("identity"), sent).status_code == 302
    page = client.get(reverse("home")).content.decode()
    assert "Elm Valley" in page
    logo = re.search(r'src="(/brand/\w+\.png)"', page)
    assert logo
    assert client.get(logo.group(1)).content == png
    assert Client().get(logo.group(1)).status_code == 302
    assert (
        "#aa1122"
        in Client().get(reverse("brand", kwargs={"landlord": landlord.pk})).content.decode()
    )


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("colour", "red", "Write the colour as #1d5c63"),
        ("colour", "#12345g", "Write the colour as #1d5c63"),
        ("name", "", "Enter the name"),
        ("logo", b"<svg onload=alert(1)>", "must be a PNG"),
        ("logo", b"\x89PNG\r\n\x1a\n" + b"0" * 200_001, "more than 200 kB"),
    ],
)
def test_an_identity_that_will_not_do(
    staff: Callable[..., User], field: str, value: object, says: str
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent: dict[str, object] = {"name": "Kept name", "colour": "#aa1122"}
    sent[field] = SimpleUploadedFile("l.png", value) if isinstance(value, bytes) else value
    response = signed_in(staff("administrator")).post(reverse("identity"), sent)
    assert response.status_code == 422
    assert says in response.content.decode()
    if field != "name":
        assert "Kept name" in response.content.decode()


def test_an_unknown_landlord_has_the_colour_of_all(db: None):
    assert Client().get("/brand/99999.css").status_code == 200


def test_error_pages_repeat_nothing_of_the_request(db: None, staff: Callable[..., User]):
    response = Client().get("/nowhere/OKAFOR/?name=OKAFOR")
    assert response.status_code == 404
    assert "OKAFOR" not in response.content.decode()
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "OKAFOR"})
    assert response.status_code == 403
    assert "OKAFOR" not in response.content.decode()
    assert "open too long" in response.content.decode()


def test_a_host_that_is_not_ours_is_refused(db: None):
    assert Client().get("/sign-in/", headers={"host": "evil.example"}).status_code == 400


def test_dates_and_money_in_words():
    assert as_date("2026-03-01") == "1 March 2026"
    assert as_date(None) == ""
    assert as_date("soon") == "soon"
    assert [as_money(pence) for pence in (0, 5, -123456, None)] == [
        "£0.00",
        "£0.05",
        "−£1,234.56",
        "",
    ]


def test_settings_show_no_secret_and_every_setting(staff: Callable[..., User]):
    from django.conf import settings

    page = signed_in(staff("administrator")).get(reverse("settings")).content.decode()
    for name in settings.CHOSEN:
        assert name in page
    assert settings.SECRET_KEY not in page


def test_health_tells_of_files_and_what_is_odd(staff: Callable[..., User]):
    page = signed_in(staff("data_steward")).get(reverse("health")).content.decode()
    assert "people.csv" in page
    assert "telephone number" in page


def test_no_snapshot_yet_says_what_to_do(other_landlord: Landlord):
    from tests.web.conftest import make_user

    client = signed_in(make_user(other_landlord, "data_steward"))
    assert client.get(reverse("home")).status_code == 200
    assert client.get(reverse("health")).status_code == 200
    response = client.post(reverse("people"), {"text": "anybody"}, follow=True)
    assert response.status_code == 503
    assert "no snapshot yet" in response.content.decode()
