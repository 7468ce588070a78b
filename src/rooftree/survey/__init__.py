"""Surveys: drawing them, weighting them, what they say and how sure that is, and the Regulator's measures.

`rake`, `poststratify`, `calibrate` and `estimate` are functions on plain tables (anything Arrow can read).
"""

from rooftree.survey.estimate import Estimates, estimate
from rooftree.survey.replicates import Replicates, bootstrap, jackknife
from rooftree.survey.weigh import calibrate, poststratify, rake
from rooftree.survey.weighting import Diagnostics, Weighting

__all__ = [
    "Diagnostics",
    "Estimates",
    "Replicates",
    "Weighting",
    "bootstrap",
    "calibrate",
    "estimate",
    "jackknife",
    "poststratify",
    "rake",
]
