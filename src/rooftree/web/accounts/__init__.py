"""Staff: invitations, signing in with a second factor, roles and what each may do."""
