"""The page that is printed: one, tagged, the same everywhere, and without what disclosure control hides."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import replace

import pikepdf
import pytest

from rooftree.catalogue import load
from rooftree.segments.persona import Group, Landlord, describe, portray
from rooftree.segments.persona.forms import to_json, to_markdown
from rooftree.segments.persona.picture import check_colour, contrast, draw, page_data, readable
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import UserError
from tests.lib.wide_people import make_people

CATALOGUE = load()
AS_OF = dt.date(2026, 3, 31)
GROUP = Group("letters", "Likely to want letters and visits", rule="prefers letters or visits")


def persona_of(engine, name="Group 3"):
    found = describe(engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF)
    return portray(found, name=name, landlord=Landlord("Harrowmere District Council"))


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        make_people(engine, CATALOGUE, n=4_000)
        yield engine


@pytest.fixture(scope="module")
def persona(engine):
    return persona_of(engine)


def text_of(pdf: bytes) -> str:
    """The words of a PDF, through the maps from glyphs to letters that its fonts must carry."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        page = file.pages[0]
        maps = {name: _letters(font) for name, font in page.Resources.Font.items()}
        words, current = [], {}
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) == "Tf":
                current = maps[str(operands[0])]
            elif str(operator) in ("Tj", "TJ"):
                parts = operands[0] if str(operator) == "TJ" else operands
                for part in parts:
                    if isinstance(part, pikepdf.String):
                        raw = bytes(part)
                        words += [current.get(raw[at : at + 2], "") for at in range(0, len(raw), 2)]
                words.append(" ")
        return re.sub(r"\s+", " ", "".join(words))


def _letters(font) -> dict[bytes, str]:
    found = {}
    for code, letters in re.findall(
        rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", font.ToUnicode.read_bytes()
    ):
        found[bytes.fromhex(code.decode())] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    return found


def test_the_pdf_is_one_tagged_page_that_says_it_is_accessible(persona):
    with pikepdf.open(io.BytesIO(draw(persona, "pdf"))) as file:
        assert len(file.pages) == 1
        width, height = (float(file.pages[0].MediaBox[at]) for at in (2, 3))
        assert (round(width), round(height)) == (595, 842)
        assert file.Root.MarkInfo.Marked
        assert str(file.Root.Lang) == "en-GB"
        assert file.Root.ViewerPreferences.DisplayDocTitle
        with file.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert about["dc:title"] == "Group 3: Likely to want letters and visits"
        tags = _tags(file.Root.StructTreeRoot)
    assert tags[:1] == ["Document"]
    assert {"H1", "H2", "H3", "P", "Table", "TR", "TH", "TD", "L", "LI"} <= set(tags)
    # Bars are decoration: each stands beside its number, which is text.
    assert "Figure" not in tags


def _tags(node) -> list[str]:
    found = [str(node.S)[1:]] if "/S" in node else []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            found += _tags(kid)
    return found


def test_every_word_of_the_page_can_be_read_out_of_the_pdf(persona):
    said = text_of(draw(persona, "pdf")).replace(" ", "")
    for part in persona.portrait:
        assert part.title.replace(" ", "") in said
    for trait in persona.traits:
        assert trait.words.replace(" ", "") in said


def test_the_picture_is_a_png_of_a_whole_page(persona):
    png = draw(persona, "png")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    assert (width, height) == (1191, 1684)


def test_only_fonts_that_come_with_the_typesetter_are_used(persona):
    with pikepdf.open(io.BytesIO(draw(persona, "pdf"))) as file:
        fonts = {str(font.BaseFont).split("+")[1] for font in file.pages[0].Resources.Font.values()}
    assert all(font.startswith("Libertinus") for font in fonts), fonts


def test_the_same_persona_gives_the_same_bytes(persona):
    for form in ("pdf", "png"):
        assert draw(persona, form) == draw(persona, form)


def test_names_and_labels_are_text_and_never_code(persona):
    hostile = '#panic("code") $x$ *bold* \\ #read("/etc/passwd") "quoted" <tag> @ref'
    changed = replace(persona, name=hostile, landlord=Landlord(hostile))
    said = text_of(draw(changed, "pdf")).replace(" ", "")
    assert '#panic("code")$x$*bold*' in said
    assert '#read("/etc/passwd")' in said


def test_a_long_portrait_is_set_smaller_and_a_hopeless_one_refused(persona):
    long = replace(persona, group=replace(GROUP, rule="prefers letters, and " * 40))
    with pikepdf.open(io.BytesIO(draw(long, "pdf"))) as file:
        assert len(file.pages) == 1
    with pytest.raises(UserError, match="does not fit on one page"):
        draw(replace(persona, group=replace(GROUP, rule="prefers letters, and " * 2000)), "png")


def test_a_persona_without_traits_charts_or_rule_has_a_page_too(persona):
    bare = replace(persona, traits=(), charts=(), group=replace(GROUP, rule="", label="Group 3"))
    assert "Nothinginwhichitdiffers" in text_of(draw(bare, "pdf")).replace(" ", "")


