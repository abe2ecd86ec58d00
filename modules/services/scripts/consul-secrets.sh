# Puts tokens and gossip keys where Consul reads them, before every start.
place_secrets() {
  # One token for all that the agent itself does: its node, its own services, and answers to DNS.
  local management=$CREDENTIALS_DIRECTORY/management
  [ -e "$management" ] || management=/dev/null
  jq --null-input \
    --rawfile token "$CREDENTIALS_DIRECTORY/token" \
    --rawfile management "$management" '
      ($token | rtrimstr("\n")) as $own
      | { agent: $own, dns: $own, config_file_service_registration: $own }
      | if $management == "" then . else .initial_management = ($management | rtrimstr("\n")) end
      | { acl: { tokens: . } }
    ' >/run/consul/tokens.json
  merge_keyring "$CREDENTIALS_DIRECTORY/gossip" /var/lib/consul/serf/local.keyring
}

# The unit begins as root, but these folders are Consul's: root would follow whatever links it finds there.
setpriv --reuid="$(id -u consul)" --regid="$(id -g consul)" --keep-groups \
  "$BASH" -c "$(declare -f merge_keyring place_secrets); set -eu -o pipefail; umask 077; place_secrets"
