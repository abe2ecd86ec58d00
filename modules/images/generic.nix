# What a platform's image is where no host is named: a system that gets an address, lets the admins in
# and takes a host's system, with `nixos-rebuild --target-host` or nixos-anywhere.
{
  config,
  lib,
  ...
}:
{
  system.stateVersion = lib.mkDefault lib.trivial.release;

  # A host that is made from it starts with everything that hosts download at their first start.
  networking = {
    useNetworkd = lib.mkDefault true;
    useDHCP = lib.mkDefault true;
    nftables.enable = lib.mkDefault true;
    firewall.allowedTCPPorts = config.services.openssh.ports;
  };
  systemd.network.wait-online.anyInterface = lib.mkDefault true;

  # The host key is made at the first start, so that no two machines share one. The admins' accounts,
  # and what else sshd is told, are in modules/hosts/admins.nix.
  services.openssh.enable = lib.mkDefault true;
}
