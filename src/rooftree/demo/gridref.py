"""Ordnance Survey National Grid references as longitude and latitude (WGS 84).

The inverse transverse Mercator projection on the Airy 1830 ellipsoid and the seven-parameter shift
to WGS 84, both from the Ordnance Survey's "A guide to coordinate systems in Great Britain", annexes
B and C. Good to about five metres.
"""

from __future__ import annotations

import numpy as np

from rooftree.demo.draws import Array, Frame

_A, _B = 6_377_563.396, 6_356_256.909  # Airy 1830, metres
_F0, _LAT0, _LON0 = 0.9996012717, np.radians(49.0), np.radians(-2.0)
_E0, _N0 = 400_000.0, -100_000.0
_WGS_A, _WGS_B = 6_378_137.0, 6_356_752.3141
# Airy to WGS 84: metres, parts per million, seconds of arc.
_SHIFT = np.array([446.448, -125.157, 542.060])
_SCALE = -20.4894e-6
_TURN = np.radians(np.array([0.1502, 0.2470, 0.8421]) / 3600.0)


def to_degrees(easting: Array, northing: Array) -> Frame:
    """`longitude` and `latitude` in degrees for grid references in metres."""
    latitude, longitude = _airy(easting.astype(float), northing.astype(float))
    latitude, longitude = _to_wgs84(latitude, longitude)
    return {
        "longitude": np.round(np.degrees(longitude), 6),
        "latitude": np.round(np.degrees(latitude), 6),
    }


def _meridian(latitude: Array) -> Array:
    n = (_A - _B) / (_A + _B)
    d, s = latitude - _LAT0, latitude + _LAT0
    return (_B * _F0) * (
        (1 + n + 1.25 * n**2 + 1.25 * n**3) * d
        - (3 * n + 3 * n**2 + 2.625 * n**3) * np.sin(d) * np.cos(s)
        + (1.875 * n**2 + 1.875 * n**3) * np.sin(2 * d) * np.cos(2 * s)
        - (35 / 24) * n**3 * np.sin(3 * d) * np.cos(3 * s)
    )


def _airy(easting: Array, northing: Array) -> tuple[Array, Array]:
    lat = _LAT0 + (northing - _N0) / (_A * _F0)
    for _ in range(6):
        lat = lat + (northing - _N0 - _meridian(lat)) / (_A * _F0)
    e2 = 1 - (_B / _A) ** 2
    sin, tan = np.sin(lat), np.tan(lat)
    nu = _A * _F0 / np.sqrt(1 - e2 * sin**2)
    rho = _A * _F0 * (1 - e2) / (1 - e2 * sin**2) ** 1.5
    eta2 = nu / rho - 1
    sec, x = 1 / np.cos(lat), easting - _E0
    latitude = (
        lat
        - tan / (2 * rho * nu) * x**2
        + tan / (24 * rho * nu**3) * (5 + 3 * tan**2 + eta2 - 9 * tan**2 * eta2) * x**4
        - tan / (720 * rho * nu**5) * (61 + 90 * tan**2 + 45 * tan**4) * x**6
    )
    longitude = (
        _LON0
        + sec / nu * x
        - sec / (6 * nu**3) * (nu / rho + 2 * tan**2) * x**3
        + sec / (120 * nu**5) * (5 + 28 * tan**2 + 24 * tan**4) * x**5
    )
    return latitude, longitude


def _to_wgs84(latitude: Array, longitude: Array) -> tuple[Array, Array]:
    e2 = 1 - (_B / _A) ** 2
    nu = _A / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    x = nu * np.cos(latitude) * np.cos(longitude)
    y = nu * np.cos(latitude) * np.sin(longitude)
    z = (1 - e2) * nu * np.sin(latitude)
    (rx, ry, rz), s = _TURN, 1 + _SCALE
    x2 = _SHIFT[0] + s * x - rz * y + ry * z
    y2 = _SHIFT[1] + rz * x + s * y - rx * z
    z2 = _SHIFT[2] - ry * x + rx * y + s * z
    e2, p = 1 - (_WGS_B / _WGS_A) ** 2, np.hypot(x2, y2)
    lat = np.arctan2(z2, p * (1 - e2))
    for _ in range(5):
        nu = _WGS_A / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z2 + e2 * nu * np.sin(lat), p)
    return lat, np.arctan2(y2, x2)
