"""A made-up landlord's people as two systems hold them, with the truth kept apart.

Built to be hard in the ways real households are hard: partners and siblings share surname, address,
telephone and e-mail; twins share a date of birth as well; a father and a son share one name. The
second system (the contact centre's) holds nicknames, initials, typing errors, old addresses, new
surnames and, for 30% of people, no date of birth.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

MEN = """oliver george harry noah jack leo arthur oscar henry thomas james william joshua alexander
joseph samuel edward daniel benjamin jacob david michael john paul peter robert richard stephen
andrew christopher mark anthony kevin steven ian gary alan simon matthew nicholas graham martin
philip jonathan timothy patrick gerald ronald kenneth dennis raymond leonard albert frederick
stanley walter ernest mohammed ahmed ali hassan imran tariq omar abdul bilal rajesh sanjay vijay
arjun gurpreet harjit jaswinder piotr pawel tomasz krzysztof marek grzegorz dariusz rhys gareth
owain dylan declan conor sean cathal dermot kwame emeka tunde kofi ibrahim yusuf mustafa mehmet
luke nathan callum ryan liam lewis jordan connor aaron""".split()  # noqa: SIM905
WOMEN = """olivia amelia isla ava emily isabella mia poppy ella lily jessica sophie grace charlotte
margaret jean dorothy joan patricia susan linda christine carol barbara elizabeth mary sarah helen
karen jacqueline tracey deborah julie angela sharon catherine rebecca victoria emma laura nicola
claire samantha rachel lisa michelle amanda alison jennifer gillian frances kathleen eileen doris
hannah lucy bethany chloe megan lauren natalie stephanie gemma kelly abigail eleanor madeleine
fatima aisha zainab khadija maryam samina nasreen shabana anjali sunita priya meera harpreet
mandeep agnieszka katarzyna malgorzata ewa magdalena joanna bronwen rhiannon sian angharad niamh
siobhan aoife sinead grainne abena chioma ngozi yetunde folake elif ayse danielle jade amy leanne
teresa bernadette philippa""".split()  # noqa: SIM905
NICKNAMES = {
    "oliver": "ollie", "alexander": "alex", "thomas": "tom", "james": "jim", "william": "bill",
    "joshua": "josh", "joseph": "joe", "samuel": "sam", "edward": "ted", "daniel": "danny",
    "benjamin": "ben", "jacob": "jake", "david": "dave", "michael": "mick", "robert": "bob",
    "richard": "dick", "stephen": "steve", "andrew": "andy", "christopher": "chris",
    "anthony": "tony", "kevin": "kev", "matthew": "matt", "nicholas": "nick", "philip": "phil",
    "jonathan": "jon", "timothy": "tim", "patrick": "paddy", "ronald": "ron", "kenneth": "ken",
    "raymond": "ray", "leonard": "len", "frederick": "fred", "mohammed": "mo", "krzysztof": "kris",
    "margaret": "peggy", "patricia": "pat", "susan": "sue", "christine": "chris",
    "elizabeth": "liz", "catherine": "kate", "rebecca": "becky", "victoria": "vicky",
    "samantha": "sam", "jacqueline": "jackie", "deborah": "debbie", "jennifer": "jenny",
    "gillian": "jill", "dorothy": "dot", "barbara": "babs", "abigail": "abbie", "eleanor": "nell",
    "katarzyna": "kasia", "malgorzata": "gosia", "agnieszka": "aga", "magdalena": "magda",
    "stephanie": "steph", "jessica": "jess", "philippa": "pip", "teresa": "tess",
}  # fmt: skip
_HEADS = """ash brad brock bur carl cham chap clay cop cran dal den dun east elm fair far field
fox gar glen gra had hal ham heath has hath hay hen hol horn hum kel kim king lang law lin lock
mar mel mid mil nor oak old park pem pen rad red rock row rus san sel shel skel spen stan strand
sut thorn til trent wal war wells white win wood wor""".split()  # noqa: SIM905
_TAILS = """ford ton ley field man well worth shaw wick ham bury combe er son den ling hurst by
dale gate more stead wood bridge land""".split()  # noqa: SIM905
_COMMON = """smith jones taylor brown williams wilson johnson davies patel khan hussain ahmed ali
begum singh kaur evans roberts walker wright robinson thompson white hughes edwards green hall
lewis harris clarke jackson murphy kelly o'brien o'neill kowalski nowak mensah okafor adeyemi
yilmaz""".split()  # noqa: SIM905
_STREETS = "High Station Church Mill Victoria Albert Park Green Queen King Manor School".split()  # noqa: SIM905
_KINDS = "Street Road Lane Avenue Close Drive".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each difficulty occurs."""

    nickname: float = 0.12
    initial: float = 0.03
    typo: float = 0.04
    surname_change: float = 0.04
    moved: float = 0.10
    no_birth_date: float = 0.30
    day_month_swap: float = 0.015
    digit_slip: float = 0.015
    no_contact: float = 0.25
    shared_contact: float = 0.35
    duplicate: float = 0.05
    absent: float = 0.08
    twins: float = 0.03
    namesakes: float = 0.03


