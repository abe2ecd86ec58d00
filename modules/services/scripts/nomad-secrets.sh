# Puts the token for Consul and the servers' gossip keys where Nomad reads them. Runs before every start.
set -o pipefail
umask 077

if [ -e "${CREDENTIALS_DIRECTORY:-}/consul" ]; then
  jq --null-input --rawfile token "$CREDENTIALS_DIRECTORY/consul" \
    '{ consul: { token: ($token | rtrimstr("\n")) } }' >/run/nomad/consul.json
fi
if [ -e "${CREDENTIALS_DIRECTORY:-}/gossip" ]; then
  merge_keyring "$CREDENTIALS_DIRECTORY/gossip" /var/lib/nomad/server/serf.keyring
fi
