"""A landlord's colour, made safe to read: text on it, and it as text, keep the contrast of WCAG AA."""

from __future__ import annotations

_LEAST = 4.5  # WCAG 2.2, 1.4.3
_WHITE = (255, 255, 255)


def brand_css(colour: str) -> str:
    """The custom properties of a landlord: header, links and buttons follow them."""
    text = darkened(colour)
    on = "#ffffff" if _contrast(_rgb(colour), _WHITE) >= _LEAST else "#0b0c0c"
    return (
        f":root{{--rt-brand:{colour};--rt-on-brand:{on};--rt-link:{text};"
        f"--rt-link-hover:{darkened(text, by=0.75)};--rt-button:{text};--rt-button-hover:{darkened(text, by=0.8)}}}\n"
    )


def darkened(colour: str, *, by: float = 1.0) -> str:
    """The colour, made darker until it can be read on white (and `by` a factor first)."""
    red, green, blue = (round(each * by) for each in _rgb(colour))
    while _contrast((red, green, blue), _WHITE) < _LEAST:
        red, green, blue = (int(each * 0.92) for each in (red, green, blue))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, ...]) -> float:
    linear = [
        each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4
        for each in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
