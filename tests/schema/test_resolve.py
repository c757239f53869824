"""Resolving: every default explicit, durations in seconds, the chain's order."""

from __future__ import annotations

from collections.abc import Callable

from headgate_schema.resolved import ResolvedBuild, ResolvedManifest, ResolvedRunner, ResolvedVerify

Resolve = Callable[[str], ResolvedManifest]
HOUR = 3_600


def test_the_first_shape_resolves_to_what_its_defaults_say(first_shape: str, resolve_text: Resolve) -> None:
    resolved = resolve_text(first_shape)
    assert [(item.name, item.promotion) for item in resolved.environments] == [
        ("dev", "auto"), ("test", "manual"), ("uat", "manual"), ("prod", "manual"),
    ]  # fmt: skip
    app, api = resolved.deploys
    assert app.canary is not None and api.blue_green is not None
    assert app.callback == app.canary.callback == ".github/workflows/deploy-app.yaml"
    assert app.canary.environments == app.environments == ("dev", "test", "uat", "prod")
    assert [(step.percent, step.bake.seconds, step.bake.checks) for step in app.canary.steps] == [
        (10, 600, ())
    ]
    assert app.canary.timeout_seconds == 6 * HOUR + 600
    assert api.blue_green.switchback_callback == api.blue_green.cutover_callback
    assert (api.blue_green.bake.seconds, api.blue_green.timeout_seconds) == (0, 6 * HOUR)
    assert (api.secrets, api.permissions, api.blue_green.retire_callback) == ({}, None, None)


def test_what_is_written_stays(full: str, resolve_text: Resolve) -> None:
    resolved = resolve_text(full)
    assert resolved.runner == ResolvedRunner(("linux", "x64"), "large")
    assert (resolved.trunk, resolved.state_branch) == ("trunk", "ops/state")
    assert [item.promotion for item in resolved.environments] == ["auto", "auto"]
    assert resolved.notify is not None and resolved.notify.inputs == {"room": "ops"}
    assert resolved.builds[1] == ResolvedBuild(
        ("builds", 1), "app", ".github/workflows/b.yaml", ("base",), {"a": 1}, "inherit", {}
    )
    canary = resolved.deploys[0].canary
    assert canary is not None and canary.approval is not None
    assert (canary.approval.timeout_seconds, canary.approval.on_timeout) == (48 * HOUR, "hold")
    assert canary.verify == ResolvedVerify(".github/workflows/v.yaml", 1, 420)


def test_environments_come_in_the_order_of_the_chain(full: str, resolve_text: Resolve) -> None:
    app = resolve_text(full).deploys[0]
    assert app.environments == ("dev", "prod")
    assert (app.strategy_in("dev"), app.strategy_in("prod")) == ("all_at_once", "canary")


def test_checks_are_evenly_spread_and_the_last_is_at_the_end(full: str, resolve_text: Resolve) -> None:
    canary = resolve_text(full).deploys[0].canary
    assert canary is not None
    half_hour, none, default = (step.bake for step in canary.steps)
    assert half_hour.checks == (450, 900, 1350, 1800), "30m / 7m = 4 checks"
    assert none.checks == (0,), "a verification runs also with 0s"
    assert default.checks == (600,), "10m / 7m = 1 check"


def test_without_an_interval_there_is_one_check_at_the_end(full: str, resolve_text: Resolve) -> None:
    blue_green = resolve_text(full).deploys[1].blue_green
    assert blue_green is not None
    assert (blue_green.bake.seconds, blue_green.bake.checks) == (HOUR, (HOUR,))
    assert blue_green.approval is not None and blue_green.approval.timeout_seconds == 24 * HOUR


def test_a_deploy_receives_from_the_build_of_its_name_else_from_all(resolve_text: Resolve) -> None:
    text = "version: 1\nenvironments: [dev]\nbuilds: [{name: app}, {name: base}]\n"
    text += "deploys: [{name: app}, {name: api}, {name: web, builds: []}]\n"
    assert [deploy.builds for deploy in resolve_text(text).deploys] == [("app",), ("app", "base"), ()]


def test_any_shape_resolves_even_if_its_names_lead_nowhere(resolve_text: Resolve) -> None:
    text = "version: 1\nenvironments: [dev]\n"
    text += "deploys: [{name: app, environments: [prod], needs: [x], builds: [y]}]\n"
    deploy = resolve_text(text).deploys[0]
    assert (deploy.environments, deploy.needs, deploy.builds) == ((), ("x",), ("y",))
