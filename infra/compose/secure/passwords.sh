#!/usr/bin/env bash
# Makes a password for each folder in /secrets that has none: 256 random bits. Only the user with id 1000 may read it, which
# is both the broker's user in its image and the services' in theirs.
set -euo pipefail
umask 077

# After a clone with umask 077 only its owner may read the script that the broker starts with.
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
