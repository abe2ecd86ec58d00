# What Consul's agent needs of its secrets. systemd hands them over, so they stay root's.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.age) secrets;
  # A host that came after the gossip key was encrypted gets it from the servers.
  gossip = (secrets.consul-gossip or { path = "/run/consul-welcome/gossip"; }).path;
in
{
  # Tokens, in Consul's own notation.
  services.consul.extraConfigFiles = [ "/run/consul/tokens.json" ];

  systemd.services.consul = {
    wantedBy = [ "secrets.target" ];
    unitConfig.ConditionPathExists = [
      secrets.consul-token.path
      gossip
    ];
    # Servers change the gossip keys of agents that they reach, while those run. An agent that missed a
    # whole rotation is out of reach, and only takes new keys when it starts. A server that becomes the
    # leader makes the management token that it started with.
    restartTriggers = map (name: secrets.${name}.file) (
      lib.filter (name: secrets ? ${name}) [
        "consul-token"
        "consul-gossip"
        "consul-management"
      ]
    );
    path = [
      pkgs.jq
      pkgs.util-linux
    ];
    serviceConfig = {
      LoadCredential = [
        "token:${secrets.consul-token.path}"
        "gossip:${gossip}"
      ]
      ++ lib.optional (secrets ? consul-management) "management:${secrets.consul-management.path}";
      RuntimeDirectory = "consul";
      RuntimeDirectoryMode = "0700";
    };
    preStart = lib.mkAfter (
      builtins.readFile ./scripts/keyring.sh + builtins.readFile ./scripts/consul-secrets.sh
    );
  };
}
