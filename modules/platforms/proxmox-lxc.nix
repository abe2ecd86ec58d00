# A container on Proxmox VE. Everything here is about running; the template that Proxmox unpacks is the
# image variant `proxmox-lxc`, and importing nixpkgs' module of that name right here would take all
# other image variants away from the host.
{ lib, pkgs, ... }:
{
  # Boot loader: none. Proxmox starts /sbin/init, which this keeps pointing to the newest generation.
  boot.isContainer = true;
  boot.loader.initScript.enable = true;

  # Kernel: the node's. WireGuard's and nftables' modules are loaded there (`wireguard` belongs into
  # the node's /etc/modules), and these mounts are the node's business as well.
  systemd.suppressedSystemUnits = [
    "dev-mqueue.mount"
    "sys-fs-fuse-connections.mount"
    "sys-kernel-debug.mount"
  ];

  # Hardware: the console that `pct console` opens is tty1. An unprivileged container has too few group
  # numbers for the sysctl by which NixOS lets everybody ping, so ping gets the capability instead.
  console.enable = true;
  systemd.services = {
    "autovt@".enable = lib.mkForce true;
    # systemd would start one on tty0, which containers lack.
    "autovt@".unitConfig.ConditionPathExists = [
      ""
      "/dev/%I"
    ];
    "getty@tty1".enable = lib.mkForce true;
  };
  boot.kernel.sysctl."net.ipv4.ping_group_range" = null;
  security.wrappers.ping = {
    owner = "root";
    group = "root";
    capabilities = "cap_net_raw+p";
    source = "${pkgs.iputils.out}/bin/ping";
  };

  # Disks: the node's. Proxmox mounts the root file system before the container starts.

  # Network: NixOS's own. Proxmox writes addresses and resolvers into a container at every start,
  # unless such a file lies beside its own.
  networking.useHostResolvConf = false;
  environment.etc =
    lib.genAttrs
      [
        ".pve-ignore.hostname"
        ".pve-ignore.hosts"
        ".pve-ignore.resolv.conf"
        "systemd/network/.pve-ignore.eth0.network"
      ]
      (_: {
        text = "";
      });
  image.modules.proxmox-lxc = {
    proxmoxLXC = {
      manageHostName = true;
      manageNetwork = true;
    };
  };

  # Clock: the node's, and only the node can set it.
}
