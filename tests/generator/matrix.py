"""Manifests that together use every field of v1, each with its callbacks.

`MATRIX` is checked by our limits and by the other tests here, and by every oracle in `tests/oracles`.
"""

from __future__ import annotations

from functools import cache

from headgate.compile import Compiled

from tests.generator.case import FOLDER, Case, callback


@cache
def compile_case(name: str) -> Compiled:
    """Compile a case of the matrix, once."""
    return MATRIX[name].compile()


CANARY = """
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
"""
HOSTILE = (
    'it\'s "quoted"',
    "$(id) `id` \\\\",
    "::error::boo",
    "line\\n::set-output name=x::y\\nend",
    "🚀 → é",
    "a: b # c",
    "yes",
    "*x &y !z %w @v",
    "}} {0} '' {",
    "  spaces  ",
)


def _canary(block: str, more: str = "", environments: str = "[dev, prod]") -> str:
    return f"""
environments: {environments}
deploys:
  - name: app
    strategy: canary
    canary:
{"".join(f"      {line.strip()}" + chr(10) for line in block.strip().splitlines())}{CANARY[1:]}{more}"""


def _blue_green(block: str, more: str = "") -> str:
    lines = "".join(f"      {line}\n" for line in block.strip("\n").splitlines())
    return f"""
environments: [dev, prod]
deploys:
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
{lines}{more}"""


def _all_at_once(rest: str, top: str = "environments: [dev, prod]") -> str:
    return f"\n{top}\ndeploys:\n  - name: web\n{rest}"


README = """
environments: [dev, test, uat, prod]
deploys:
  - name: app
    strategy: canary
    canary:
      percent: 10
      bake_time: 10m
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
  - name: api
    strategy: blue_green
    blue_green:
      cutover_callback: .github/workflows/cutover.yaml
"""

VERIFY = "verify: {callback: .github/workflows/verify.yaml"

