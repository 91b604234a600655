#!/usr/bin/env bash
# Tries the compose file for real; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
Usage: infra/smoke/compose.sh [--cluster | --secure]

Builds the image and starts the whole system with docker compose, with its own project name and host ports. Books rides and
follows them to the mailbox, the statistics and the flow page, scales transaction to three, restarts everything to check that
no data is lost, and removes everything.

  --cluster   uses three brokers (infra/compose/cluster.yml), and kills one while rides are booked
  --secure    uses a broker with passwords and permissions (infra/compose/secure.yml), and checks what it rejects
  --help      shows this text

Prints one line for each check, and then "N passed, N failed". Exits with 0 if nothing failed, otherwise with 1.
TEXT
}

files=(-f docker-compose.yml)
cluster= secure=
for argument in "$@"; do
  case $argument in
    --cluster) cluster=1 files+=(-f infra/compose/cluster.yml) ;;
    --secure) secure=1 files+=(-f infra/compose/secure.yml) ;;
    --help | -h) usage && exit 0 ;;
    *) echo "compose.sh: unknown argument \"$argument\"; use --cluster, --secure or --help" >&2 && exit 1 ;;
  esac
done

if ! docker compose version >/dev/null 2>&1 || ! docker info >/dev/null 2>&1; then
  echo "compose.sh: no Docker engine with compose v2 answers. Start Docker and try again" >&2
  exit 1
fi

# free_port: a port of the loopback address that nobody listens on. The brokers advertise theirs, so it must be known before.
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# 0 lets Docker choose a free host port.
export RIDES_PORT=0 TRANSACTION_PORT=0 EMAIL_PORT=0 ANALYTICS_PORT=0 FLOW_PORT=0 MAILBOX_PORT=0 MAILBOX_SMTP_PORT=0 PROMETHEUS_PORT=0 GRAFANA_PORT=0 JAEGER_PORT=0
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
    compose logs --no-color --tail 12 rides transaction email analytics flow || true
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

# shown: the live page is served and tells the whole way of $ride, the mailbox page shows its mail, and rides shows its API.
shown() {
  fetch / flow 4004 | grep -q '<script[^>]*type="module"' || { echo "the page is not built"; return 1; }
  until_seen '<iframe [^>]*src="[^"]*/#/email/' 1 "/mailbox?ride=$ride" flow 4004 || return 1
  until_seen 'swagger-ui-bundle\.js' 1 /docs rides 4000 || return 1
  until_seen '"name":"(stored|decided|committed|mailed|counted)","state":"done"' 5 "/api/rides/$ride" flow 4004
}

# told METHOD PATH BODY: what the page can ask for, asked from this machine.
told() {
  local body
  body=$(curl -sS --max-time 15 -X "$1" -H 'content-type: application/json' -d "$3" "http://$(address flow 4004)/api/controls$2")
  echo "$body"
  [[ $body == *'"on":true'* ]]
}

# foreign: another container, which is not the gateway, may not.
foreign() {
  compose exec -T rides node -e "
    require('node:http').request('http://flow:4004/api/controls/stream', { method: 'DELETE', headers: { host: 'localhost' } },
      ({ statusCode }) => { console.log(statusCode); process.exit(statusCode === 403 ? 0 : 1); }).end();"
}

# ended_well: every service ended by itself, with 0; one that had to be killed would show 137.
ended_well() {
  local codes
  codes=$(compose ps --all --format '{{.Service}} {{.ExitCode}}' rides transaction email analytics flow)
  echo "$codes"
  [[ $codes ]] && ! grep -qv ' 0$' <<<"$codes"
}

# confined SERVICE: it runs without root, on a file system that it cannot change, with no capability to fall back on.
confined() {
  local state
  state=$(docker inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}' \
    "$(compose ps -q "$1" | head -n 1)")
  echo "$state"
  [[ $state == 'true [ALL] [no-new-privileges:true]' ]] || return 1
  compose exec -T "$1" bash -c '[[ $(id -u) != 0 ]] && ! touch /app/written && grep -q "^CapEff:\s*0*$" /proc/self/status'
}

