"""Which postcodes can exist: the 124 areas and the rules of form (Royal Mail's programmers' guide)."""

from __future__ import annotations

AREAS = """
AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN
EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML
N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF
TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE
""".split()  # noqa: SIM905 - a list of 124 quoted words hides a wrong one

#: Areas with a district 0, and the only districts that end in a letter.
_ZERO = "(BL|BS|CM|CR|FY|HA|PR|SL|SS)"
_LETTERED = "(E1W|N1[CP]|NW1W|SE1P|SW1[AEHPVWXY]|W1[A-HJKSTUW]|WC1[ABEHNRVX]|WC2[ABEHNR]|EC1[AMNPRVY]|EC2[AMNPRVY]|EC3[AMNPRV]|EC4[AMNPRVY])"  # noqa: E501

_DISTRICT = f"((({'|'.join(AREAS)})[1-9][0-9]?)|{_ZERO}0|{_LETTERED})"
_GIRO = "GIR 0AA"  # codespell:ignore gir
PATTERN = f"({_DISTRICT} [0-9][ABD-HJLNP-UW-Z]{{2}}|{_GIRO})"


def impossible_sql(column: str) -> str:
    """True where a postcode is given that cannot exist; null where none is given."""
    return f"NOT regexp_full_match({column}, '{PATTERN}')"