@cache
def _surnames() -> tuple[list[str], list[float]]:
    invented = [head + tail for head in _HEADS for tail in _TAILS]
    random.Random(7).shuffle(invented)
    names = _COMMON + invented
    weights = [1.0 / (rank + 12) ** 0.85 for rank in range(len(names))]
    total, cumulated = 0.0, []
    for weight in weights:
        total += weight
        cumulated.append(total)
    return names, cumulated


@dataclass(slots=True)
class _Person:
    key: int
    given: str
    family: str
    born: tuple[int, int, int]
    phone: str
    email: str
    sex: str


class Maker:
    """Makes households one after another from one seed."""

    def __init__(self, seed: int, rates: Rates) -> None:
        self.rng, self.rates = random.Random(seed), rates
        self.names, self.cumulated = _surnames()
        self.n = 0

    def surname(self) -> str:
        return self.rng.choices(self.names, cum_weights=self.cumulated)[0]

    def person(self, family: str, born_from: int, born_to: int, sex: str | None = None) -> _Person:
        rng = self.rng
        sex = sex or rng.choice("mf")
        pool = MEN if sex == "m" else WOMEN
        given = pool[min(int(rng.expovariate(1 / 28)), len(pool) - 1)]
        born = (rng.randint(born_from, born_to), rng.randint(1, 12), rng.randint(1, 28))
        self.n += 1
        phone = f"07{rng.randint(100000000, 999999999)}"
        email = f"{given}.{family.replace(chr(39), '')}{rng.randint(1, 99999)}@example.org"
        return _Person(self.n, given, family, born, phone, email, sex)

    def household(self) -> list[_Person]:
        rng, rates = self.rng, self.rates
        family = self.surname()
        lead = self.person(family, 1930, 2000)
        people = [lead]
        if rng.random() < 0.5:
            partner = self.person(
                family if rng.random() < 0.8 else self.surname(),
                lead.born[0] - 5, lead.born[0] + 5, "f" if lead.sex == "m" else "m",
            )  # fmt: skip
            people.append(partner)
        for _ in range(rng.choices((0, 1, 2, 3), (55, 20, 17, 8))[0]):
            people.append(self.person(family, lead.born[0] + 18, lead.born[0] + 35))
        if rng.random() < rates.twins:
            first = self.person(family, lead.born[0] + 18, lead.born[0] + 35)
            second = self.person(family, 2000, 2000)
            second.born = first.born
            while second.given == first.given:
                second.given = rng.choice(MEN + WOMEN)
            people += [first, second]
        if rng.random() < rates.namesakes:
            child = self.person(family, lead.born[0] + 20, lead.born[0] + 35, lead.sex)
            child.given = lead.given
            people.append(child)
        for other in people[1:]:  # a shared telephone, a family e-mail address
            if rng.random() < rates.shared_contact:
                other.phone = lead.phone
            if rng.random() < rates.shared_contact / 2:
                other.email = lead.email
        return people

    def address(self) -> tuple[str, str]:
        rng = self.rng
        code = rng.randrange(40_000)
        letters = "ABDEFGHJLN"
        postcode = (
            f"ZX{code // 4000} {code // 400 % 10}{letters[code // 40 % 10]}{letters[code % 10]}"
        )
        street = f"{_STREETS[code % 12]} {_KINDS[code // 12 % 6]}"
        return f"{rng.randint(1, 400)} {street}", postcode

    def typo(self, text: str) -> str:
        rng, i = self.rng, self.rng.randrange(max(len(text) - 1, 1))
        letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
        return rng.choice(
            (
                text[:i] + text[i + 1 :],
                text[:i] + letter + text[i:],
                text[:i] + letter + text[i + 1 :],
                text[:i] + text[i + 1 : i + 2] + text[i : i + 1] + text[i + 2 :],
            )
        )

    def contact_centre(self, person: _Person, home: tuple[str, str]) -> dict[str, object]:
        """The second system's idea of a person."""
        rng, rates = self.rng, self.rates
        given, family, (year, month, day) = person.given, person.family, person.born
        if rng.random() < rates.nickname:
            given = NICKNAMES.get(given, given)
        if rng.random() < rates.initial:
            given = given[0]
        elif rng.random() < rates.typo:
            given = self.typo(given)
        if rng.random() < rates.surname_change:
            family = self.surname()
        elif rng.random() < rates.typo:
            family = self.typo(family)
        line, postcode = self.address() if rng.random() < rates.moved else home
        if rng.random() < rates.day_month_swap and day <= 12:
            month, day = day, month
        elif rng.random() < rates.digit_slip:
            day = min(max(day + rng.choice((-10, -1, 1, 10)), 1), 28)
        born = None if rng.random() < rates.no_birth_date else f"{year:04}{month:02}{day:02}"
        phone = None if rng.random() < rates.no_contact else person.phone
        email = None if rng.random() < rates.no_contact else person.email
        return {
            "source": "crm", "person": person.key, "given_name": given.title(),
            "family_name": family.title(), "date_of_birth": born, "address_1": line,
            "postcode": postcode, "phone": phone, "email": email,
        }  # fmt: skip

    def housing(self, person: _Person, home: tuple[str, str]) -> dict[str, object]:
        """The first system's idea of a person: formal and mostly right."""
        rng, rates = self.rng, self.rates
        year, month, day = person.born
        given = self.typo(person.given) if rng.random() < rates.typo / 4 else person.given
        return {
            "source": "housing", "person": person.key, "given_name": given.title(),
            "family_name": person.family.title(), "date_of_birth": f"{year:04}{month:02}{day:02}",
            "address_1": home[0], "postcode": home[1],
            "phone": None if rng.random() < rates.no_contact else person.phone,
            "email": None if rng.random() < 2 * rates.no_contact else person.email,
        }  # fmt: skip


def make(n_records: int, *, seed: int = 1, rates: Rates | None = None) -> pa.Table:
    """At least so many records of two systems, in no order, with `person`, the truth.

    Columns: unique_id, source, person, given_name, family_name, date_of_birth (yyyymmdd),
    address_1, postcode, phone, email.
    """
    maker = Maker(seed, rates or Rates())
    records: list[dict[str, object]] = []
    while len(records) < n_records:
        home = maker.address()
        for person in maker.household():
            if maker.rng.random() >= maker.rates.absent / 4:
                records.append(maker.housing(person, home))
            if maker.rng.random() >= maker.rates.absent:
                records.append(maker.contact_centre(person, home))
                if maker.rng.random() < maker.rates.duplicate:
                    records.append(maker.contact_centre(person, home))
    maker.rng.shuffle(records)
    for number, record in enumerate(records):
        record["unique_id"] = f"r{number:07}"
    return pa.Table.from_pylist(records)
