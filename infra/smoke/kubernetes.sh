#!/usr/bin/env bash
# Tries the manifests on a real cluster; see usage below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
Usage: infra/smoke/kubernetes.sh [--rate N] [--keep]

Deploys the overlay `local` into the cluster that KUBECONFIG leads to, books a ride, and then books without a pause while it updates
every service, deletes pods at random, drains a node, and scales transaction from 1 to 3 and back. After each of these `npm run check`
counts what is lost, doubled or out of order, in Kafka, the mailbox and the statistics, and every request must have been answered with 202.
It removes everything at the end. The namespace `rideflow` must not exist.

  --rate N   rides per second (default 50)
  --keep     leaves everything in the cluster
  --help     this text

IMAGE names the image of the services (default rideflow:local), which the nodes must have or be able to pull.
A cluster without a default StorageClass gets two hostPath volumes, which is for a cluster of one node.
Prints one line per check and at last "N passed, N failed". Ends with 0 when nothing failed, else with 1.
TEXT
}

rate=50 keep='' image=${IMAGE:-rideflow:local}
while (($#)); do
  case $1 in
    --rate) rate=${2-} && shift ;;
    --keep) keep=1 ;;
    --help | -h) usage && exit 0 ;;
    *) echo "kubernetes.sh: unknown argument \"$1\"; accepted are --rate, --keep and --help" >&2 && exit 1 ;;
  esac
  shift
done
[[ $rate =~ ^[1-9][0-9]*$ ]] || { echo "kubernetes.sh: --rate must be a whole number from 1, not \"$rate\"" >&2; exit 1; }

namespace=rideflow
k() { kubectl --request-timeout=60s -n "$namespace" "$@"; }
if ! kubectl --request-timeout=5s get nodes >/dev/null 2>&1; then
  echo "kubernetes.sh: no cluster answers; set KUBECONFIG to the file of one" >&2
  exit 1
fi
if kubectl get namespace "$namespace" >/dev/null 2>&1; then
  echo "kubernetes.sh: the namespace $namespace exists already; delete it first: kubectl delete namespace $namespace" >&2
  exit 1
fi

passed=0 failed=0 volumes='' node=''
log=$(mktemp)
services=(rides transaction email analytics flow)

finish() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0 || failed > 0)); then
    echo "--- the pods, what happened lately, and the last lines of the services"
    k get pods -o wide || true
    k get events --sort-by=.lastTimestamp 2>/dev/null | tail -n 15 || true
    k logs --prefix --tail 8 -l app.kubernetes.io/component=service || true
  fi
  [[ ! $node ]] || kubectl uncordon "$node" >/dev/null 2>&1 || true
  if [[ ! $keep ]]; then
    kubectl delete namespace "$namespace" --ignore-not-found --timeout=120s >"$log" 2>&1 || { cat "$log"; failed=$((failed + 1)); }
    [[ ! $volumes ]] || remove_volumes >"$log" 2>&1 || { cat "$log"; failed=$((failed + 1)); }
  fi
  rm -f "$log"
  ((status == 0 || failed > 0)) || failed=1
  echo "$passed passed, $failed failed ($SECONDS s)"
  ((failed == 0)) || exit 1
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check NAME COMMAND...: runs the command, prints the name with its outcome; what it wrote is shown only when it failed.
check() {
  local name=$1 start=$SECONDS status
  shift
  set +e # as a condition, a function would go on after a command that fails
  (
    set -e
    "$@"
  ) >"$log" 2>&1
  status=$?
  set -e
  if ((status == 0)); then
    passed=$((passed + 1))
    printf 'ok      %s (%d s)\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    printf 'FAILED  %s (%d s)\n' "$name" $((SECONDS - start))
    sed 's/^/        /' "$log"
    return 1
  fi
}

