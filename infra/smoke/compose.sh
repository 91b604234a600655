#!/usr/bin/env bash
# Tries the compose file for real; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
Usage: infra/smoke/compose.sh [--cluster]

Builds the image, starts the whole system with docker compose beside whatever else is running (a project name and
host ports of its own), books rides and follows them to the mailbox and the statistics, scales the transaction
service to three, starts everything anew to see that nothing is forgotten, and removes all of it again.

  --cluster   three brokers (infra/compose/cluster.yml), one of which is killed while rides are booked
  --help      this text

Prints one line per check and at last "N passed, N failed". Ends with 0 when nothing failed, else with 1.
TEXT
}

files=(-f docker-compose.yml)
cluster=
for argument in "$@"; do
  case $argument in
    --cluster) cluster=1 files+=(-f infra/compose/cluster.yml) ;;
    --help | -h) usage && exit 0 ;;
    *) echo "compose.sh: unknown argument \"$argument\"; accepted are --cluster and --help" >&2 && exit 1 ;;
  esac
done

if ! docker compose version >/dev/null 2>&1 || ! docker info >/dev/null 2>&1; then
  echo "compose.sh: no Docker engine with compose v2 answers; start Docker and try again" >&2
  exit 1
fi

# free_port: a port of the loopback address that nobody listens on. The brokers advertise theirs, so it must be known before.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# 0 lets Docker choose a free host port.
export RIDES_PORT=0 TRANSACTION_PORT=0 EMAIL_PORT=0 ANALYTICS_PORT=0 MAILBOX_PORT=0 MAILBOX_SMTP_PORT=0 PROMETHEUS_PORT=0
KAFKA_PORT=$(free_port) KAFKA_PORT_2=$(free_port) KAFKA_PORT_3=$(free_port)
export KAFKA_PORT KAFKA_PORT_2 KAFKA_PORT_3

compose() { docker compose --progress quiet --ansi never -p "rideflow-smoke-$$" "${files[@]}" "$@"; }

passed=0 failed=0
log=$(mktemp)

finish() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0 || failed > 0)); then
    echo "--- the containers, and the last lines of the services"
    compose ps --all || true
    compose logs --no-color --tail 12 rides transaction email analytics || true
  fi
  compose down -v --remove-orphans --timeout 10 >"$log" 2>&1 || { cat "$log"; failed=$((failed + 1)); }
  rm -f "$log"
  ((status == 0 || failed > 0)) || failed=1
  echo "$passed passed, $failed failed"
  ((failed == 0)) || exit 1
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check NAME COMMAND...: runs the command, prints the name with its outcome; what it wrote is shown only when it failed.
check() {
  local name=$1 start=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok      %s (%d s)\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    printf 'FAILED  %s (%d s)\n' "$name" $((SECONDS - start))
    sed 's/^/        /' "$log"
    return 1
  fi
}

# address SERVICE PORT: where this machine reaches a port of a service.
address() { compose port "$1" "$2"; }

# fetch PATH SERVICE PORT: the answer's body.
fetch() { curl -sS --fail --max-time 5 --retry 5 --retry-delay 1 --retry-all-errors "http://$(address "$2" "$3")$1"; }

# until_seen PATTERN COUNT PATH SERVICE PORT: waits, at most 30 s, until the pattern occurs COUNT times in the answer.
until_seen() {
  local pattern=$1 count=$2 body='' seen=0 end=$((SECONDS + 30))
  shift 2
  while ((SECONDS < end)); do
    body=$(fetch "$@") || true
    seen=$(grep -oE -- "$pattern" <<<"$body" | wc -l) || true
    ((seen == count)) && return 0
    sleep 0.3
  done
  echo "expected $pattern $count times at $1 of $2, saw it $seen times in: ${body:0:2000}"
  return 1
}

# book CUSTOMER: posts a ride and leaves its id in $ride.
book() {
  local headers
  headers=$(curl -sS --max-time 15 --retry 5 --retry-delay 1 --retry-all-errors -D - \
    -H 'content-type: application/json' -H "idempotency-key: \"$1\"" \
    -d "{\"customer_id\":\"$1\",\"location\":{\"lat\":12.97,\"long\":77.59}}" "http://$(address rides 4000)/rides")
  ride=$(sed -nE 's#^[Ll]ocation: */rides/([^[:space:]]+).*#\1#p' <<<"$headers")
  [[ $headers == *' 202 '* && $ride ]] || { echo "expected 202 and a Location, got: $headers"; return 1; }
}

# follow NUMBER: books this ride, the first one being 1, and sees it decided, mailed and counted.
follow() {
  check "ride $1 is accepted" book "smoke_$1"
  echo "        /rides/$ride"
  check "ride $1 is confirmed" until_seen '"status": ?"confirmed"' 1 "/rides/$ride" rides 4000
  check "ride $1 is mailed, once" until_seen "\"x-ride-id\": ?\"$ride\"" 1 /email mailbox 1080
  check "ride $1 is counted, $1 in all" until_seen "\"overall\": ?\{[^}]*\"rides\": ?$1[,}]" 1 /stats analytics 4003
}

# ended_well: every service ended by itself, with 0; one that had to be killed would show 137.
ended_well() {
  local codes
  codes=$(compose ps --all --format '{{.Service}} {{.ExitCode}}' rides transaction email analytics)
  echo "$codes"
  [[ $codes ]] && ! grep -qv ' 0$' <<<"$codes"
}

echo "Building and starting the system as rideflow-smoke-$$, on free ports."
check "the image is built" compose build
check "every container is healthy" compose up --detach --wait --wait-timeout 180
follow 1
check "three transaction services share the work" \
  compose up --detach --wait --wait-timeout 120 --no-recreate --scale transaction=3
follow 2
if [[ $cluster ]]; then
  check "one of three brokers is killed" compose kill kafka-2
  follow 3
  check "the broker comes back" compose up --detach --wait --wait-timeout 120 --no-recreate --scale transaction=3
  follow 4
else
  check "everything stops when asked" compose stop --timeout 10
  check "no service had to be killed" ended_well
  check "everything starts again" compose up --detach --wait --wait-timeout 180 --no-recreate --scale transaction=3
  check "the statistics are kept" until_seen '"overall": ?\{[^}]*"rides": ?2[,}]' 1 /stats analytics 4003
  follow 3
fi
