# What every host of the fleet has in common, whatever it runs on. All of it can be overridden.
{ lib, ... }:
{
  imports = [ ../images/uuids.nix ];

  # Nix: flakes, for `nixos-rebuild --flake`. Admins copy systems that no cache has signed. Builds wait
  # for everything else, since a Raft leader that starves loses its office.
  nix = {
    channel.enable = lib.mkDefault false;
    daemonCPUSchedPolicy = lib.mkDefault "idle";
    daemonIOSchedClass = lib.mkDefault "idle";
    settings = {
      experimental-features = [
        "nix-command"
        "flakes"
      ];
      trusted-users = [ "@wheel" ];
    };
    gc = {
      automatic = lib.mkDefault true;
      dates = lib.mkDefault "weekly";
      options = lib.mkDefault "--delete-older-than 14d";
      # Not all hosts at once, and never all voters.
      randomizedDelaySec = lib.mkDefault "6h";
    };
  };

  # Disk space: no manuals, no copy of nixpkgs' sources in every system, and logs that end somewhere.
  documentation.enable = lib.mkDefault false;
  nixpkgs.flake = {
    setFlakeRegistry = lib.mkDefault false;
    setNixPath = lib.mkDefault false;
  };
  programs.command-not-found.enable = lib.mkDefault false;
  boot.tmp.cleanOnBoot = lib.mkDefault true;
  services.journald.extraConfig = ''
    SystemMaxUse=500M
    MaxRetentionSec=1month
  '';

  # Accounts: the host files say who they are. Nobody has a password, so sudo asks for none.
  users.mutableUsers = lib.mkDefault false;
  security.sudo = {
    execWheelOnly = lib.mkDefault true;
    wheelNeedsPassword = lib.mkDefault false;
  };

  # ZFS: a pool that another machine still uses is left alone; installers export theirs.
  boot.zfs.forceImportRoot = lib.mkDefault false;

  # Headless: nobody sits in front of an emergency shell, and refused packets of the whole internet
  # need no line each.
  systemd.enableEmergencyMode = lib.mkDefault false;
  networking.firewall.logRefusedConnections = lib.mkDefault false;
}