# as USER SCRIPT: runs a script in that service's container, with kafkajs and the password that is there.
as() {
  compose exec -T "$1" node -e "
    const { Kafka, logLevel } = require('kafkajs');
    const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD_FILE: file } = process.env;
    const password = require('node:fs').readFileSync(file, 'utf8').trim();
    const kafka = new Kafka({ brokers: ['kafka:9092'], logLevel: logLevel.NOTHING, retry: { retries: 1 },
      sasl: { mechanism: 'scram-sha-512', username, password } });
    (async () => { $2 })().then(() => process.exit(0), (error) => { console.log(error.type, error.message); process.exit(3); });"
}

# refused USER SCRIPT: the broker refuses what the script does, for want of a permission.
refused() {
  local output status=0
  output=$(as "$@") || status=$?
  echo "$output"
  # kafkajs says the latter about the group of somebody else.
  ((status == 3)) && [[ $output == *AUTHORIZATION_FAILED* || $output == *'Failed to find group coordinator'* ]]
}

writing_to() {
  echo "const p = kafka.producer(); await p.connect(); await p.send({ topic: '$1', messages: [{ value: '{}' }] });"
}
reading() {
  echo "const c = kafka.consumer({ groupId: '$2' }); await c.connect(); await c.subscribe({ topic: '$1' });
    await new Promise((resolve, reject) => { c.on('consumer.group_join', resolve);
      c.on('consumer.crash', ({ payload }) => reject(payload.error)); c.run({ eachMessage: async () => {} }).catch(reject); });"
}

place_of() {
  echo "const a = kafka.admin(); await a.connect(); await a.fetchOffsets({ groupId: '$1', topics: ['ride_confirmed'] });"
}

no_secret_logged() {
  local user password
  for user in broker operator rides transaction email analytics flow; do
    password=$(compose exec -T kafka cat "/secrets/$user/password")
    ((${#password} == 64)) || { echo "$user has no password"; return 1; }
    ! compose logs --no-color 2>&1 | grep -qF "$password" || { echo "the password of $user is in a log"; return 1; }
  done
  ! compose logs --no-color 2>&1 | grep -iE 'storedKey|serverKey'
}

echo "Building and starting the system as rideflow-smoke-$$, on free ports."
check "the image is built" compose build
check "every container is healthy" compose up --detach --wait --wait-timeout 180
for service in rides transaction email analytics flow; do
  check "$service is confined" confined "$service"
done
follow 1
check "the flow page shows the path of ride 1" shown
check "the address of the page is printed" grep -q 'See it happen: http://localhost' <(compose logs --no-color flow)
check "email is slowed down from the page" told PUT /pace/email '{"delay":100,"paused":false,"step":false}'
check "email works at full speed again" told PUT /pace/email '{"delay":0,"paused":false,"step":false}'
check "another container cannot do that" foreign
if [[ $secure ]]; then
  check "flow cannot write to ride_details" refused flow "$(writing_to ride_details)"
  check "email can write its dead letters" as email "$(writing_to ride_confirmed.email.dlq)"
  check "email cannot write to ride_confirmed" refused email "$(writing_to ride_confirmed)"
  check "email cannot read ride_details" refused email "$(reading ride_details email)"
  check "email can read its committed offsets" as email "$(place_of email)"
  check "email cannot read the committed offsets of analytics" refused email "$(place_of analytics)"
  check "rides cannot create a topic" refused rides \
    "const a = kafka.admin(); await a.connect(); await a.createTopics({ topics: [{ topic: 'x' }] }).catch((e) => { throw e.errors?.[0] ?? e; });"
  check "no password is in a log" no_secret_logged
fi
check "three transaction services share the work" \
  compose up --detach --wait --wait-timeout 120 --no-recreate --scale transaction=3
follow 2
if [[ $cluster ]]; then
  check "one of three brokers is killed" compose kill kafka-2
  follow 3
  check "the broker comes back" compose up --detach --wait --wait-timeout 120 --no-recreate --scale transaction=3
  follow 4
else
  check "everything stops on request" compose stop --timeout 10
  check "no service had to be killed" ended_well
  check "everything starts again" compose up --detach --wait --wait-timeout 180 --no-recreate --scale transaction=3
  check "the statistics are kept" until_seen '"overall": ?\{[^}]*"rides": ?2[,}]' 1 /stats analytics 4003
  follow 3
fi