# root_pod SCRIPT: runs a script as root with /tmp of the node at /node. Outside of the namespace, which refuses such a pod.
root_pod() {
  kubectl -n default delete pod rideflow-smoke --ignore-not-found >/dev/null
  kubectl -n default apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: { name: rideflow-smoke }
spec:
  restartPolicy: Never
  containers:
    - name: root
      image: $image
      imagePullPolicy: IfNotPresent
      command: [sh, -c, "$1"]
      securityContext: { runAsUser: 0 }
      volumeMounts: [{ name: node, mountPath: /node }]
  volumes: [{ name: node, hostPath: { path: /tmp } }]
YAML
  kubectl -n default wait --for=jsonpath='{.status.phase}'=Succeeded pod/rideflow-smoke --timeout=60s
  kubectl -n default delete pod rideflow-smoke
}

# make_volumes: two folders of the node, which the user 1000 may write to, reserved for the two claims.
make_volumes() {
  root_pod "install -d -o 1000 -g 1000 /node/$volumes/kafka /node/$volumes/analytics"
  local name
  for name in kafka analytics; do
    kubectl apply -f - <<YAML
apiVersion: v1
kind: PersistentVolume
metadata: { name: $volumes-$name }
spec:
  capacity: { storage: 5Gi }
  accessModes: [ReadWriteOnce]
  hostPath: { path: /tmp/$volumes/$name }
  claimRef: { namespace: $namespace, name: data-$name-0 }
YAML
  done
}
remove_volumes() {
  kubectl delete pv "$volumes-kafka" "$volumes-analytics" --ignore-not-found
  root_pod "rm -rf /node/$volumes"
}
needs_volumes() { ! kubectl get storageclass -o jsonpath='{.items[*].metadata.annotations}' | grep -q 'is-default-class":"true"'; }

deploy() { kubectl kustomize infra/kubernetes/overlays/local | sed "s#image: rideflow:local#image: $image#" | kubectl apply -f -; }

ready() {
  local name
  k rollout status statefulset/kafka --timeout=180s
  k rollout status deployment/mailbox --timeout=120s
  for name in "${services[@]}"; do k rollout status "$(kind_of "$name")/$name" --timeout=180s; done
}
kind_of() { [[ $1 == analytics ]] && echo statefulset || echo deployment; }

# tools: a pod that may reach everything, with the tools of this folder.
tools() {
  k apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: tools
  labels: { app.kubernetes.io/component: tools }
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
  terminationGracePeriodSeconds: 1
  containers:
    - name: tools
      image: $image
      imagePullPolicy: IfNotPresent
      command: [sleep, infinity]
      resources: { limits: { memory: 1Gi } }
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
YAML
  k wait --for=condition=Ready pod/tools --timeout=60s
  tar -cf - infra/check infra/check.ts infra/book/random.ts infra/smoke/kubernetes/load.ts | k exec -i tools -- sh -c \
    'mkdir /tmp/tools && cd /tmp/tools && tar -xf - && ln -s /app/node_modules node_modules && echo "{\"type\":\"module\"}" >package.json'
}
in_tools() { k exec tools -- sh -c "$1"; }

start_load() { in_tools "cd /tmp/tools; nohup node infra/smoke/kubernetes/load.ts http://rides:4000 $rate /tmp/accepted.ndjson >/tmp/load.json 2>&1 & echo \$! >/tmp/load.pid"; }
# stop_load: waits for the last answers, and prints the figures. Fails if a request did.
stop_load() {
  local figures
  figures=$(in_tools 'kill $(cat /tmp/load.pid); until [ -s /tmp/load.json ]; do sleep 0.2; done; cat /tmp/load.json')
  echo "$figures"
  [[ $figures == *'"failed":0,'* ]]
}
counted() {
  in_tools "cd /tmp/tools && node infra/check.ts --brokers kafka:9092 --mailbox http://mailbox:1080 --stats http://analytics:4003 --accepted /tmp/accepted.ndjson --wait 90"
}

# under_load NAME COMMAND...: does something while rides are booked, and counts afterwards.
under_load() {
  local name=$1
  shift
  check "booking begins" start_load
  check "$name" "$@"
  check "no request failed" stop_load
  sed 's/^/        /' "$log"
  check "nothing is lost, doubled or out of order" counted
  tail -n 1 "$log" | sed 's/^/        /'
}

