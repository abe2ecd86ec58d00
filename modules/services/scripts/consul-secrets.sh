# Puts tokens and gossip keys where Consul reads them. Runs as root before every start.
set -o pipefail
umask 077

# One token for all that the agent itself does: its node, its own services, and answers to DNS.
management=$CREDENTIALS_DIRECTORY/management
[ -e "$management" ] || management=/dev/null
jq --null-input \
  --rawfile token "$CREDENTIALS_DIRECTORY/token" \
  --rawfile management "$management" '
    ($token | rtrimstr("\n")) as $own
    | { agent: $own, dns: $own, config_file_service_registration: $own }
    | if $management == "" then . else .initial_management = ($management | rtrimstr("\n")) end
    | { acl: { tokens: . } }
  ' >/run/consul/tokens.json
chown consul /run/consul/tokens.json

# The agent changes its keyring while it runs, so what is there counts. It gets a key that it lacks:
# during a rotation as one more, so that it can still talk to everybody; after one that passed while
# it was off, in place of those that nobody uses any more.
keyring=/var/lib/consul/serf/local.keyring
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
chown -R consul "${keyring%/*}"
