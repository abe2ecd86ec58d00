# What a platform's image is where no host is named: a system that gets an address, lets the admins in
# and takes a host's system, with `nixos-rebuild --target-host` or nixos-anywhere.
{
  config,
  lib,
  pkgs,
  ...
}:
{
  system.stateVersion = lib.mkDefault lib.trivial.release;

  # The network as hosts have it, with an address from whoever gives one. A container's interface is
  # none of those that NixOS's own DHCP takes.
  networking = {
    useNetworkd = true;
    useDHCP = false;
    nftables.enable = true;
    firewall.allowedTCPPorts = config.services.openssh.ports;
  };
  systemd.network = {
    networks."10-uplink" = {
      matchConfig.Name = "en* eth*";
      DHCP = "yes";
      linkConfig.RequiredForOnline = "routable";
    };
    wait-online.anyInterface = true;
  };

  # The host key is made at the first start, so that no two machines share one. The admins' accounts,
  # and what else sshd is told, are in modules/hosts/admins.nix.
  services.openssh.enable = lib.mkDefault true;

  # Whoever connects first can compare: the identity must not go to another machine.
  systemd.services.show-host-key = {
    description = "Show the host key's fingerprint on the console";
    wantedBy = [ "multi-user.target" ];
    wants = [ "sshd-keygen.service" ];
    after = [ "sshd-keygen.service" ];
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "${lib.getExe' pkgs.openssh "ssh-keygen"} -lf /etc/ssh/ssh_host_ed25519_key.pub";
      StandardOutput = "journal+console";
    };
  };
}
