# Brings Consul's policies, tokens and gossip keys to what the configuration says. Secrets travel by
# file and pipe only: arguments are everybody's to read.
set -o pipefail
umask 077

# For as long as it takes: each try is a process of its own, which ends at the first error.
if [ "${1:-}" != once ]; then
  # Not all servers at the same moment.
  until "$0" once; do sleep "$((10 + RANDOM % 10))"; done
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

# knows_token: whether Consul knows the management token.
knows_token() {
  local code
  code=$(status GET acl/token/self)
  case $code in
  200) return 0 ;;
  403 | 404) return 1 ;;
  *)
    echo "Consul answers with status $code" >&2
    exit 1
    ;;
  esac
}

# A management token that was rotated is unknown until a server that starts with it becomes the leader.
# Consul takes it earlier from who can write to the leader's disk: the number that it asks for, in a file.
take_over() {
  local code index refused reset=/var/lib/consul/acl-bootstrap-reset
  for _ in 1 2; do
    code=$(jq --null-input --rawfile token "$CREDENTIALS_DIRECTORY/management" \
      '{ BootstrapSecret: ($token | rtrimstr("\n")) }' | status PUT acl/bootstrap --data @-)
    refused=$(head -c 200 "$work/answer")
    # Another server may have been faster.
    if [ "$code" = 200 ] || knows_token; then return; fi
    index=$(sed -nE 's/.*reset index: ([0-9]+).*/\1/p' <<<"$refused")
    [ -n "$index" ] || break
    printf '%s' "$index" >"$reset"
    chown consul "$reset"
  done
  rm -f "$reset"
  echo "Consul knows another management token, and this server is not its leader: $code $refused" >&2
  return 1
}

# Management tokens that this one replaces. A server that starts with an old one makes it again when it
# becomes the leader, so this is not done once and for all.
forget_old() {
  local old
  request GET acl/token/self >"$work/own"
  request GET acl/tokens | jq --raw-output --slurpfile own "$work/own" '
    .[] | select(.AccessorID != $own[0].AccessorID)
    | select(.Description | test("^(Bootstrap|Initial Management) Token")) | .AccessorID
  ' | while read -r old; do request DELETE "acl/token/$old" >/dev/null; done
}

# What is wanted, as Consul's own API has it. A description says all that its rules depend on, so that
# comparing descriptions is enough: a change of the rules below needs a new number in the description.
wanted() {
  jq '
    def rules: map("\(.) { policy = \"read\" }") | join("\n");
    def writes: map("\(.) { policy = \"write\" }") | join("\n");
    {
      policies: ([
        {
          Name: "dns",
          Description: "Answers to DNS: every node and service (1)",
          Rules: (["node_prefix \"\"", "service_prefix \"\"", "query_prefix \"\""] | rules)
        },
        (("server", "client") | {
          Name: "nomad-\(.)",
          Description: "Nomad \(.) (1)",
          Rules: "\(["agent_prefix \"\"", "node_prefix \"\""] | rules)\n\(["service_prefix \"\""] | writes)"
        }),
        {
          Name: "operator",
          Description: "People: everything but tokens and policies (1)",
          Rules: ((["agent", "event", "key", "node", "query", "service", "session"] | map("\(.)_prefix \"\"") | writes)
            + (["keyring", "mesh", "operator"] | map("\n\(.) = \"write\"") | join("")))
        }
      ] + [
        # A host may write its own node and the services that its agent registers, and nothing else.
        .hosts[] | {
          Name: "host-\(.name)",
          Description: "The host \(.name): its own node\(.services | map(", the service \(.)") | join("")) (1)",
          Rules: ([
            (["node \"\(.name)\"", "agent \"\(.name)\"", (.services[] | "service \"\(.)\"")] | writes),
            (["key \"meshflake/gossip/\(.name)\""] | rules)
          ] | join("\n"))
        }
      ]),
      tokens: [
        .hosts[] | {
          AccessorID: .token,
          Description: "Consul on \(.name)",
          Policies: ["dns", "host-\(.name)"],
          file: "\(.name)/consul"
        }, (select(.nomad) | {
          AccessorID: .nomad.token,
          Description: "Nomad on \(.name)",
          Policies: (.nomad.roles | map("nomad-\(.)") | sort),
          file: "\(.name)/nomad"
        })
      ]
    }
  ' "$config"
}

