#!/usr/bin/env bash
# Says whether the release that is checked out here is healthy: its file `<deploy>/health` must say ok.
# Writes the outputs `result` and `reason`, which Headgate reads after a verification.
set -euo pipefail

deploy=$1
health=$(head -n 1 "$deploy/health" 2>/dev/null || true)
if [ "$health" = ok ]; then
  result=success reason="$deploy answers ok"
else
  result=failure reason="$deploy/health does not say ok"
fi
printf 'result=%s\nreason=%s\n' "$result" "$reason" >>"${GITHUB_OUTPUT:-/dev/stdout}"
printf '%s: %s\n' "$result" "$reason"
