# Brings Consul's policies, tokens, autopilot and gossip keys to what the configuration says.
begin Consul 8500 "$@"

config=/etc/meshflake/consul.json
tokens=/run/agenix/tokens

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

# Policies that are missing or have changed. Most runs end with the comparison. Policies of hosts that are
# gone, and their gossip keys, stay: nobody has a token for them, and a server with an older configuration
# would make them again.
policies() {
  local change path
  request GET acl/policies
  jq --compact-output --slurpfile have "$work/answer" '
    .policies[] as $wanted
    | ($have[0] | map(select(.Name == $wanted.Name)) | first) as $is
    | select($is.Description != $wanted.Description)
    | { path: (if $is then "acl/policy/\($is.ID)" else "acl/policy" end), body: $wanted }
  ' "$work/wanted" >"$work/changes"
  while read -r change; do
    path=$(jq --raw-output .path <<<"$change")
    jq .body <<<"$change" | request PUT "$path" --data @-
  done <"$work/changes"
}

# list_revoked: accessors that some server has revoked, into $work/revoked.
list_revoked() {
  local code
  code=$(status GET 'kv/meshflake/revoked/?keys')
  case $code in
  200) jq 'map(ltrimstr("meshflake/revoked/"))' "$work/answer" >"$work/revoked" ;;
  404) echo '[]' >"$work/revoked" ;;
  *)
    echo "Consul answers with status $code when asked what is revoked" >&2
    return 1
    ;;
  esac
}

# Tokens that are missing or have other policies; their secrets were made in advance. A server with an
# older configuration must not bring back what others have revoked: it looks for the token first, and for
# the note that was there before the token went after that.
tokens_of_hosts() {
  local change path file
  request GET acl/tokens
  mv "$work/answer" "$work/have"
  list_revoked
  jq --compact-output --slurpfile have "$work/have" --slurpfile revoked "$work/revoked" '
    .tokens[] as $wanted
    | ($have[0] | map(select(.AccessorID == $wanted.AccessorID)) | first) as $is
    | select(($is.Policies // [] | map(.Name) | sort) != $wanted.Policies)
    | {
      path: (if $is then "acl/token/\($is.AccessorID)" else "acl/token" end),
      gone: any($revoked[0][]; . == $wanted.AccessorID),
      body: $wanted
    }
  ' "$work/wanted" >"$work/changes"
  while read -r change; do
    file=$(jq --raw-output .body.file <<<"$change")
    if jq --exit-status .gone <<<"$change" >/dev/null; then
      echo "the token $file was revoked and stays gone; where the host is back, rotate it" >&2
      continue
    fi
    path=$(jq --raw-output .path <<<"$change")
    jq --rawfile secret "$tokens/$file" '.body | del(.file)
      | .SecretID = ($secret | rtrimstr("\n")) | .Policies |= map({ Name: . })' <<<"$change" |
      request PUT "$path" --data @-
  done <"$work/changes"
}

# First a note for servers with an older configuration, then the token goes.
revoke() {
  local accessor
  jq --raw-output '.revoked[]' "$config" | while read -r accessor; do
    if jq --exit-status --arg accessor "$accessor" 'index($accessor) == null' "$work/revoked" >/dev/null; then
      request PUT "kv/meshflake/revoked/$accessor"
    fi
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
    # A file, not a pipe: of a copy that could not be made, nothing is kept.
    age --encrypt --armor --recipient "$recipient" "$CREDENTIALS_DIRECTORY/gossip" >"$work/copy"
    request PUT "kv/meshflake/gossip/$name?flags=$flags" --data-binary "@$work/copy"
  done
}

# What of the keyring differs from the secret.
compare_keyrings() {
  request GET operator/keyring
  jq --slurpfile wanted "$CREDENTIALS_DIRECTORY/gossip" '
    (map(select(.WAN | not)) | first) as $ring
    | $wanted[0] as $keys
    | {
      install: [$keys[] | select(($ring.Keys[.] // 0) < $ring.NumNodes)],
      use: [$keys[0] | select(($ring.PrimaryKeys[.] // 0) < $ring.NumNodes)],
      remove: [$ring.Keys | keys[] | select(. as $key | $keys | index($key) | not) | select($keys | length == 1)]
    }' "$work/answer" >"$work/keyring"
}

# change_keyring METHOD ACTION: for each key that the comparison lists under ACTION. Consul only says
# yes when every agent did.
change_keyring() {
  local key
  jq --compact-output --arg action "$2" '.[$action][] | { Key: . }' "$work/keyring" >"$work/keys"
  while read -r key; do request "$1" operator/keyring --data @- <<<"$key"; done <"$work/keys"
}

# The two steps of a rotation, which never split a running cluster. Two keys: everybody gets the new
# one, and once all have it, it is the one that they use. One key: others go, once nobody uses them.
rotate_keyring() {
  compare_keyrings
  change_keyring POST install
  compare_keyrings
  if jq --exit-status '.install | length > 0' "$work/keyring" >/dev/null; then
    echo "not every agent has the gossip keys yet" >&2
    return 1
  fi
  change_keyring PUT use
  change_keyring DELETE remove
}

request GET status/leader
if jq --exit-status '. == ""' "$work/answer" >/dev/null; then
  echo "no leader yet" >&2
  exit 1
fi
if ! knows_token; then
  echo "Consul does not know this management token until a server that started with it leads" >&2
  exit 1
fi
# A server that starts with an old one makes it again when it leads: this is never done for good.
forget_old '.Description | test("^(Bootstrap|Initial Management) Token")'
wanted >"$work/wanted"
policies
tokens_of_hosts
revoke
welcome
keep_voters
keyring
rm -f "$work"/*