@pytest.mark.parametrize("colour", ["#1d4f5c", "#ffd700", "#ffffff", "#e4002b", "#00a3e0"])
def test_the_landlord_s_colour_is_darkened_until_it_can_be_read(colour):
    dark = readable(colour)
    red, green, blue = (int(dark[at : at + 2], 16) for at in (1, 3, 5))
    assert contrast(red, green, blue) >= 5.0
    if colour == "#1d4f5c":
        assert dark == colour


def test_contrast_is_that_of_the_guidelines():
    assert contrast(0, 0, 0) == pytest.approx(21)
    assert contrast(255, 255, 255) == pytest.approx(1)
    assert contrast(118, 118, 118) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("colour", ["red", "#12345", "#12345g", '#123456"); panic("x'])
def test_a_colour_that_is_none_is_refused(colour):
    with pytest.raises(UserError, match="not a colour"):
        check_colour(colour)


# ------------------------------------------------------------ nothing hidden leaks


def _plant(engine, *, code: str | None, inside: int, outside: int) -> None:
    """Of the group so many, and so many of the others, live in a home of this kind (None: not known)."""
    value = "NULL" if code is None else f"'{code}'"
    for where, many in (("IN", inside), ("NOT IN", outside)):
        engine.execute(
            f"""UPDATE segments.person SET asset_type = {value} WHERE person_id IN (
                SELECT person_id FROM segments.person WHERE asset_type NOT IN ('bedsit', 'room')
                AND person_id {where} (FROM chosen) ORDER BY person_id LIMIT {many})"""
        )


def _outputs(persona) -> dict[str, bytes]:
    return {
        "json": to_json(persona).encode(),
        "markdown": to_markdown(persona).encode(),
        "page": json.dumps(page_data(persona)).encode(),
        "pdf": draw(persona, "pdf"),
        "png": draw(persona, "png"),
    }


def _move_one(engine, where: str, to: str) -> None:
    """One member of the group lives otherwise than was thought."""
    engine.execute(
        f"""UPDATE segments.person SET asset_type = '{to}' WHERE person_id =
            (SELECT min(person_id) FROM segments.person WHERE {where} AND person_id IN (FROM chosen))"""
    )


def _search(persona, *values: str) -> list[str]:
    """Which of these numbers stand anywhere in what leaves."""
    found = _outputs(persona)
    texts = [
        found["json"].decode(),
        found["markdown"].decode(),
        found["page"].decode(),
        text_of(found["pdf"]),
    ]
    return [
        value
        for value in values
        if any(re.search(rf"(?<!\d){value}(?!\d)", text) for text in texts)
    ]


@pytest.fixture
def hiding():
    """Of three in the group it is not known where they live."""
    with Engine() as engine:
        make_people(engine, CATALOGUE, n=4_000)
        _plant(engine, code=None, inside=3, outside=1237)
        yield engine


@pytest.fixture
def rare():
    """Three in the group live in bedsits and three in rooms."""
    with Engine() as engine:
        make_people(engine, CATALOGUE, n=4_000)
        _plant(engine, code="bedsit", inside=3, outside=1237)
        _plant(engine, code="room", inside=3, outside=411)
        yield engine


def test_a_hidden_cell_is_in_no_word_number_or_picture(hiding):
    persona = persona_of(hiding)
    about = persona.description.find("asset_type")
    hidden = [line for line in about.lines if line.hidden]
    assert (about.of, about.not_known_in, about.not_known_all) == ("all", None, None)
    assert hidden, "one alone could be worked out from the total"
    entry = next(
        one
        for one in json.loads(to_json(persona))["attributes"]
        if one["attribute"] == "asset_type"
    )
    for line in hidden:
        assert {"category": line.key, "label": line.label, "hidden": True} in entry["categories"]
    assert _search(persona, "1237", "1,237", "1240", "1,240") == []


def test_small_categories_are_told_only_together(rare):
    persona = persona_of(rare)
    about = persona.description.find("asset_type")
    assert not {"bedsit", "room"} & {line.key for line in about.lines}
    together = about.line("~rare")
    assert together.n_in >= 6
    assert _search(persona, "1237", "1,237", "1240", "1,240", "411", "414") == []
    told = to_markdown(persona) + text_of(draw(persona, "pdf"))
    assert "bedsit" not in told.lower()


def test_all_that_leaves_stays_the_same_to_the_byte_when_only_hidden_cells_change(hiding):
    """So nothing that leaves can be computed from them."""
    before = persona_of(hiding)
    (hidden,) = [line.key for line in before.description.find("asset_type").lines if line.hidden]
    _move_one(hiding, "asset_type IS NULL", hidden)
    after = persona_of(hiding)
    assert [line.key for line in after.description.find("asset_type").lines if line.hidden] == [
        hidden
    ]
    assert _outputs(after) == _outputs(before)


def test_all_that_leaves_stays_the_same_when_people_change_between_rare_categories(rare):
    before = persona_of(rare)
    _move_one(rare, "asset_type = 'bedsit'", "room")
    assert _outputs(persona_of(rare)) == _outputs(before)
