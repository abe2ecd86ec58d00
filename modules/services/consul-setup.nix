# On Consul's servers: policies, tokens and gossip keys, as /etc/meshflake/consul.json and the secrets
# say. Runs on all servers at once and any number of times; whoever comes second finds nothing to do.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.age) secrets;
  tokens = lib.filterAttrs (name: _: lib.hasPrefix "tokens/" name) secrets;
in
{
  systemd.services.consul-setup = {
    description = "Install Consul's policies and tokens";
    wantedBy = [
      "multi-user.target"
      "secrets.target"
    ];
    after = [ "consul.service" ];
    unitConfig.ConditionPathExists = secrets.consul-management.path;
    restartTriggers = [
      config.environment.etc."meshflake/consul.json".source
      secrets.consul-management.file
      secrets.consul-gossip.file
    ]
    ++ lib.mapAttrsToList (_: secret: secret.file) tokens;
    path = [
      pkgs.age
      pkgs.curl
      pkgs.jq
    ];
    # How many voters autopilot never goes below; with 0 it is free.
    environment.VOTERS = toString (config.services.consul.extraConfig.autopilot.min_quorum or 0);
    serviceConfig = {
      Type = "exec";
      RemainAfterExit = true;
      Restart = "on-failure";
      RestartSec = "10s";
      LoadCredential = [
        "management:${secrets.consul-management.path}"
        "gossip:${secrets.consul-gossip.path}"
      ];
      RuntimeDirectory = "consul-setup";
      RuntimeDirectoryMode = "0700";
      # Which gossip keys it has brought about.
      StateDirectory = "consul-setup";
      StateDirectoryMode = "0700";
    };
    startLimitIntervalSec = 0;
    script = builtins.readFile ./scripts/setup.sh + builtins.readFile ./scripts/consul-setup.sh;
  };
}
