"""Exploring: every number comes through the door of disclosure, and a question without an answer says why."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from rooftree.disclosure.ledger import Ledger
from rooftree.web.accounts.models import User
from rooftree.web.explore import answer as answers
from rooftree.web.explore.question import Question
from rooftree.web.landlords import opened as opening
from rooftree.web.landlords.models import Landlord
from rooftree.web.landlords.opened import Opened, opened
from rooftree.web.segments.asked import asking
from tests.web.conftest import make_user, signed_in

AGES = "whom=people&show=age_band&purpose=service_improvement"


@pytest.fixture
def ours(db: None, demo: Path, tmp_path: Path) -> Landlord:
    """A copy of the made-up landlord: what is asked is written into its ledger."""
    shutil.copytree(demo, tmp_path / "landlord")
    opening._open.clear()  # of the test before: another folder, with the same ids
    return Landlord.objects.create(name="Ours", workspace=str(tmp_path / "landlord"))


@pytest.fixture
def mine(ours: Landlord) -> Opened:
    """Its snapshot, open."""
    return opened(ours)


@pytest.fixture
def reader(ours: Landlord) -> Client:
    """A member of the board, who sees figures only."""
    return signed_in(make_user(ours, "board_reader"))


def page_of(client: Client, query: str, *, status: int = 200) -> str:
    """The answer to a question as text."""
    response = client.get(f"{reverse('explore')}?{query}")
    assert response.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_question_is_answered_with_both_denominators(reader: Client, mine: Opened):
    page = page_of(reader, "whom=people&show=internet_access&purpose=service_improvement")
    with mine.engine() as engine:
        n, known = engine.rows(
            """SELECT count(*), count(internet_access) FROM segments.person WHERE is_customer"""
        )[0]
    assert f"Customers: {n}" in page
    assert f"With an answer: {known}" in page
    assert f"Not known: {n - known}" in page


def test_shares_are_those_of_the_numbers_that_are_shown(mine: Opened):
    question = Question("people", "internet_access")
    with asking(mine) as asked:
        found = answers.answer(asked, mine, question, user=1)
    whole = found.whole
    assert whole.answered
    for cell in whole.cells:
        if cell.value is not None and not cell.is_aside:
            assert cell.of_answered == round(100 * cell.value / whole.answered, 1)
            assert cell.low is not None
            assert cell.high is not None
            assert cell.low <= cell.of_answered <= cell.high


def test_no_small_number_is_shown_and_none_can_be_had_by_subtraction(mine: Opened):
    question = Question("people", "age_band", by="patch")
    with asking(mine) as asked:
        found = answers.answer(asked, mine, question, user=1)
        rows = asked.engine.rows(
            "SELECT age_band, patch, count(*) FROM segments.person WHERE is_customer GROUP BY ALL"
        )
    assert any(0 < n < 5 for *_, n in rows)
    for part in found.parts:
        hidden = [cell for cell in part.cells if cell.value is None]
        assert all(not 0 < cell.value < 5 for cell in part.cells if cell.value is not None)
        assert len(hidden) != 1 or part.total.value is None
        assert all(cell.of_all is None and cell.of_answered is None for cell in hidden)


def test_what_is_asked_is_in_the_ledger_once(reader: Client, mine: Opened):
    for _ in range(3):
        page_of(reader, AGES)
    with Ledger.open(mine.workspace.ledger) as ledger:
        notes = [note for _, note in ledger.releases()]
    assert [note.name for note in notes] == ["people by age_band"]
    assert notes[0].snapshot == mine.snapshot_id
    assert notes[0].released_by.startswith("user ")


def test_two_questions_that_differ_by_a_few_people_tell_nothing_of_them(mine: Opened):
    """Everybody, and everybody of all patches but the smallest by way of each patch: the rest is hidden too."""
    with asking(mine) as asked:
        whole = answers.answer(asked, mine, Question("people", "age_band"), user=1)
        rows = asked.engine.rows(
            "SELECT patch, age_band, count(*) FROM segments.person WHERE is_customer GROUP BY ALL"
        )
        patches = sorted({str(row[0]) for row in rows if row[0]})
        shown: dict[str, list[int | None]] = {}
        for patch in patches:
            try:
                found = answers.answer(
                    asked, mine, Question("people", "age_band", patch=patch), user=1
                )
            except answers.PolicyDenied:
                continue
            for cell in found.whole.cells:
                shown.setdefault(cell.label, []).append(cell.value)
    assert whole.whole.total.value
    for cell in whole.whole.cells:
        parts = shown.get(cell.label, [])
        if cell.value is not None and len(parts) == len(patches) and None not in parts:
            rest = cell.value - sum(part for part in parts if part is not None)
            assert rest == 0 or rest >= 5


def test_what_may_not_be_counted_for_the_purpose_says_why(reader: Client):
    page = page_of(
        reader, "whom=people&show=safeguarding_open&purpose=equality_monitoring", status=422
    )
    assert "There is a problem" in page
    assert "another purpose" in page or "may not be counted" in page


def test_a_segment_that_the_purpose_refuses_offers_a_coarser_question(reader: Client):
    page = page_of(
        reader, "whom=people&show=age_band&purpose=equality_monitoring&segment=pays_regularly"
    )
    assert "This has no answer" in page
    assert "The same among everybody" in page


def test_a_filter_of_nobody_says_so(reader: Client):
    page = page_of(reader, f"{AGES}&tenure=garage")
    assert "Nobody is left to count" in page
    assert "The same in all tenures" in page


@pytest.mark.parametrize(
    "query",
    [
        "show=",
        "show=nothing&whom=people",
        "show=age_band&whom=cats",
        "show=age_band&whom=people&patch=%27%3B--",
        "show=age_band&whom=people&by=age_band&purpose=service_improvement",
        "show=age_band&whom=people&purpose=mischief",
        "show=age_band&show=%00&whom=people",
    ],
)
def test_any_other_question_is_answered_with_what_to_choose(reader: Client, query: str):
    assert "There is a problem" in page_of(reader, query, status=422)


def test_a_file_has_the_numbers_of_the_page(reader: Client, mine: Opened):
    with asking(mine) as asked:
        found = answers.answer(asked, mine, Question("people", "age_band"), user=1)
    texts = {cell.label: cell.text for cell in found.whole.cells}
    response = reader.get(f"{reverse('explore_file', args=['csv'])}?{AGES}")
    assert response["Content-Disposition"] == 'attachment; filename="people-age_band.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Group", "Answer", "Number"]
    assert {row[1]: row[2] for row in rows[1:] if row and row[1] in texts} == texts
    assert any(row and row[0] == "Protected by" for row in rows)
    book = openpyxl.load_workbook(
        io.BytesIO(reader.get(f"{reverse('explore_file', args=['xlsx'])}?{AGES}").content)
    )
    sheet = {
        str(row[1]): str(row[2]) for row in book["Numbers"].iter_rows(min_row=2, values_only=True)
    }
    assert {label: sheet[label] for label in texts} == texts


def test_a_link_asks_the_same_question_again():
    question = Question(
        "people", "age_band", by="tenure", patch="P 1", purpose="research_and_insight"
    )
    from urllib.parse import parse_qs

    given = {key: values[0] for key, values in parse_qs(question.link).items()}
    assert Question(**given) == question


def test_an_officer_may_count_for_the_purposes_of_the_role_too(
    ours: Landlord, staff: Callable[..., User]
):
    officer = signed_in(make_user(ours, "income_officer", patches=("P01",)))
    page = officer.get(reverse("explore")).content.decode()
    assert 'value="income_collection"' in page
    assert 'value="fraud_prevention"' not in page
