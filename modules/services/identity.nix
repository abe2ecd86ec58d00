# The host's identity, the one secret that does not come with the system: an age key at
# /etc/meshflake/identity, put there by whoever made the machine. Where it is there from the start,
# agenix has decrypted everything before the first unit starts. Where it comes later, nothing that
# needs a secret starts before, nothing fails, and all of it starts once the file appears.
{ config, lib, ... }:
let
  identity = lib.head config.age.identityPaths;
  secret = name: "${config.age.secretsDir}/${name}";
in
{
  systemd = {
    # Everything that waits for secrets is wanted by this target too.
    targets.secrets.description = "Secrets";

    paths.host-identity = {
      description = "Wait for the host's identity";
      wantedBy = [ "paths.target" ];
      pathConfig.PathExists = identity;
    };

    services = {
      host-identity = {
        description = "Decrypt the host's secrets";
        startLimitIntervalSec = 0;
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
          Restart = "on-failure";
          RestartSec = "15s";
        };
        script = ''
          if [ ! -e ${secret "wireguard"} ]; then
            # Where systemd makes the accounts, agenix is a unit; elsewhere it is a part of activation,
            # which can be repeated.
            ${
              if config.systemd.services ? agenix-install-secrets then
                "systemctl restart agenix-install-secrets.service"
              else
                "/run/current-system/activate"
            }
            if [ ! -e ${secret "wireguard"} ]; then
              echo "${identity} is not this host's identity: it decrypts nothing" >&2
              exit 1
            fi
            # networkd gave up the mesh, for want of a key.
            networkctl reload
          fi
          systemctl start --no-block secrets.target
        '';
      };

      # Without a key there will be no mesh to wait for.
      "systemd-networkd-wait-online@mesh" = {
        overrideStrategy = "asDropin";
        unitConfig.ConditionPathExists = secret "wireguard";
      };

      # The host key is a secret too, so that everybody knows it before the first connection.
      sshd = {
        wantedBy = [ "secrets.target" ];
        unitConfig.ConditionPathExists = secret "ssh";
      };
    };
  };
}
