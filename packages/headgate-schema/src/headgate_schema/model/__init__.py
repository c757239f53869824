"""The v1 manifest, each field described once: name, type, bounds, default, meaning.

The JSON Schema, the editor's hover, ``explain`` and the reference pages are made from here. A value of these
types is structurally valid by construction. Fields whose default depends on other fields are ``UNSET``;
``resolve.py`` makes every default explicit.
"""

from headgate_schema.model.blue_green import BlueGreen, VerifyPreview
from headgate_schema.model.build import Build
from headgate_schema.model.canary import Canary, Step
from headgate_schema.model.deploy import Deploy
from headgate_schema.model.environment import Environment
from headgate_schema.model.manifest import Manifest, Notify, RunnerGroup, State
from headgate_schema.model.strategy import Approval, Verify

__all__ = [
    "Approval",
    "BlueGreen",
    "Build",
    "Canary",
    "Deploy",
    "Environment",
    "Manifest",
    "Notify",
    "RunnerGroup",
    "State",
    "Step",
    "Verify",
    "VerifyPreview",
]
