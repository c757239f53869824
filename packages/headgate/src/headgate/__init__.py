"""Progressive delivery for GitHub Actions, compiled from one manifest."""
