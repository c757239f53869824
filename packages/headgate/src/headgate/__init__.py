"""Progressive delivery for GitHub Actions, compiled from one manifest."""

from headgate_runtime import __version__ as VERSION  # noqa: N812 - all packages have one version

__all__ = ["VERSION"]
