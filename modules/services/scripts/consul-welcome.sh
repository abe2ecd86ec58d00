# Asks one server after the other for the gossip key, for as long as it takes, and starts the agent.
umask 077
set -o pipefail

printf 'X-Consul-Token: %s\n' "$(<"$CREDENTIALS_DIRECTORY/token")" >"$RUNTIME_DIRECTORY/header"
fetch() {
  curl --silent --show-error --fail --max-time 10 --header "@$RUNTIME_DIRECTORY/header" \
    "http://$1:8500/v1/kv/meshflake/gossip/$NODE?raw" |
    age --decrypt --identity "$IDENTITY" >"$RUNTIME_DIRECTORY/gossip.new"
}

# An agent that has joined before keeps the key by itself.
known=/var/lib/consul/serf/local.keyring
if [ -s "$known" ]; then cp "$known" "$RUNTIME_DIRECTORY/gossip"; fi

until [ -s "$RUNTIME_DIRECTORY/gossip" ]; do
  for server in $SERVERS; do
    if fetch "$server"; then
      mv "$RUNTIME_DIRECTORY/gossip.new" "$RUNTIME_DIRECTORY/gossip"
      break
    fi
  done
  [ -s "$RUNTIME_DIRECTORY/gossip" ] || sleep 10
done
rm -f "$RUNTIME_DIRECTORY/header" "$RUNTIME_DIRECTORY/gossip.new"
systemctl start --no-block consul.service
