"""The folder around the extracts: configuration, source definitions, and a page that explains it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from rooftree.demo.answers import complete
from rooftree.demo.names import place_names
from rooftree.demo.world import Landlord

_NAMES = {
    "council": "{} District Council",
    "association": "{} Homes",
    "supported": "{} Supported Living",
}


def landlord_name(landlord: Landlord) -> str:
    """An invented name that goes with the kind of landlord."""
    districts = place_names("district")
    return _NAMES[landlord.kind].format(districts[landlord.seed % len(districts)])


def lay_out(directory: Path, landlord: Landlord, *, transactions: str) -> tuple[Path, Path]:
    """Make the workspace's folders and texts; answers the folders of the extracts and of the truth."""
    extracts, apart = directory / "extracts", directory / "truth"
    for folder in ("sources", "definitions", "extracts", "corrections", "reference", "truth"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    (directory / "rooftree.toml").write_text(_configuration(landlord), encoding="utf-8")
    (directory / "README.md").write_text(_readme(landlord), encoding="utf-8")
    shipped = resources.files("rooftree.demo").joinpath("sources")
    for source in sorted(shipped.iterdir(), key=lambda item: item.name):
        if source.name.endswith(".toml"):
            text = complete(source.read_text(encoding="utf-8"))
            if transactions == "parquet":
                text = _with_parquet(text)
            (directory / "sources" / source.name).write_text(text, encoding="utf-8")
    return extracts, apart


def _configuration(landlord: Landlord) -> str:
    return f"""# A made-up landlord: nobody in these files exists.
name = "{landlord_name(landlord)}"
kind = "{"council" if landlord.kind == "council" else "association"}"
as_of = {landlord.as_of.isoformat()}
"""


def _readme(landlord: Landlord) -> str:
    shipped = resources.files("rooftree.demo").joinpath("data", "workspace-readme.md")
    return (
        shipped.read_text(encoding="utf-8")
        .replace("{name}", landlord_name(landlord))
        .replace("{homes}", f"{landlord.homes:,}")
        .replace("{as_of}", f"{landlord.as_of:%d %B %Y}".lstrip("0"))
        .replace("{seed}", str(landlord.seed))
    )


def _with_parquet(text: str) -> str:
    """The source definition with the account entries in Parquet: typed dates, amounts in pence."""
    head, mark, rest = text.partition('files = "transactions_*.csv"\n')
    if not mark:
        return text
    rest = rest.replace(
        'format = "csv"\nencoding = "cp1252"\ndates = ["dd/mm/yyyy"]', 'format = "parquet"', 1
    )
    rest = rest.replace('{ from = "Amount", unit = "pounds" }', '"Amount"', 1)
    return head + 'files = "transactions_*.parquet"\n' + rest
