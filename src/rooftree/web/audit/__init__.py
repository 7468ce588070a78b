"""The access log: who looked at whom, who let whom in. It only grows, and shows if it was changed."""
