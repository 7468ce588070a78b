"""From a position on the National Grid to the area whose boundary it lies in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Boundary:
    """One area: its code, the census year of the code, and its rings in longitude and latitude.

    A hole is one more ring: a point inside an even number of rings is outside.
    """

    code: str
    vintage: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


def locate(longitude: Points, latitude: Points, areas: Sequence[Boundary]) -> list[Boundary | None]:
    """The area each point lies in, the first by code where boundaries overlap; None outside all."""
    found: list[Boundary | None] = [None] * len(longitude)
    for area in sorted(areas, key=lambda a: a.code):
        xs = np.concatenate([np.asarray(ring)[:, 0] for ring in area.rings])
        ys = np.concatenate([np.asarray(ring)[:, 1] for ring in area.rings])
        box = (
            (longitude >= xs.min())
            & (longitude <= xs.max())
            & (latitude >= ys.min())
            & (latitude <= ys.max())
        )
        near = np.flatnonzero(box)
        for index in near[_inside(longitude[near], latitude[near], area)]:
            found[index] = found[index] or area
    return found


def _inside(x: Points, y: Points, area: Boundary) -> NDArray[np.bool_]:
    """Even-odd rule: how many edges does a ray to the east cross?"""
    crossings = np.zeros(len(x), dtype=np.int64)
    for ring in area.rings:
        line = np.asarray(ring)
        (x1, y1), (x2, y2) = line[:-1].T, line[1:].T
        spans = (y1[None, :] > y[:, None]) != (y2[None, :] > y[:, None])
        rise = np.where(y2 == y1, 1.0, y2 - y1)
        at = x1 + (y[:, None] - y1) * (x2 - x1) / rise
        crossings += (spans & (x[:, None] < at)).sum(axis=1)
    return crossings % 2 == 1


# --- National Grid to longitude and latitude ------------------------------------------------------
# Ordnance Survey, A guide to coordinate systems in Great Britain: inverse transverse Mercator on the
# Airy 1830 ellipsoid, then the seven-parameter shift to WGS84, which is good to about five metres.

_A, _B, _F0 = 6_377_563.396, 6_356_256.909, 0.9996012717
_LAT0, _LON0, _E0, _N0 = np.radians(49.0), np.radians(-2.0), 400_000.0, -100_000.0
_WGS_A, _WGS_B = 6_378_137.0, 6_356_752.314245
_SHIFT = (446.448, -125.157, 542.060)
_SCALE = 1 - 20.4894e-6
_TURN = tuple(np.radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))


def to_longitude_latitude(eastings: Points, northings: Points) -> tuple[Points, Points]:
    """WGS84 longitude and latitude in degrees of National Grid eastings and northings in metres."""
    latitude, longitude = _unproject(np.asarray(eastings, float), np.asarray(northings, float))
    e2 = 1 - _B**2 / _A**2
    nu = _A / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    x = nu * np.cos(latitude) * np.cos(longitude)
    y = nu * np.cos(latitude) * np.sin(longitude)
    z = (1 - e2) * nu * np.sin(latitude)
    rx, ry, rz = _TURN
    wx = _SHIFT[0] + _SCALE * x - rz * y + ry * z
    wy = _SHIFT[1] + rz * x + _SCALE * y - rx * z
    wz = _SHIFT[2] - ry * x + rx * y + _SCALE * z
    e2 = 1 - _WGS_B**2 / _WGS_A**2
    p = np.hypot(wx, wy)
    latitude = np.arctan2(wz, p * (1 - e2))
    for _ in range(5):
        nu = _WGS_A / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
        latitude = np.arctan2(wz + e2 * nu * np.sin(latitude), p)
    return np.degrees(np.arctan2(wy, wx)), np.degrees(latitude)


def _unproject(e: Points, n: Points) -> tuple[Points, Points]:
    """Latitude and longitude on the Airy ellipsoid, in radians."""
    ratio = (_A - _B) / (_A + _B)
    latitude = _LAT0 + (n - _N0) / (_A * _F0)
    for _ in range(6):
        latitude = latitude + (n - _N0 - _arc(latitude, ratio)) / (_A * _F0)
    e2 = 1 - _B**2 / _A**2
    nu = _A * _F0 / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    rho = nu * (1 - e2) / (1 - e2 * np.sin(latitude) ** 2)
    eta2 = nu / rho - 1
    t, sec, d = np.tan(latitude), 1 / np.cos(latitude), e - _E0
    north = (
        t / (2 * rho * nu) * d**2
        - t / (24 * rho * nu**3) * (5 + 3 * t**2 + eta2 - 9 * t**2 * eta2) * d**4
        + t / (720 * rho * nu**5) * (61 + 90 * t**2 + 45 * t**4) * d**6
    )
    east = (
        sec / nu * d
        - sec / (6 * nu**3) * (nu / rho + 2 * t**2) * d**3
        + sec / (120 * nu**5) * (5 + 28 * t**2 + 24 * t**4) * d**5
        - sec / (5040 * nu**7) * (61 + 662 * t**2 + 1320 * t**4 + 720 * t**6) * d**7
    )
    return latitude - north, _LON0 + east


def _arc(latitude: Points, n: float) -> Points:
    """Length of the meridian from the true origin, metres."""
    minus, plus = latitude - _LAT0, latitude + _LAT0
    return _B * _F0 * (
        (1 + n + 1.25 * n**2 + 1.25 * n**3) * minus
        - (3 * n + 3 * n**2 + 2.625 * n**3) * np.sin(minus) * np.cos(plus)
        + (1.875 * n**2 + 1.875 * n**3) * np.sin(2 * minus) * np.cos(2 * plus)
        - 35 / 24 * n**3 * np.sin(3 * minus) * np.cos(3 * plus)
    )  # fmt: skip