# Policies that are missing or have changed. Most runs end with the comparison.
policies() {
  local change path
  request GET acl/policies >"$work/have"
  jq --compact-output --slurpfile have "$work/have" '
    .policies[] as $wanted
    | ($have[0] | map(select(.Name == $wanted.Name)) | first) as $is
    | select($is.Description != $wanted.Description)
    | { path: (if $is then "acl/policy/\($is.ID)" else "acl/policy" end), body: $wanted }
  ' "$work/wanted" >"$work/changes"
  while read -r change; do
    path=$(jq --raw-output .path <<<"$change")
    jq .body <<<"$change" | request PUT "$path" --data @- >/dev/null
  done <"$work/changes"
}

# Tokens that are missing or have other policies; their secrets were made in advance.
hosts() {
  local change path file
  request GET acl/tokens >"$work/have"
  jq --compact-output --slurpfile have "$work/have" '
    .tokens[] as $wanted
    | ($have[0] | map(select(.AccessorID == $wanted.AccessorID)) | first) as $is
    | select(($is.Policies // [] | map(.Name) | sort) != $wanted.Policies)
    | { path: (if $is then "acl/token/\($is.AccessorID)" else "acl/token" end), body: $wanted }
  ' "$work/wanted" >"$work/changes"
  while read -r change; do
    path=$(jq --raw-output .path <<<"$change")
    file=$(jq --raw-output .body.file <<<"$change")
    jq --rawfile secret "$tokens/$file" '.body | del(.file)
      | .SecretID = ($secret | rtrimstr("\n")) | .Policies |= map({ Name: . })' <<<"$change" |
      request PUT "$path" --data @- >/dev/null
  done <"$work/changes"
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
# own identity opens. No two such copies are alike, so a number says what is in one.
welcome() {
  local name recipient flags
  jq --raw-output '.hosts[] | select(.recipient) | "\(.name) \(.recipient)"' "$config" | while read -r name recipient; do
    flags=$({ echo "$recipient" && cat "$CREDENTIALS_DIRECTORY/gossip"; } | sha256sum)
    flags=$((16#${flags:0:12}))
    if [ "$(status GET "kv/meshflake/gossip/$name")" = 200 ] &&
      jq --exit-status --argjson flags "$flags" '.[0].Flags == $flags' "$work/answer" >/dev/null; then continue; fi
    age --encrypt --armor --recipient "$recipient" "$CREDENTIALS_DIRECTORY/gossip" |
      request PUT "kv/meshflake/gossip/$name?flags=$flags" --data-binary @- >/dev/null
  done
}

# What of the keyring differs from the secret.
compare_keyrings() {
  request GET operator/keyring | jq --slurpfile wanted "$CREDENTIALS_DIRECTORY/gossip" '
    (map(select(.WAN | not)) | first) as $ring
    | $wanted[0] as $keys
    | {
      install: [$keys[] | select(($ring.Keys[.] // 0) < $ring.NumNodes)],
      use: [$keys[0] | select(($ring.PrimaryKeys[.] // 0) < $ring.NumNodes)],
      remove: [$ring.Keys | keys[] | select(. as $key | $keys | index($key) | not) | select($keys | length == 1)]
    }' >"$work/keyring"
}

# change_keyring METHOD ACTION: for each key that the comparison lists under ACTION. Consul only says
# yes when every agent did.
change_keyring() {
  local key
  jq --compact-output --arg action "$2" '.[$action][] | { Key: . }' "$work/keyring" >"$work/keys"
  while read -r key; do request "$1" operator/keyring --data @- <<<"$key" >/dev/null; done <"$work/keys"
}

# The two steps of a rotation, which never split a running cluster. Two keys: everybody gets the new
# one, and once all have it, it is the one that they use. One key: others go, once nobody uses them.
# A secret that was brought about here before may be older than what the agents have: it is left alone.
keyring() {
  local before=$STATE_DIRECTORY/gossip hash
  hash=$(sha256sum <"$CREDENTIALS_DIRECTORY/gossip")
  if grep --quiet --line-regexp --fixed-strings --no-messages "$hash" "$before"; then return; fi
  compare_keyrings
  change_keyring POST install
  compare_keyrings
  if jq --exit-status '.install | length > 0' "$work/keyring" >/dev/null; then
    echo "not every agent has the gossip keys yet" >&2
    return 1
  fi
  change_keyring PUT use
  change_keyring DELETE remove
  printf '%s\n' "$hash" >>"$before"
}

leader=$(request GET status/leader)
[ "$leader" != '""' ] || { echo "no leader yet" >&2; exit 1; }
knows_token || take_over
forget_old
wanted >"$work/wanted"
policies
hosts
revoke
welcome
keyring
rm -f "$work"/*
