"""The file names of generated workflows that are more than a constant."""

from __future__ import annotations


def deploy_file(deploy: str) -> str:
    """The workflow file of one deploy; the runtime dispatches it by this name."""
    return f"headgate-deploy-{deploy}.yaml"