MATRIX: dict[str, Case] = {
    "readme": Case(README),
    "all_at_once": Case(_all_at_once("    strategy: all_at_once\n")),
    "canary_three_steps": Case(
        _canary("steps: [{percent: 5, bake_time: 5m}, {percent: 25}, {percent: 50, bake_time: 1h30m}]")
    ),
    "canary_step_verified": Case(
        _canary(f"steps: [{{percent: 5}}, {{percent: 50}}]\n{VERIFY}}}"),
        {
            "verify.yaml": callback(
                {"percent": "string", "step": "string"}, outputs=("result", "reason", "url")
            )
        },
    ),
    "canary_interval": Case(
        _canary(f"percent: 1\nbake_time: 30m\n{VERIFY}, interval: 10m, failure_limit: 2}}")
    ),
    "canary_ten_steps": Case(
        _canary(
            "steps: ["
            + ", ".join(f"{{percent: {share}, bake_time: 1m}}" for share in range(9, 99, 9))
            + f"]\n{VERIFY}}}"
        )
    ),
    "canary_forty_checks": Case(
        _canary(
            "steps: ["
            + ", ".join(f"{{percent: {share}, bake_time: 10m}}" for share in (10, 20, 30, 99))
            + f"]\n{VERIFY}, interval: 1m, failure_limit: 9}}"
        )
    ),
    "canary_without_bake": Case(_canary(f"percent: 10\nbake_time: 0s\n{VERIFY}}}")),
    "canary_in_prod_only": Case(_canary("percent: 10\nenvironments: [prod]")),
    "canary_holds": Case(_canary("percent: 10\non_failure: hold\ntimeout: 45m\nbake_mode: runner")),
    "canary_own_callback": Case(
        _canary("percent: 10\ncallback: .github/workflows/canary.yml"),
        {
            "canary.yml": callback({"context": "string"}, required=True),
            "deploy-app.yaml": callback({"nobody-gives-this": "string"}),
            "canary-promote.yaml": callback({"percent": "number", "action": "string", "reason": "string"}),
        },
    ),
    "blue_green_verified": Case(
        _blue_green(
            """
verify_preview: {callback: .github/workflows/preview.yaml}
switchback_callback: .github/workflows/switchback.yaml
verify_live: {callback: .github/workflows/live.yaml, interval: 2m, failure_limit: 1}
bake_time: 5m
retire_callback: .github/workflows/retire.yaml
callback: .github/workflows/idle.yaml
"""
        ),
        {"live.yaml": callback({"color": "string"}, outputs=("result",))},
    ),
    "blue_green_retires": Case(
        _blue_green("retire_callback: .github/workflows/retire.yaml\non_failure: hold")
    ),
    "blue_green_in_prod_only": Case(_blue_green("environments: [prod]\nbake_time: 4h59m\ntimeout: 30d")),
    "builds": Case(
        """
environments: [dev]
builds:
  - name: base
  - name: web-app
    needs: [base]
    callback: .github/workflows/build-web.yaml
    inputs: {optimise: true, level: 3}
  - name: docs
deploys:
  - name: web-app
  - name: all-of-them
    callback: .github/workflows/deploy-all.yaml
  - name: docs-and-base
    builds: [docs, base]
    callback: .github/workflows/deploy-docs.yaml
""",
        {
            "build-base.yaml": callback({"sha": "string"}, outputs=("digest", "base-size")),
            "build-web.yaml": callback(
                {"digest": "string", "base-size": "number", "optimise": "boolean", "level": "number"},
                outputs=("image", "replicas", "is_small"),
            ),
            "build-docs.yaml": callback(
                {"sha": "string", "release": "string", "context": "string"}, outputs=("pages",)
            ),
            "deploy-web-app.yaml": callback({"image": "string", "replicas": "number", "is_small": "boolean"}),
            "deploy-all.yaml": callback({"image": "string", "pages": "string", "base-size": "string"}),
            "deploy-docs.yaml": callback({"pages": "string", "digest": "string"}),
        },
    ),
    "constants": Case(
        _all_at_once(
            """    inputs: {text: hello, number: 3, ratio: 0.25, flag: false, shown: "7", said: "true"}
    environment_inputs:
      prod: {text: goodbye, number: 5, tier: gold, flag: false, wide: "x"}
      dev: {wide: "x"}
"""
        ),
        {
            "deploy-web.yaml": callback(
                {
                    "environment": "string",
                    "text": "string",
                    "number": "number",
                    "ratio": "number",
                    "flag": "boolean",
                    "shown": "string",
                    "said": "string",
                    "tier": "string",
                    "wide": "string",
                },
                defaults={"tier": "'it''s silver'"},
            )
        },
    ),
    "constants_over_outputs": Case(
        """
environments: [dev, uat, prod]
builds: [{name: app}]
deploys:
  - name: app
    environment_inputs:
      dev: {image: "debug:{}'s", replicas: 1, is_small: true}
""",
        {
            "build-app.yaml": callback(outputs=("image", "replicas", "is_small")),
            "deploy-app.yaml": callback({"image": "string", "replicas": "number", "is_small": "boolean"}),
        },
    ),
    "hostile_constants": Case(
        _all_at_once(
            "    inputs:\n"
            + "".join(
                f'      h{number}: "{value.replace(chr(34), chr(92) + chr(34))}"\n'
                for number, value in enumerate(HOSTILE)
            )
            + "    environment_inputs:\n      prod:\n"
            + "".join(
                f'        h{number}: "not {value.replace(chr(34), chr(92) + chr(34))}"\n'
                for number, value in enumerate(HOSTILE)
                if number % 2
            )
        ),
        {"deploy-web.yaml": callback({f"h{number}": "string" for number in range(len(HOSTILE))})},
    ),
    "secrets_inherited": Case(
        """
environments: [dev]
builds: [{name: web, secrets: inherit}]
deploys: [{name: web, secrets: inherit}]
"""
    ),
    "secrets_mapped": Case(
        """
environments: [dev]
builds: [{name: web, secrets: {TOKEN: BUILD_TOKEN}}]
deploys:
  - name: web
    secrets: {TOKEN: DEPLOY_TOKEN, OTHER: OTHER}
    strategy: canary
    canary:
      percent: 10
      promote_callback: .github/workflows/canary-promote.yaml
      rollback_callback: .github/workflows/canary-rollback.yaml
""",
        {
            "build-web.yaml": callback(secrets="{TOKEN: {required: true}}"),
            "deploy-web.yaml": callback({"percent": "number"}, secrets="{TOKEN: {required: false}}"),
            "canary-promote.yaml": callback(secrets="{OTHER: {required: true}}"),
        },
    ),
    "permissions": Case(
        """
environments: [dev]
builds:
  - {name: one, permissions: {contents: read, id-token: write, packages: write}}
  - {name: two}
  - {name: three}
deploys:
  - {name: one}
  - {name: two, permissions: {}}
""",
        {
            "build-two.yaml": callback(permissions="permissions: {id-token: write, packages: read}"),
            "build-three.yaml": callback(permissions="permissions: read-all"),
            "deploy-one.yaml": callback(permissions="permissions: write-all"),
            "deploy-two.yaml": callback(permissions="permissions: {}"),
        },
    ),
    "runner_labels": Case(_canary("percent: 10", "runner: [self-hosted, linux, x64]\n")),
    "runner_group": Case(_canary("percent: 10", "runner: {group: big runners, labels: [ubuntu-24.04]}\n")),
    "runner_group_alone": Case(_blue_green("", "runner: {group: big}\n")),
    "other_branches": Case(
        _all_at_once("", "trunk: release/1.x\nstate: {branch: ops/state}\nenvironments: [dev]")
    ),
    "environments": Case(
        _all_at_once(
            "    environments: [prod, dev]\n",
            """environments:
  - {name: dev, promotion: manual, url: "https://dev.example.com/?a=1&b=%20"}
  - {name: uat, promotion: auto}
  - prod""",
        )
        + "  - {name: uat-only, environments: [uat]}\n"
    ),
    "needs": Case(
        """
environments: [dev, prod]
deploys:
  - {name: web, needs: [api, db]}
  - {name: api, needs: [db]}
  - {name: db, environments: [prod]}
"""
    ),
    "extensions": Case(
        _all_at_once(
            "    x-owner: {team: [a, b]}\n", 'x-note: "kept"\nenvironments: [{name: dev, x-cost: 3}]'
        ),
        path=".github/headgate.yaml",
    ),
    "longest_names": Case(
        f"""
environments: [{", ".join(f"{letter}{'e' * 38}{letter}" for letter in "abcdefghijklmnopqrst")}]
builds: [{{name: {"b" * 40}}}]
deploys:
  - name: {"d" * 40}
    strategy: canary
    canary: {{percent: 1, promote_callback: {FOLDER}/p.yaml, rollback_callback: {FOLDER}/r.yaml}}
"""
    ),
    "most_builds": Case(
        f"""
environments: [dev]
builds: [{", ".join(f"{{name: b{number}}}" for number in range(25))}]
deploys: [{{name: web}}]
"""
    ),
    "canary_parked": Case(
        _canary(f"percent: 10\nbake_time: 7d\nbake_mode: park\n{VERIFY}, interval: 1d}}\napproval: {{}}")
    ),
    "canary_reviewed": Case(
        _canary(
            f"steps: [{{percent: 5}}, {{percent: 50}}]\n{VERIFY}}}\n"
            "approval: {github_environment: prod approval, timeout: 30d, on_timeout: hold}"
        )
    ),
    "canary_reviewed_ten_steps": Case(
        _canary(
            "steps: ["
            + ", ".join(f"{{percent: {share}, bake_time: 1d}}" for share in range(9, 99, 9))
            + f"]\nbake_mode: park\n{VERIFY}}}\napproval: {{github_environment: prod-approval}}"
        )
    ),
    "blue_green_reviewed": Case(
        _blue_green(
            "verify_preview: {callback: .github/workflows/preview.yaml}\n"
            "approval: {github_environment: \"it's 'us' # & co\"}\n"
            "retire_callback: .github/workflows/retire.yaml\nbake_time: 2d\nbake_mode: park"
        )
    ),
    "notified": Case(
        _canary(
            "percent: 10\napproval: {github_environment: prod-approval}",
            """notify:
  callback: .github/workflows/tell.yaml
  inputs: {channel: "#deploys", loud: true}
  secrets: {HOOK: CHAT_HOOK}
  permissions: {contents: read, issues: write}
""",
        ),
        {
            "tell.yaml": callback(
                {
                    **dict.fromkeys(("environment", "deploy", "action", "reason", "context"), "string"),
                    "channel": "string",
                    "loud": "boolean",
                },
                secrets="{HOOK: {required: true}}",
            )
        },
    ),
    "same_callback_twice": Case(
        _blue_green(
            "retire_callback: .github/workflows/cutover.yaml\ncallback: .github/workflows/cutover.yaml"
        )
    ),
}
