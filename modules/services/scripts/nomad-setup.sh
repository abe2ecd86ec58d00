# Brings Nomad's ACL system and gossip keys to what the secrets say. Secrets travel by file and pipe
# only: arguments are everybody's to read.
set -o pipefail
umask 077

# For as long as it takes: each try is a process of its own, which ends at the first error.
if [ "${1:-}" != once ]; then
  until "$0" once; do sleep 10; done
  exit
fi

work=$RUNTIME_DIRECTORY
printf 'X-Nomad-Token: %s\n' "$(<"$CREDENTIALS_DIRECTORY/management")" >"$work/header"

# status METHOD PATH [CURL OPTIONS…]: the status; the answer is in $work/answer.
status() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --max-time 20 --header "@$work/header" --output "$work/answer" \
    --write-out '%{http_code}' --request "$method" "http://127.0.0.1:4646/v1/$path" "$@"
}

# request METHOD PATH [CURL OPTIONS…]: fails on any status but 2xx.
request() {
  local code
  code=$(status "$@")
  [[ $code = 2* ]] || { echo "Nomad: $1 $2: $code $(head -c 200 "$work/answer")" >&2; return 1; }
}

# knows_token: whether Nomad knows the management token.
knows_token() {
  local code
  code=$(status GET acl/token/self)
  case $code in
  200) return 0 ;;
  4*) return 1 ;;
  *)
    echo "Nomad answers with status $code" >&2
    exit 1
    ;;
  esac
}

# The first time, or after the management token was rotated: then Nomad takes it from who can write to
# the leader's disk the number that it asks for.
bootstrap() {
  local code index refused reset=/var/lib/nomad/server/acl-bootstrap-reset
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
  rm -f "$reset"
  echo "Nomad does not take this management token yet: $code $refused" >&2
  return 1
}

# Management tokens that this one replaces.
forget_old() {
  local own
  request GET acl/token/self
  own=$(jq --raw-output .AccessorID "$work/answer")
  request GET acl/tokens
  jq --raw-output --arg own "$own" \
    '.[] | select(.AccessorID != $own and .Type == "management" and .Name == "Bootstrap Token") | .AccessorID' \
    "$work/answer" >"$work/old"
  while read -r old; do request DELETE "acl/token/$old"; done <"$work/old"
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
# and then uses it. One key: others go, once nobody uses them. A secret that was brought about here
# before may be older than what the servers have: it is left alone.
keyring() {
  local before=$STATE_DIRECTORY/gossip hash
  hash=$(sha256sum <"$CREDENTIALS_DIRECTORY/gossip")
  if grep --quiet --line-regexp --fixed-strings --no-messages "$hash" "$before"; then return; fi
  change_keyring install
  change_keyring use
  change_keyring remove
  printf '%s\n' "$hash" >>"$before"
}

request GET status/leader
knows_token || bootstrap
forget_old
keyring
rm -f "$work"/*
