"""Settings, start and the outer shell of the web application: nothing about customers is decided here."""
