# What Nomad needs of its secrets. systemd hands them over: a server runs under an account that only
# exists while it runs.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.age) secrets;
  inherit (config.services.nomad) settings;
  credentials = lib.filterAttrs (_: name: secrets ? ${name}) {
    consul = "nomad-token";
    gossip = "nomad-gossip";
  };
  # A new server that cannot read the gossip keys yet would start without encryption, and alone.
  waitsForGossip = (settings.server.enabled or false) && !(credentials ? gossip);
in
{
  # Where clients look for the programs that make bridges.
  environment.etc."cni/bin" = lib.mkIf (settings.client.enabled or false) {
    source = "${pkgs.cni-plugins}/bin";
  };

  # The token for Consul, in Nomad's own notation.
  services.nomad.extraSettingsPaths = lib.optional (credentials ? consul) "/run/nomad/consul.json";

  systemd.services.nomad = {
    wantedBy = [ "secrets.target" ];
    unitConfig.ConditionPathExists = [
      secrets.wireguard.path
    ]
    ++ map (name: secrets.${name}.path) (lib.attrValues credentials)
    ++ lib.optional waitsForGossip "${config.age.secretsDir}/nomad-gossip";
    # Gossip keys too: a server that missed a whole rotation is out of the others' reach, and only takes
    # new keys when it starts.
    restartTriggers = map (name: secrets.${name}.file) (lib.attrValues credentials);
    path = [ pkgs.jq ];
    serviceConfig = {
      LoadCredential = lib.mapAttrsToList (key: name: "${key}:${secrets.${name}.path}") credentials;
      RuntimeDirectory = "nomad";
      RuntimeDirectoryMode = "0700";
    };
    preStart =
      builtins.readFile ./scripts/keyring.sh + builtins.readFile ./scripts/nomad-secrets.sh;
  };
}
