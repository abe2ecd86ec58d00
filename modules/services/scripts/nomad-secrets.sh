# Puts the token for Consul and the servers' gossip keys where Nomad reads them. Runs before every start.
set -o pipefail
umask 077

if [ -e "${CREDENTIALS_DIRECTORY:-}/consul" ]; then
  jq --null-input --rawfile token "$CREDENTIALS_DIRECTORY/consul" \
    '{ consul: { token: ($token | rtrimstr("\n")) } }' >/run/nomad/consul.json
fi

# As with Consul: what the server has made of its keyring counts, and it gets a key that it lacks.
if [ -e "${CREDENTIALS_DIRECTORY:-}/gossip" ]; then
  keyring=/var/lib/nomad/server/serf.keyring
  wanted=$CREDENTIALS_DIRECTORY/gossip
  mkdir -p "${keyring%/*}"
  if [ -s "$keyring" ]; then
    jq --compact-output --slurpfile wanted "$wanted" '
      $wanted[0] as $keys
      | if index($keys[0]) then . elif ($keys | length) == 1 then $keys else . + $keys[:1] end
    ' "$keyring" >"$keyring.new"
  else
    jq --compact-output . "$wanted" >"$keyring.new"
  fi
  mv -f "$keyring.new" "$keyring"
fi
