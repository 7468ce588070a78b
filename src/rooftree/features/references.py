"""From the references of the landlord's systems to persistent ids, as portable SQL.

A private reference of one system stands before a shared one (`*`); a tenancy's own reference before
its account's.
"""

from __future__ import annotations

from rooftree.storage.tables import Column, Table


def scratch(name: str, *columns: tuple[str, str], key: tuple[str, ...] = ()) -> Table:
    """A table that lives only while the stage is built."""
    declared = tuple(Column(column, kind, "working column") for column, kind in columns)
    return Table("features", f"_tmp_{name}", "working table", declared, key=key)


def tenancy_joins(alias: str, *, payment: bool = False) -> str:
    """Left joins that find the tenancy of a row; `TENANCY` or `TENANCY_OR_ACCOUNT` then names its id."""
    kinds = [("tenancy_ref", "own"), *([("payment_ref", "pay")] if payment else [])]
    return "\n".join(
        f"""LEFT JOIN identity.tenancy_ref {short}_{name} ON {short}_{name}.ref_kind = '{kind}'
          AND {short}_{name}.system = {system} AND {short}_{name}.ref = {alias}.{kind}"""
        for kind, short in kinds
        for name, system in (("private", f"{alias}.system"), ("shared", "'*'"))
    )


TENANCY = "coalesce(own_private.tenancy_id, own_shared.tenancy_id)"
TENANCY_OR_ACCOUNT = """coalesce(own_private.tenancy_id, own_shared.tenancy_id,
      pay_private.tenancy_id, pay_shared.tenancy_id)"""


def home_joins(alias: str) -> str:
    """Left joins that find the home of a row by its property reference; `HOME` then names its id."""
    return "\n".join(
        f"""LEFT JOIN identity.home_ref at_{name} ON at_{name}.ref_kind = 'property_ref'
          AND at_{name}.system = {system} AND at_{name}.ref = {alias}.property_ref"""
        for name, system in (("private", f"{alias}.system"), ("shared", "'*'"))
    )


HOME = "coalesce(at_private.home_id, at_shared.home_id)"


def person_join(alias: str) -> str:
    """A left join that finds the person of a row; `who.person_id` is its id."""
    return (
        f"LEFT JOIN identity.record who ON who.system = {alias}.system "
        f"AND who.person_ref = {alias}.person_ref"
    )