first_ride() {
  in_tools "cd /tmp/tools && (sleep 3; kill \$\$) & cd /tmp/tools && exec node infra/smoke/kubernetes/load.ts http://rides:4000 1 /tmp/accepted.ndjson"
}

update_all() {
  local name
  for name in "${services[@]}"; do
    k rollout restart "$(kind_of "$name")/$name"
    k rollout status "$(kind_of "$name")/$name" --timeout=240s
  done
}

# delete_pods: nine pods of the services, one after the other. Every other one gets no time to stop, except for rides: a process
# that is killed takes the requests with it that it has in hand.
delete_pods() {
  local n pod pods force
  for n in {1..9}; do
    mapfile -t pods < <(k get pods -l app.kubernetes.io/component=service --field-selector=status.phase=Running -o name | grep -v '/flow-')
    pod=${pods[RANDOM % ${#pods[@]}]}
    force=()
    [[ $pod == pod/rides-* ]] || ((n % 2)) || force=(--grace-period=0 --force)
    echo "deletes $pod ${force[*]}"
    k delete "$pod" --wait=false "${force[@]}"
    sleep 2
    ready
  done
}

# drain_node: the budgets hold the eviction back as long as there is no place for the pods that would follow.
drain_node() {
  local output name left
  output=$(mktemp)
  kubectl drain "$node" --pod-selector=app.kubernetes.io/component=service --delete-emptydir-data --ignore-daemonsets --timeout=240s >"$output" 2>&1 &
  for _ in {1..60}; do
    grep -q 'violate the pod.s disruption budget' "$output" && break
    sleep 1
  done
  cat "$output"
  grep -q 'violate the pod.s disruption budget' "$output" || { echo "no eviction was refused"; return 1; }
  for name in rides transaction email; do
    left=$(k get deployment "$name" -o jsonpath='{.status.readyReplicas}')
    echo "$name: ${left:-0} left"
    ((${left:-0} >= 1)) || return 1
  done
  kubectl uncordon "$node"
  wait $!
  tail -n 3 "$output"
  rm -f "$output"
  ready
}

scale() {
  local replicas
  for replicas in 1 3 1; do
    k scale deployment/transaction --replicas="$replicas"
    k rollout status deployment/transaction --timeout=120s
    k wait --for=jsonpath='{.status.replicas}'="$replicas" deployment/transaction --timeout=60s
    sleep 5
  done
  k scale deployment/transaction --replicas=2
}

# as_before: nothing started again by itself, which would be a crash, a failed probe or too little memory.
as_before() {
  local restarts
  restarts=$(k get pods -o jsonpath='{range .items[*]}{.metadata.name} {.status.containerStatuses[0].restartCount}{"\n"}{end}')
  echo "$restarts"
  ! grep -qv ' 0$' <<<"$restarts"
}

memory() {
  local name pod
  for name in "${services[@]}" kafka mailbox; do
    pod=$(k get pods -l "app.kubernetes.io/name=$name" -o jsonpath='{.items[0].metadata.name}')
    printf '        %-12s %s MiB at most\n' "$name" "$(k exec "$pod" -- sh -c \
      'cat /sys/fs/cgroup/memory.peak 2>/dev/null || cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes' | awk '{ print int($1 / 1048576) }')"
  done
}

kubectl version -o yaml 2>/dev/null | sed -n '/serverVersion/,$s/.*gitVersion: /Kubernetes /p'
if needs_volumes; then
  volumes=rideflow-smoke-$$
  check "there are volumes" make_volumes
fi
check "the overlay local is applied" deploy
check "everything is ready" ready
check "a pod has the tools" tools
check "a first ride is accepted" first_ride
check "it is decided, mailed and counted" counted
sed 's/^/        /' "$log"
under_load "every service is updated" update_all
under_load "nine pods are deleted at random" delete_pods
node=$(k get pod -l app.kubernetes.io/name=rides -o jsonpath='{.items[0].spec.nodeName}')
under_load "a node is drained, slowed down by the budgets" drain_node
under_load "transaction is scaled from 1 to 3 and back" scale
check "no container was started again" as_before
echo "memory of one process of each, page cache included:"
memory
