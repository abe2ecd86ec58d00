# The host's identity, the one secret that does not come with the system: an age key at
# /etc/meshflake/identity, put there by whoever made the machine. Where it is there from the start,
# agenix has decrypted everything before the first unit starts. Where it comes later, nothing that
# needs a secret starts before, nothing fails, and all of it starts once the file appears.
{ config, lib, ... }:
let
  identity = lib.head config.age.identityPaths;
  secret = name: "${config.age.secretsDir}/${name}";
  # Says that secrets came after the first units had looked for them.
  late = "/run/secrets-came-late";
  # What networkd makes with the host's own key.
  devices = map (netdev: netdev.netdevConfig.Name) (
    lib.filter (netdev: (netdev.wireguardConfig.PrivateKeyFile or null) == secret "wireguard") (
      lib.attrValues config.systemd.network.netdevs
    )
  );
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
      # Where systemd makes the accounts, agenix is a unit, and by itself it waits for the accounts alone:
      # what reads secrets would look for them too early, at boot and when a deployment brings new ones.
      agenix-install-secrets =
        lib.mkIf (config.systemd.sysusers.enable || config.services.userborn.enable)
          {
            before = [
              "sysinit.target"
              "systemd-networkd.service"
              "sshd.service"
              "consul-welcome.service"
              "consul.service"
              "nomad.service"
            ];
          };

      host-identity = {
        description = "Decrypt the host's secrets";
        # One that is still starting has looked for the key already, and cannot be told to look again.
        after = [ "systemd-networkd.service" ];
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
            touch ${late}
            # People may come in and look, whatever becomes of the mesh.
            systemctl start --no-block sshd.service
          fi
          # Without the key, networkd gave up the mesh. What is there says more than who ran when.
          meshed() {
            local device
            for device in ${toString devices}; do
              [ -e "/sys/class/net/$device" ] || return 1
            done
          }
          if ! meshed; then
            networkctl reload
            # networkd answers before it is done.
            for _ in 1 2 3 4 5; do
              if meshed; then break; fi
              sleep 1
            done
            if ! meshed; then
              echo "networkd has not made the mesh yet" >&2
              exit 1
            fi
          fi
          systemctl start --no-block secrets.target
          if [ -e ${late} ]; then
            # Other services that wait for a secret were skipped when the system started.
            systemctl start --no-block default.target
            rm ${late}
          fi
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
        restartTriggers = [ config.age.secrets.ssh.file ];
        unitConfig.ConditionPathExists = secret "ssh";
      };

      # Devices take a new key when networkd starts; the path that it reads is the same as before.
      systemd-networkd.restartTriggers = [ config.age.secrets.wireguard.file ];
    };
  };
}
