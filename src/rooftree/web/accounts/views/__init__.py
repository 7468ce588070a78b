"""The pages of joining; those of signing in are allauth's, in our templates."""
