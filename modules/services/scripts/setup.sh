# What Consul's and Nomad's setup have in common. Secrets travel by file and pipe only: arguments are
# everybody's to read.
set -o pipefail
umask 077
work=$RUNTIME_DIRECTORY

# begin DAEMON PORT [once]: the rest of the script, for as long as it takes. Each try is a process of its
# own, which ends at the first error.
begin() {
  daemon=$1 api=http://127.0.0.1:$2/v1
  if [ "${3:-}" != once ]; then
    # Soon at first, since daemons are seldom long in coming, and then ever more rarely; not all servers at
    # the same moment.
    local pause=1
    until "$0" once; do
      sleep "$((pause + RANDOM % (pause + 1)))"
      pause=$((pause < 8 ? 2 * pause : 10))
    done
    exit
  fi
  printf 'X-%s-Token: %s\n' "$daemon" "$(<"$CREDENTIALS_DIRECTORY/management")" >"$work/header"
}

# status METHOD PATH [CURL OPTIONS…]: the status; the answer is in $work/answer.
status() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --max-time 20 --header "@$work/header" --output "$work/answer" \
    --write-out '%{http_code}' --request "$method" "$api/$path" "$@"
}

# request METHOD PATH [CURL OPTIONS…]: fails on any status but 2xx.
request() {
  local code
  code=$(status "$@")
  [[ $code = 2* ]] || { echo "$daemon: $1 $2: $code $(head -c 200 "$work/answer")" >&2; return 1; }
}

# knows_token: whether the daemon knows the management token.
knows_token() {
  local code
  code=$(status GET acl/token/self)
  case $code in
  200) return 0 ;;
  4*) return 1 ;;
  *)
    echo "$daemon answers with status $code" >&2
    exit 1
    ;;
  esac
}

# forget_old FILTER: deletes the management tokens that this one replaces.
forget_old() {
  local own old
  request GET acl/token/self
  own=$(jq --raw-output .AccessorID "$work/answer")
  request GET acl/tokens
  jq --raw-output --arg own "$own" \
    ".[] | select(.AccessorID != \$own) | select($1) | .AccessorID" "$work/answer" >"$work/old"
  while read -r old; do request DELETE "acl/token/$old"; done <"$work/old"
}

# keep_voters: how many voters autopilot leaves in peace. In the daemon's settings it only counts when a
# cluster begins.
keep_voters() {
  local index
  request GET operator/autopilot/configuration
  if jq --exit-status --argjson voters "$VOTERS" '.MinQuorum == $voters' "$work/answer" >/dev/null; then return; fi
  index=$(jq .ModifyIndex "$work/answer")
  jq --argjson voters "$VOTERS" '.MinQuorum = $voters' "$work/answer" >"$work/autopilot"
  request PUT "operator/autopilot/configuration?cas=$index" --data "@$work/autopilot"
  # Another server may have been faster; the next try sees what it wrote.
  [ "$(<"$work/answer")" = true ] || { echo "$daemon: somebody else changes autopilot's settings" >&2; return 1; }
}

# keyring: lets the script's own rotate_keyring bring about the gossip secret. One that was brought about
# here before may be older than what the agents have: it is left alone.
keyring() {
  local before=$STATE_DIRECTORY/gossip hash
  hash=$(sha256sum <"$CREDENTIALS_DIRECTORY/gossip")
  if grep --quiet --line-regexp --fixed-strings --no-messages "$hash" "$before"; then return; fi
  rotate_keyring
  printf '%s\n' "$hash" >>"$before"
}
