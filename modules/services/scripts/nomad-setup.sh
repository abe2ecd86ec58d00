# Brings Nomad's ACL system, autopilot and gossip keys to what settings and secrets say.
begin Nomad 4646 "$@"

# While it is there, Nomad makes anybody who asks its manager: it never stays.
reset=/var/lib/nomad/server/acl-bootstrap-reset
trap 'rm -f "$reset"' EXIT
rm -f "$reset"

# The first time, or after the management token was rotated: then Nomad takes it from who can write to
# the leader's disk the number that it asks for.
bootstrap() {
  local code index refused
  for _ in 1 2; do
    code=$(jq --null-input --rawfile token "$CREDENTIALS_DIRECTORY/management" \
      '{ BootstrapSecret: ($token | rtrimstr("\n")) }' | status POST acl/bootstrap --data @-)
    refused=$(head -c 200 "$work/answer")
    # Another server may have been faster. Nomad would take the same token twice, and lose both with one.
    if [ "$code" = 200 ] || knows_token; then
      rm -f "$reset"
      return
    fi
    index=$(sed -nE 's/.*reset index: ([0-9]+).*/\1/p' <<<"$refused")
    [ -n "$index" ] || break
    printf '%s' "$index" >"$reset"
    chmod 0644 "$reset"
  done
  echo "Nomad does not take this management token yet: $code $refused" >&2
  return 1
}

# change_keyring ACTION: for each key that it takes. Nomad only says yes when every server did.
change_keyring() {
  local key
  request GET agent/keyring/list
  jq --compact-output --arg action "$1" --slurpfile wanted "$CREDENTIALS_DIRECTORY/gossip" '
    $wanted[0] as $keys
    | . as $ring
    | {
      install: [$keys[] | select(($ring.Keys[.] // 0) < $ring.NumNodes)],
      use: [$keys[0]],
      remove: [$ring.Keys | keys[] | select(. as $key | $keys | index($key) | not) | select($keys | length == 1)]
    }[$action][] | { Key: . }' "$work/answer" >"$work/keys"
  while read -r key; do request PUT "agent/keyring/$1" --data @- <<<"$key"; done <"$work/keys"
}

# The two steps of a rotation, which never split running servers. Two keys: everybody gets the new one,
# and then uses it. One key: others go, once nobody uses them.
rotate_keyring() {
  change_keyring install
  change_keyring use
  change_keyring remove
}

request GET status/leader
knows_token || bootstrap
forget_old '.Type == "management" and .Name == "Bootstrap Token"'
keep_voters
keyring
rm -f "$work"/*
