# Brings Consul's policies, tokens and gossip keys to what the configuration says. Secrets travel by
# file and pipe only: arguments are everybody's to read.
set -o pipefail
umask 077

# For as long as it takes: each try is a process of its own, which ends at the first error.
if [ "${1:-}" != once ]; then
  until "$0" once; do sleep 10; done
  exit
fi

config=/etc/meshflake/consul.json
tokens=/run/agenix/tokens
work=$RUNTIME_DIRECTORY
printf 'X-Consul-Token: %s\n' "$(<"$CREDENTIALS_DIRECTORY/management")" >"$work/header"

# request METHOD PATH [CURL OPTIONS…]: the answer; fails on any status but 2xx.
request() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --fail --max-time 20 --header "@$work/header" \
    --request "$method" "http://127.0.0.1:8500/v1/$path" "$@"
}

# status METHOD PATH [CURL OPTIONS…]: the status alone; the answer is in $work/answer.
status() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --max-time 20 --header "@$work/header" --output "$work/answer" \
    --write-out '%{http_code}' --request "$method" "http://127.0.0.1:8500/v1/$path" "$@"
}

# A management token that was rotated is unknown here. Consul takes it from who can write to the
# leader's disk: the number that it asks for, in a file.
take_over() {
  local code index
  for _ in 1 2; do
    code=$(jq --null-input --rawfile token "$CREDENTIALS_DIRECTORY/management" \
      '{ BootstrapSecret: ($token | rtrimstr("\n")) }' | status PUT acl/bootstrap --data @-)
    case $code in
    200)
      # The token that it replaces was the same kind, and has to go.
      request GET acl/tokens | jq --raw-output --slurpfile own "$work/answer" '
        .[] | select(.AccessorID != $own[0].AccessorID)
        | select(.Description | test("^(Bootstrap|Initial Management) Token")) | .AccessorID
      ' | while read -r old; do request DELETE "acl/token/$old" >/dev/null; done
      return
      ;;
    403)
      index=$(sed -nE 's/.*reset index: ([0-9]+).*/\1/p' "$work/answer")
      [ -n "$index" ] || break
      printf '%s' "$index" >/var/lib/consul/acl-bootstrap-reset
      chown consul /var/lib/consul/acl-bootstrap-reset
      ;;
    *) break ;;
    esac
  done
  rm -f /var/lib/consul/acl-bootstrap-reset
  echo "Consul does not know this management token, and this server is not its leader" >&2
  return 1
}

# policy NAME DESCRIPTION, with the rules on stdin: made or brought up to date.
policy() {
  local name=$1 description=$2 code id wanted
  wanted=$(jq --raw-input --slurp --arg name "$name" --arg description "$description" \
    '{ Name: $name, Description: $description, Rules: . }')
  code=$(status GET "acl/policy/name/$name")
  if [ "$code" != 200 ]; then
    request PUT acl/policy --data @- <<<"$wanted" >/dev/null
    return
  fi
  if jq --exit-status --argjson wanted "$wanted" '. as $is | $wanted | all(to_entries[]; $is[.key] == .value)' \
    "$work/answer" >/dev/null; then return; fi
  id=$(jq --raw-output .ID "$work/answer")
  request PUT "acl/policy/$id" --data @- <<<"$wanted" >/dev/null
}

# token ACCESSOR FILE DESCRIPTION POLICY…: made in advance, installed here.
token() {
  local accessor=$1 file=$2 description=$3 code
  shift 3
  code=$(status GET "acl/token/$accessor")
  if [ "$code" = 200 ] && jq --exit-status '[.Policies[]?.Name] | sort == ($ARGS.positional | sort)' "$work/answer" \
    --args "$@" >/dev/null; then return; fi
  local path=acl/token
  [ "$code" = 200 ] && path=acl/token/$accessor
  jq --null-input --arg accessor "$accessor" --rawfile secret "$file" --arg description "$description" '{
    AccessorID: $accessor,
    SecretID: ($secret | rtrimstr("\n")),
    Description: $description,
    Policies: [$ARGS.positional[] | { Name: . }]
  }' --args "$@" | request PUT "$path" --data @- >/dev/null
}

