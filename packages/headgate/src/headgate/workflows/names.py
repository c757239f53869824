"""The names of generated workflows and of their runs that are more than a constant."""

from __future__ import annotations


def deploy_file(deploy: str) -> str:
    """The workflow file of one deploy; the runtime dispatches it by this name."""
    return f"headgate-deploy-{deploy}.yaml"


def deploy_title(deploy: str, environment: str) -> str:
    """How the title of a deploy's run begins; the release follows. The API tells no inputs, but the title."""
    return f"{deploy} → {environment} · "


def deploy_of(file: str) -> str:
    """The deploy whose workflow file this is; empty for any other file."""
    start, _, end = deploy_file("\0").partition("\0")
    return file[len(start) : -len(end)] if file.startswith(start) and file.endswith(end) else ""
