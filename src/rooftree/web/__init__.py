"""The web application: what officers, analysts and their managers meet in a browser.

One app a folder, with the same names inside: `models/`, `services.py` (writes), `queries.py` (reads),
`views/`, `forms.py`, `templates/`, `urls.py`. An app joins by one line in `config/apps.py`.
"""
