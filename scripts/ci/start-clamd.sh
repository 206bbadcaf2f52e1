#!/usr/bin/env bash
# Starts a clamd of the system with one signature, that of the EICAR test string, and prints its URL:
#   TEST_CLAMD_URL=$(scripts/ci/start-clamd.sh); export TEST_CLAMD_URL
# It installs clamav-daemon where it is missing, and needs no freshclam and no network.
set -euo pipefail

port=${CLAMD_PORT:-3310}
folder=${CLAMD_FOLDER:-${TMPDIR:-/tmp}/create-secure-app-clamd}

if ! command -v clamd >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq clamav-daemon; } >/dev/null 2>&1
fi

answers() {
  [[ $( (exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'zPING\0' >&3 && timeout 2 head -c 4 <&3) 2>/dev/null) == PONG ]]
}

if ! answers; then
  mkdir -p "$folder/db"
  # Name, any kind of file, any place, the first 44 bytes of the string: whole, it would be found in this file too.
  signature='Eicar-Test-Signature:0:*:58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e444152442d414e54495649525553'
  echo "$signature" >"$folder/db/csa.ndb"
  cat >"$folder/clamd.conf" <<CONF
DatabaseDirectory $folder/db
TCPSocket $port
TCPAddr 127.0.0.1
StreamMaxLength 50M
AlertExceedsMax yes
Foreground yes
CONF
  clamd --config-file "$folder/clamd.conf" >"$folder/clamd.log" 2>&1 &
  for _ in $(seq 100); do
    answers && break
    sleep 0.1
  done
  answers || { echo 'clamd does not answer' >&2; cat "$folder/clamd.log" >&2; exit 1; }
fi
echo "tcp://127.0.0.1:$port"
