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

# The first time, or after the management token was rotated: then Nomad takes it from who can write to
# the leader's disk the number that it asks for.
bootstrap() {
  local code index reset=/var/lib/nomad/server/acl-bootstrap-reset
  for _ in 1 2; do
    code=$(jq --null-input --rawfile token "$CREDENTIALS_DIRECTORY/management" \
      '{ BootstrapSecret: ($token | rtrimstr("\n")) }' | status POST acl/bootstrap --data @-)
    if [ "$code" = 200 ]; then
      rm -f "$reset"
      return
    fi
    index=$(sed -nE 's/.*reset index: ([0-9]+).*/\1/p' "$work/answer")
    [ -n "$index" ] || break
    printf '%s' "$index" >"$reset"
    chmod 0644 "$reset"
  done
  rm -f "$reset"
  echo "Nomad does not take this management token yet: $code $(head -c 200 "$work/answer")" >&2
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

# The two steps of a rotation, which never split running servers. Two keys: everybody gets the new one,
# and then uses it. One key, and everybody uses it: others go.
keyring() {
  local wanted=$CREDENTIALS_DIRECTORY/gossip
  request GET agent/keyring/list
  jq --slurpfile wanted "$wanted" '
    $wanted[0] as $keys
    | . as $ring
    | {
      rotating: ($keys | length > 1),
      install: [$keys[] | select(($ring.Keys[.] // 0) < $ring.NumNodes)],
      remove: [$ring.Keys | keys[] | select(. as $key | $keys | index($key) | not)],
      everywhere: (($ring.Keys[$keys[0]] // 0) == $ring.NumNodes),
      first: $keys[0]
    }' "$work/answer" >"$work/keyring"
  if jq --exit-status .rotating "$work/keyring" >/dev/null; then
    jq --compact-output '.install[] | { Key: . }' "$work/keyring" >"$work/keys"
    while read -r key; do request PUT agent/keyring/install --data @- <<<"$key"; done <"$work/keys"
    jq '{ Key: .first }' "$work/keyring" >"$work/keys"
    request PUT agent/keyring/use --data "@$work/keys"
  elif jq --exit-status .everywhere "$work/keyring" >/dev/null; then
    # Nomad refuses to remove the key that is in use.
    jq --compact-output '.remove[] | { Key: . }' "$work/keyring" >"$work/keys"
    while read -r key; do request PUT agent/keyring/remove --data @- <<<"$key"; done <"$work/keys"
  fi
}

request GET status/leader
code=$(status GET acl/token/self)
case $code in
200) ;;
4*) bootstrap ;;
*)
  echo "Nomad answers with status $code" >&2
  exit 1
  ;;
esac
forget_old
keyring
rm -f "$work"/*
