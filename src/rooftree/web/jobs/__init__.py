"""Long work in the background: with progress, a way to stop it, and a clear end even when it is killed."""
