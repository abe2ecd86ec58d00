# On Nomad's servers: the ACL system with the management token that was made in advance, and the gossip
# keys. Runs on all servers at once and any number of times.
{ config, pkgs, ... }:
let
  inherit (config.age) secrets;
in
{
  systemd.services.nomad-setup = {
    description = "Bootstrap Nomad's ACL system";
    wantedBy = [
      "multi-user.target"
      "secrets.target"
    ];
    after = [ "nomad.service" ];
    unitConfig.ConditionPathExists = secrets.nomad-management.path;
    restartTriggers = [
      secrets.nomad-management.file
      secrets.nomad-gossip.file
    ];
    path = [
      pkgs.curl
      pkgs.jq
    ];
    # How many voters autopilot never goes below; with 0 it is free.
    environment.VOTERS = toString (config.services.nomad.settings.autopilot.min_quorum or 0);
    serviceConfig = {
      Type = "exec";
      RemainAfterExit = true;
      Restart = "on-failure";
      RestartSec = "10s";
      LoadCredential = [
        "management:${secrets.nomad-management.path}"
        "gossip:${secrets.nomad-gossip.path}"
      ];
      RuntimeDirectory = "nomad-setup";
      RuntimeDirectoryMode = "0700";
      # Which gossip keys it has brought about.
      StateDirectory = "nomad-setup";
      StateDirectoryMode = "0700";
    };
    startLimitIntervalSec = 0;
    script = builtins.readFile ./scripts/setup.sh + builtins.readFile ./scripts/nomad-setup.sh;
  };
}
