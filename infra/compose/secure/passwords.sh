#!/usr/bin/env bash
# Creates a password of 256 random bits for each folder in /secrets that has none. Only the user with id 1000 can read it, which
# is the user of the broker and of the services in their images.
set -euo pipefail
umask 077

# After a clone with umask 077, only the owner can read the script that starts the broker.
install -m 400 /secure/broker.sh /secrets/broker/broker.sh

for folder in /secrets/*/; do
  file=${folder}password
  if [[ ! -s $file ]]; then
    head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$file.new"
    mv "$file.new" "$file"
    echo "made a password for $(basename "$folder")"
  fi
  chown -R 1000:1000 "$folder"
  chmod 500 "$folder"
  chmod 400 "$file"
done
