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

merge_keyring "$CREDENTIALS_DIRECTORY/gossip" /var/lib/consul/serf/local.keyring
chown -R consul /var/lib/consul/serf
