"""Data quality: what is wrong, missing, doubled, old or at odds in the staged tables, with counts and places."""

from rooftree.staging.quality.assess import QualityReport, assess
from rooftree.staging.quality.page import render_page
from rooftree.staging.quality.workbook import write_workbook

__all__ = ["QualityReport", "assess", "render_page", "write_workbook"]
