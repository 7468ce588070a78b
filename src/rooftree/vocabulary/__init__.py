"""Words that every other package uses: states of knowledge, ids, dates, errors. Imports nothing of ours."""
