#!/usr/bin/env bash
# Becomes the broker of the image, with the passwords from /secrets. Those of the users are written when its storage is formatted,
# because nobody could log in to add them later. The broker's own password is in a file that Java reads.
set -euo pipefail
umask 077

password_of() { cat "/secrets/$1/password"; }

own=$(password_of broker)
cat >/tmp/broker.jaas <<TEXT
KafkaServer {
  org.apache.kafka.common.security.plain.PlainLoginModule required
  username="broker" password="$own" user_broker="$own";
};
TEXT
export KAFKA_OPTS="${KAFKA_OPTS:-} -Djava.security.auth.login.config=/tmp/broker.jaas"

if [[ ! -e $KAFKA_LOG_DIRS/meta.properties ]]; then
  users=()
  for folder in /secrets/*/; do
    user=$(basename "$folder")
    [[ $user == broker ]] || users+=(--add-scram "SCRAM-SHA-512=[name=$user,password=$(password_of "$user")]")
  done
  cat >/tmp/format.properties <<TEXT
process.roles=$KAFKA_PROCESS_ROLES
node.id=$KAFKA_NODE_ID
controller.quorum.voters=$KAFKA_CONTROLLER_QUORUM_VOTERS
controller.listener.names=$KAFKA_CONTROLLER_LISTENER_NAMES
listeners=$KAFKA_LISTENERS
advertised.listeners=$KAFKA_ADVERTISED_LISTENERS
listener.security.protocol.map=$KAFKA_LISTENER_SECURITY_PROTOCOL_MAP
inter.broker.listener.name=$KAFKA_INTER_BROKER_LISTENER_NAME
sasl.enabled.mechanisms=$KAFKA_SASL_ENABLED_MECHANISMS
sasl.mechanism.inter.broker.protocol=$KAFKA_SASL_MECHANISM_INTER_BROKER_PROTOCOL
log.dirs=$KAFKA_LOG_DIRS
TEXT
  CLUSTER_ID=${CLUSTER_ID:-$(/opt/kafka/bin/kafka-storage.sh random-uuid)}
  export CLUSTER_ID
  # The output of the tool contains the keys that verify the passwords.
  if ! output=$(/opt/kafka/bin/kafka-storage.sh format --cluster-id "$CLUSTER_ID" --config /tmp/format.properties "${users[@]}" 2>&1); then
    echo "The storage cannot be formatted:" >&2
    grep -viE 'scram|password' <<<"$output" >&2
    exit 1
  fi
else
  CLUSTER_ID=$(sed -n 's/^cluster.id=//p' "$KAFKA_LOG_DIRS/meta.properties")
  export CLUSTER_ID
fi
exec /etc/kafka/docker/run
