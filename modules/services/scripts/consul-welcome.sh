# Asks one server after the other for the gossip key, for as long as it takes, and starts the agent.
set -o pipefail
umask 077

gossip=$RUNTIME_DIRECTORY/gossip
printf 'X-Consul-Token: %s\n' "$(<"$CREDENTIALS_DIRECTORY/token")" >"$RUNTIME_DIRECTORY/header"
fetch() {
  curl --silent --show-error --fail --connect-timeout 5 --max-time 10 --header "@$RUNTIME_DIRECTORY/header" \
    "http://$1:8500/v1/kv/meshflake/gossip/$NODE?raw" |
    age --decrypt --identity "$IDENTITY" >"$gossip.new" && [ -s "$gossip.new" ]
}

# An agent that has joined before keeps the key by itself, and need not wait. It still asks: the key may
# have changed while it was off.
known=/var/lib/consul/serf/local.keyring
if [ -s "$known" ]; then
  cp "$known" "$gossip"
  systemctl start --no-block consul.service
fi

while true; do
  for server in $SERVERS; do
    if fetch "$server"; then break 2; fi
  done
  sleep 10
done
rm -f "$RUNTIME_DIRECTORY/header"
if [ -s "$known" ] && jq --exit-status --slurpfile keys "$gossip.new" 'index($keys[0][0])' "$known" >/dev/null; then
  rm -f "$gossip.new"
else
  mv -f "$gossip.new" "$gossip"
  systemctl restart --no-block consul.service
fi
