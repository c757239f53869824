#!/usr/bin/env bash
# The load balancer of this example: a folder in which one file per environment and deploy says who gets the traffic.
# Put your own in its place; the callbacks under .github/workflows are its only callers. Every command may be repeated.
#
#   balancer.sh share   ENVIRONMENT DEPLOY RELEASE PERCENT   RELEASE gets PERCENT of the traffic; 100 makes it the stable one
#   balancer.sh preview ENVIRONMENT DEPLOY RELEASE COLOR     RELEASE stands on COLOR, which gets no traffic yet
#   balancer.sh cutover ENVIRONMENT DEPLOY COLOR             COLOR gets all the traffic
set -euo pipefail

command=$1 environment=$2 deploy=$3
root=${SHOP_BALANCER:-${TMPDIR:-/tmp}/shop-balancer}
place=$root/$environment/$deploy
mkdir -p "$place"

note() {
  printf '%s/%s: %s\n' "$environment" "$deploy" "$1" | tee -a "$root/log"
}

share() {
  local release=$1 percent=$2
  case $percent in
    0)
      rm -f "$place/canary"
      note "no canary, all traffic on the stable release"
      ;;
    100)
      printf '%s\n' "$release" >"$place/stable"
      rm -f "$place/canary"
      note "100 % on $release"
      ;;
    *)
      printf '%s %s\n' "$percent" "$release" >"$place/canary"
      note "$percent % on $release"
      ;;
  esac
}

case $command in
  share) share "$4" "$5" ;;
  preview)
    printf '%s\n' "$4" >"$place/$5"
    note "$4 stands on $5, no traffic"
    ;;
  cutover)
    printf '%s\n' "$4" >"$place/live"
    note "all traffic on $4"
    ;;
  *)
    echo "balancer.sh: no command called $command" >&2
    exit 2
    ;;
esac
