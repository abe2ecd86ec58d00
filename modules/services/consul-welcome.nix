# A host that came after Consul's gossip key was encrypted cannot read it yet. Consul's servers keep a
# copy that only this host's identity opens; the agent starts once it is here. After `meshflake secrets
# rekey` the key is among the host's own secrets, and this module goes.
{ config, lib, pkgs, ... }:
{
  systemd.services.consul-welcome = {
    description = "Fetch Consul's gossip key from the servers";
    wantedBy = [
      "multi-user.target"
      "secrets.target"
    ];
    wants = [ "systemd-networkd-wait-online@mesh.service" ];
    after = [ "systemd-networkd-wait-online@mesh.service" ];
    unitConfig.ConditionPathExists = config.age.secrets.consul-token.path;
    path = [
      pkgs.age
      pkgs.curl
      pkgs.jq
    ];
    environment = {
      NODE = config.services.consul.extraConfig.node_name;
      SERVERS = toString config.services.consul.extraConfig.retry_join;
      IDENTITY = lib.head config.age.identityPaths;
    };
    serviceConfig = {
      Type = "exec";
      RemainAfterExit = true;
      Restart = "on-failure";
      RestartSec = "10s";
      LoadCredential = "token:${config.age.secrets.consul-token.path}";
      RuntimeDirectory = "consul-welcome";
      RuntimeDirectoryMode = "0700";
    };
    startLimitIntervalSec = 0;
    script = builtins.readFile ./scripts/consul-welcome.sh;
  };
}
