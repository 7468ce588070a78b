"""The persona of a group: what is counted, what is said, and what is never said."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from rooftree.catalogue import load
from rooftree.segments.definition import load_segments
from rooftree.segments.discovery import discover
from rooftree.segments.persona import (
    Group,
    Landlord,
    Terms,
    compare,
    describe,
    make_persona,
    of_class,
    of_segment,
    portray,
    write,
)
from rooftree.segments.persona.forms import to_json, to_markdown
from rooftree.segments.persona.numbers import index
from rooftree.storage.engine import Engine
from rooftree.vocabulary.errors import NotFound, PolicyDenied, UserError
from rooftree.vocabulary.states import Grain
from tests.lib.wide_people import make_people

CATALOGUE = load()
AS_OF = dt.date(2026, 3, 31)
GROUP = Group("letters", "Likely to want letters and visits", rule="prefers letters or visits")


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        make_people(engine, CATALOGUE)
        yield engine


@pytest.fixture(scope="module")
def described(engine):
    return describe(engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF)


@pytest.fixture(scope="module")
def persona(described):
    return portray(described, name="Group 3", landlord=Landlord("Harrowmere District Council"))


# ------------------------------------------------------------ counting


def test_a_category_is_counted_inside_and_among_everyone(engine, described):
    about = described.find("contents_insurance")
    known_in, known_all, k_in, k_all = engine.rows(
        """SELECT count(*) FILTER (inside), count(*), count(*) FILTER (inside AND contents_insurance = 'none'),
             count(*) FILTER (contents_insurance = 'none')
           FROM (SELECT p.*, c.subject_id IS NOT NULL AS inside FROM segments.person p
                 LEFT JOIN chosen c ON c.subject_id = p.person_id) WHERE contents_insurance IS NOT NULL"""
    )[0]
    line = about.line("none")
    assert (about.n_known_in, about.n_known_all) == (known_in, known_all)
    assert (line.n_in, line.n_all) == (k_in, k_all)
    assert line.share_in == k_in / known_in
    assert line.index == index(k_in, known_in, k_all - k_in, known_all - known_in)


def test_shares_are_of_those_known_and_the_unknown_stand_beside(described):
    about = described.find("contents_insurance")
    assert sum(line.share_in for line in about.lines) == pytest.approx(1)
    assert about.not_known_in == pytest.approx(1 - about.n_known_in / described.n_in, abs=1e-9)
    assert 0.2 < about.not_known_in < 0.35


def test_of_several_codes_at_once_each_is_counted(engine, described):
    held = engine.value(
        """SELECT count(*) FROM segments.person JOIN chosen ON subject_id = person_id
           WHERE list_contains(string_split(preferred_channel, ';'), 'letter')"""
    )
    assert described.find("preferred_channel").line("letter").n_in == held
    assert sum(line.share_in for line in described.find("preferred_channel").lines) > 1


def test_members_outside_the_base_are_not_counted(engine):
    engine.execute("CREATE OR REPLACE VIEW more AS SELECT * FROM chosen UNION ALL SELECT 'nobody'")
    found = describe(engine, "more", "tenants", CATALOGUE, group=GROUP, as_of=AS_OF)
    assert found.n_all == engine.value("SELECT count(*) FROM segments.person WHERE is_tenant")
    assert found.n_in == engine.value(
        "SELECT count(*) FROM segments.person JOIN chosen ON subject_id = person_id WHERE is_tenant"
    )


def test_a_feature_of_a_tenancy_does_not_apply_where_there_is_none(engine):
    engine.execute(
        "BEGIN; UPDATE segments.person SET tenancy_id = NULL, in_arrears = NULL WHERE is_tenant"
    )
    try:
        about = describe(engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF).find(
            "in_arrears"
        )
        assert about.not_applicable_in == pytest.approx(2 / 3, abs=0.05)
        assert about.not_known_in < 0.05
    finally:
        engine.execute("ROLLBACK")


def test_every_thing_that_may_be_counted_is_looked_at_or_left_out_with_a_reason(described):
    looked = {about.key for about in described.about}
    things = {**CATALOGUE.features, **CATALOGUE.attributes}
    assert looked | set(described.left_out) == set(things)
    assert not looked & set(described.left_out)
    left = described.left_out
    assert left["ethnic_group_5"] == "is held for equality monitoring; the terms leave it out"
    assert left["mobile"] == "is text"
    assert "may not be counted" in left["mobility"]
    assert "safeguarding" in left["vulnerability"]
    assert "crime" in left["asb_involvement"]
    assert left["estate"] == "is text"


def test_the_purpose_decides_what_is_counted(engine):
    terms = Terms(purpose="research_and_insight")
    found = describe(
        engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF, terms=terms
    )
    assert found.find("information_format_need") is None
    assert (
        found.left_out["information_format_need"] == "may not be counted for research_and_insight"
    )


def test_an_unknown_purpose_base_or_table_of_members_is_refused(engine):
    def ask(members="chosen", base="customers", **terms):
        describe(engine, members, base, CATALOGUE, group=GROUP, as_of=AS_OF, terms=Terms(**terms))

    with pytest.raises(NotFound, match="no purpose"):
        ask(purpose="curiosity")
    with pytest.raises(NotFound, match="lead_tenants"):
        ask(base="current")
    engine.execute("CREATE OR REPLACE VIEW two AS SELECT person_id, home_id FROM segments.person")
    with pytest.raises(UserError, match="subject_id"):
        ask(members="two")


@pytest.mark.parametrize("policy", sorted(CATALOGUE.policies))
def test_every_disclosure_policy_gives_a_persona(engine, policy):
    terms = Terms(disclosure=policy)
    found = describe(
        engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF, terms=terms
    )
    shown = [line for about in found.about for line in about.lines if not line.hidden]
    rule = CATALOGUE.policies[policy]
    assert shown
    assert all(line.n_in == 0 or line.n_in >= rule.threshold for line in shown)
    if rule.rounding != "none" and not rule.exact:
        assert found.n_in % rule.base == 0
        assert all(line.n_all % rule.base == 0 for line in shown if 0 < line.share_all < 1)


def test_an_unknown_disclosure_policy_is_refused(engine):
    with pytest.raises(NotFound, match="ons_research"):
        describe(
            engine,
            "chosen",
            "customers",
            CATALOGUE,
            group=GROUP,
            as_of=AS_OF,
            terms=Terms(disclosure="none"),
        )


# ------------------------------------------------------------ what differs


def test_what_differs_is_found_and_what_does_not_is_not(described):
    found = {
        (about.key, line.key) for about in described.about for line in about.lines if line.finding
    }
    assert ("internet_access", "none") in found
    assert ("preferred_channel", "letter") in found
    assert not [key for key, _ in found if key == "complaints_12m"]


def test_yes_and_no_are_one_question(described):
    about = described.find("in_arrears")
    assert about.line("1").finding
    assert about.line("0").probability is None


def test_a_thing_known_of_few_is_not_spoken_of(engine):
    terms = Terms(least_known=400)
    found = describe(
        engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF, terms=terms
    )
    assert found.find("support_needs").n_known_in < 400
    assert not [line for line in found.find("support_needs").lines if line.finding]


def test_what_the_rule_reads_is_no_finding(engine):
    group = replace(GROUP, reads=frozenset({"preferred_channel", "age"}))
    found = describe(engine, "chosen", "customers", CATALOGUE, group=group, as_of=AS_OF)
    for key in ("preferred_channel", "age"):
        assert found.find(key).by_definition
        assert not [line for line in found.find(key).lines if line.finding]
    told = portray(found, name="Group 3", landlord=Landlord())
    assert not {trait.key for trait in told.traits} & {"preferred_channel", "age", "oldest_age"}
    assert not [chart for chart in told.charts if chart.title == "How old they are"]
    assert str(told.portrait[0].sentences[0]).startswith(
        "This is part of what puts somebody in the group"
    )


def test_a_group_of_few_or_of_almost_everybody_is_refused(engine):
    engine.execute("CREATE OR REPLACE VIEW few AS SELECT * FROM chosen LIMIT 40")
    engine.execute(
        "CREATE OR REPLACE VIEW most AS SELECT person_id FROM segments.person WHERE person_id <> 'p7'"
    )
    for members in ("few", "most"):
        with pytest.raises(PolicyDenied, match="picture of persons"):
            describe(engine, members, "customers", CATALOGUE, group=GROUP, as_of=AS_OF)


# ------------------------------------------------------------ words


def test_the_portrait_says_what_the_counts_say(persona, described):
    reach = next(part for part in persona.portrait if part.title == "How to reach them")
    line = described.find("preferred_channel").line("letter")
    assert str(reach.sentences[0]) == (
        f"About half like a letter ({line.share_in:.0%}; everyone {line.share_all:.0%})."
    )
    age = next(part for part in persona.portrait if part.title == "Age")
    assert age.sentences[0].says == "About nine in ten are 55 or over"


def test_a_sentence_says_how_many_it_rests_on_where_little_is_known(persona):
    said = [str(one) for part in persona.portrait for one in part.sentences]
    assert any(
        one.startswith("Of the 68% whose answer we hold, about six in ten like messages")
        for one in said
    )


def test_a_heading_of_which_nothing_is_known_says_so(engine):
    engine.execute("BEGIN; UPDATE segments.person SET age = NULL, age__k = 3")
    try:
        found = describe(engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF)
    finally:
        engine.execute("ROLLBACK")
    told = portray(found, name="Group 3", landlord=Landlord())
    assert str(told.portrait[0].sentences[0]) == "We do not know enough to say."


def test_traits_are_one_for_each_attribute_the_clearest_first(persona):
    keys = [trait.key for trait in persona.traits]
    assert len(keys) == len(set(keys))
    assert persona.traits[0].words == "Are retired"
    assert [trait.more for trait in persona.traits] == sorted(
        (t.more for t in persona.traits), reverse=True
    )


def test_limits_say_how_many_when_how_unknown_and_what_it_is_not_for(persona):
    said = " ".join([persona.summary, *persona.limits])
    for words in ("people: 13% of all customers (8,000)", "31 March 2026", "support needs", "chance",
                  "Do not use it to decide about anybody"):  # fmt: skip
        assert words in said


def test_equality_monitoring_appears_only_where_allowed_and_only_beside(engine, persona):
    assert persona.beside == ()
    assert "thnic" not in to_markdown(persona)
    terms = Terms(equality=True)
    told = make_persona(
        engine, "chosen", group=GROUP, base="customers", catalogue=CATALOGUE, as_of=AS_OF, terms=terms, name="Group 3",
    )  # fmt: skip
    equality = {a.key for a in CATALOGUE.attributes.values() if a.equality_monitoring}
    assert [part.title for part in told.beside] == ["Ethnic group, five groups"]
    assert not {trait.key for trait in told.traits} & equality
    assert told.portrait == persona.portrait
    assert "Equality monitoring, for checking fairness only" in to_markdown(told)


def test_a_group_is_not_named_by_what_stigmatises_or_by_equality_answers(engine):
    for name in ("Difficult tenants", "Sikh households"):
        with pytest.raises(UserError):
            make_persona(
                engine, "chosen", group=GROUP, base="customers", catalogue=CATALOGUE, as_of=AS_OF, name=name,
            )  # fmt: skip


# ------------------------------------------------------------ forms


def test_the_same_group_gives_the_same_files(engine, persona, tmp_path):
    again = portray(
        describe(engine, "chosen", "customers", CATALOGUE, group=GROUP, as_of=AS_OF),
        name="Group 3",
        landlord=Landlord("Harrowmere District Council"),
    )
    first, second = write(persona, tmp_path / "a"), write(again, tmp_path / "b")
    assert list(first) == ["pdf", "png", "json", "md"]
    for ending, path in first.items():
        assert path.name == f"letters.{ending}"
        assert path.read_bytes() == second[ending].read_bytes()


def test_json_and_markdown_say_the_same(persona):
    data, page = json.loads(to_json(persona)), to_markdown(persona)
    assert data["n_in"] == persona.description.n_in
    for trait in data["traits"]:
        assert trait["words"] in page
    for part in data["portrait"]:
        for sentence in part["sentences"]:
            assert sentence in page


def test_a_name_is_text_in_markdown(persona):
    page = to_markdown(replace(persona, name="<b>A|B</b> [x](y)"))
    assert page.startswith("# \\<b>A\\|B\\</b> \\[x](y)\n")


# ------------------------------------------------------------ two groups


@pytest.fixture(scope="module")
def compared(engine):
    engine.execute(
        "CREATE OR REPLACE VIEW retired AS SELECT person_id FROM segments.person WHERE economic_status = 'retired'"
    )
    second = Group("retired", "Retired people", reads=frozenset({"economic_status"}))
    return compare(
        engine, ("chosen", "retired"), "customers", CATALOGUE, groups=(GROUP, second), as_of=AS_OF
    )


def test_two_groups_may_overlap_and_each_stands_against_everyone(engine, compared, described):
    assert compared.n == (described.n_in, engine.value("SELECT count(*) FROM retired"))
    assert compared.n_both == engine.value(
        "SELECT count(*) FROM chosen WHERE subject_id IN (FROM retired)"
    )
    found = next(
        one
        for one in compared.contrasts
        if (one.attribute, one.category) == ("internet_access", "none")
    )
    line = described.find("internet_access").line("none")
    assert found.shares[0] == line.share_in
    assert found.index[0] == line.index
    assert found.against_all[0] == line.difference
    assert found.finding
    assert found.difference.low > 0


def test_what_makes_either_group_is_no_finding(compared):
    made = [one for one in compared.contrasts if one.attribute == "economic_status"]
    assert made
    assert all(one.by_definition and not one.finding for one in made)


def test_the_clearest_difference_comes_first(compared):
    clear = [abs(one.difference.clear) for one in compared.findings()]
    assert clear == sorted(clear, reverse=True)
    assert clear


def test_a_group_against_itself_does_not_differ(engine):
    other = replace(GROUP, key="again")
    found = compare(
        engine, ("chosen", "chosen"), "customers", CATALOGUE, groups=(GROUP, other), as_of=AS_OF
    )
    assert found.n_both == found.n[0]
    assert not found.findings()
    shown = [one for one in found.contrasts if not one.hidden]
    assert shown
    assert all(one.difference.value == pytest.approx(0) for one in shown)


def test_two_groups_that_differ_by_a_few_people_are_not_compared(engine):
    engine.execute(
        """CREATE OR REPLACE VIEW less AS SELECT * FROM chosen
           WHERE subject_id NOT IN (SELECT min(subject_id) FROM chosen)"""
    )
    with pytest.raises(PolicyDenied, match="only a few are in one and not in the other"):
        compare(
            engine, ("chosen", "less"), "customers", CATALOGUE, groups=(GROUP, GROUP), as_of=AS_OF
        )


# ------------------------------------------------------------ other units


@pytest.fixture(scope="module")
def households(engine):
    engine.execute(
        """CREATE OR REPLACE TABLE segments.household AS
           SELECT household_id, any_value(tenancy_id) AS tenancy_id, any_value(home_id) AS home_id,
             min(person_id) AS lead_person_id, true AS is_current, 'patch' AS patch,
             min_by(contents_insurance, person_id) AS contents_insurance,
             min_by(contents_insurance__k, person_id) AS contents_insurance__k,
             min_by(asset_type, person_id) AS asset_type
           FROM segments.person GROUP BY household_id"""
    )
    return engine


def test_a_group_of_households_is_described_by_their_table(households):
    engine = households
    engine.execute(
        "CREATE OR REPLACE VIEW bungalows AS SELECT household_id FROM segments.household WHERE asset_type = 'bungalow'"
    )
    group = Group("bungalows", "Households in bungalows", reads=frozenset({"asset_type"}))
    found = describe(
        engine, "bungalows", "current", CATALOGUE, group=group, as_of=AS_OF, unit=Grain.HOUSEHOLD
    )
    assert {about.key for about in found.about} == {"contents_insurance", "asset_type"}
    told = portray(found, name="Group 1", landlord=Landlord())
    assert "households" in told.summary
    assert "all current households" in told.limits[0]


# ------------------------------------------------------------ where groups come from


def test_a_group_of_a_rule_is_told_in_english_and_differs_by_definition(households):
    engine = households
    segments = load_segments(CATALOGUE)
    group, members = of_segment(engine, segments["no_contents_insurance"], segments, as_of=AS_OF)
    assert group.reads == {"contents_insurance"}
    assert "contents insurance" in group.rule
    assert group.version == segments["no_contents_insurance"].version
    found = describe(
        engine, members, "current", CATALOGUE, group=group, as_of=AS_OF, unit=Grain.HOUSEHOLD
    )
    assert found.n_in == engine.value(
        "SELECT count(*) FROM segments.household WHERE contents_insurance = 'none'"
    )
    assert found.find("contents_insurance").by_definition


def test_a_group_found_by_a_model_says_what_it_was_found_from(engine):
    items = ["household_type", "internet_access", "contents_insurance", "economic_status"]
    table = engine.execute(
        f"SELECT person_id AS subject_id, {', '.join(items)} FROM segments.person WHERE is_customer"
    ).to_arrow_table()
    found = discover(
        table, items, classes=[2], starts=10, resamples=0, replicates=0, seed=1
    ).choose(2)
    placed = found.assign(table, keep=("subject_id",))
    group, members = of_class(engine, found, placed, 2)
    assert group.label == "Group 2"
    told = make_persona(
        engine, members, group=group, base="customers", catalogue=CATALOGUE, as_of=AS_OF
    )
    assert told.name == "Group 2"
    assert any("found by a model, from: " in text for text in told.limits)
    assert {trait.key for trait in told.traits} & set(items)
    with pytest.raises(NotFound, match="classes 1 to 2"):
        of_class(engine, found, placed, 3)