# What every cluster has.
policies() {
  policy dns 'Answers to DNS: every node and service' <<'RULES'
node_prefix "" { policy = "read" }
service_prefix "" { policy = "read" }
query_prefix "" { policy = "read" }
RULES
  for role in server client; do
    policy "nomad-$role" "Nomad $role" <<'RULES'
agent_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
service_prefix "" { policy = "write" }
RULES
  done
  policy operator 'People: everything but tokens and policies' <<'RULES'
agent_prefix "" { policy = "write" }
event_prefix "" { policy = "write" }
key_prefix "" { policy = "write" }
keyring = "write"
mesh = "write"
node_prefix "" { policy = "write" }
operator = "write"
query_prefix "" { policy = "write" }
service_prefix "" { policy = "write" }
session_prefix "" { policy = "write" }
RULES
}

# A host may write its own node and the services that its agent registers, and nothing else.
hosts() {
  local host name accessor roles
  jq --compact-output '.hosts[]' "$config" >"$work/hosts"
  while read -r host; do
    name=$(jq --raw-output .name <<<"$host")
    jq '{
      node: { (.name): { policy: "write" } },
      agent: { (.name): { policy: "write" } },
      service: (reduce .services[] as $name ({}; .[$name] = { policy: "write" })),
      key: { "meshflake/gossip/\(.name)": { policy: "read" } }
    }' <<<"$host" | policy "host-$name" "The host $name: its own node and services"
    token "$(jq --raw-output .token <<<"$host")" "$tokens/$name/consul" "Consul on $name" "host-$name" dns
    accessor=$(jq --raw-output '.nomad.token // ""' <<<"$host")
    [ -n "$accessor" ] || continue
    mapfile -t roles < <(jq --raw-output '.nomad.roles[] | "nomad-\(.)"' <<<"$host")
    token "$accessor" "$tokens/$name/nomad" "Nomad on $name" "${roles[@]}"
  done <"$work/hosts"
}

revoke() {
  jq --raw-output '.revoked[]' "$config" | while read -r accessor; do
    case $(status DELETE "acl/token/$accessor") in
    200 | 404) ;;
    *) cat "$work/answer" >&2; return 1 ;;
    esac
  done
}

# A host that came after the gossip key was encrypted cannot read it yet. It gets a copy that only its
# own identity opens.
welcome() {
  jq --raw-output '.hosts[] | select(.recipient) | "\(.name) \(.recipient)"' "$config" | while read -r name recipient; do
    age --encrypt --armor --recipient "$recipient" "$CREDENTIALS_DIRECTORY/gossip" |
      request PUT "kv/meshflake/gossip/$name" --data-binary @- >/dev/null
  done
}

# What of the keyring differs from the secret.
compare_keyrings() {
  request GET operator/keyring | jq --slurpfile wanted "$CREDENTIALS_DIRECTORY/gossip" '
    (map(select(.WAN | not)) | first) as $ring
    | $wanted[0] as $keys
    | {
      rotating: ($keys | length > 1),
      install: [$keys[] | select(($ring.Keys[.] // 0) < $ring.NumNodes)],
      use: (($ring.PrimaryKeys[$keys[0]] // 0) < $ring.NumNodes),
      remove: [$ring.Keys | keys[] | select(. as $key | $keys | index($key) | not)],
      first: $keys[0]
    }' >"$work/keyring"
}

# The two steps of a rotation, which never split a running cluster. Two keys: everybody gets the new
# one, and once all have it, it is the one that they use. One key, and everybody uses it: others go.
keyring() {
  compare_keyrings
  if jq --exit-status .rotating "$work/keyring" >/dev/null; then
    while jq --exit-status '.install | length > 0' "$work/keyring" >/dev/null; do
      jq '{ Key: .install[0] }' "$work/keyring" | request POST operator/keyring --data @- >/dev/null
      sleep 5
      compare_keyrings
    done
    if jq --exit-status .use "$work/keyring" >/dev/null; then
      jq '{ Key: .first }' "$work/keyring" | request PUT operator/keyring --data @- >/dev/null
    fi
  elif jq --exit-status '.use | not' "$work/keyring" >/dev/null; then
    jq --compact-output '.remove[] | { Key: . }' "$work/keyring" | while read -r key; do
      request DELETE operator/keyring --data @- <<<"$key" >/dev/null
    done
  fi
  rm -f "$work/keyring"
}

leader=$(request GET status/leader)
[ "$leader" != '""' ] || { echo "no leader yet" >&2; exit 1; }
code=$(status GET acl/token/self)
case $code in
200) ;;
403 | 404) take_over ;;
*)
  echo "Consul answers with status $code" >&2
  exit 1
  ;;
esac
policies
hosts
revoke
welcome
keyring
rm -f "$work"/*
