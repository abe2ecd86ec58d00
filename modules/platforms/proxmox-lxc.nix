# A container on Proxmox VE. The template that Proxmox unpacks is nixpkgs' image variant `proxmox-lxc`,
# which adds what only a first start needs. That module is not imported here: with it, a host would
# have no other image variant.
{
  config,
  lib,
  pkgs,
  ...
}:
{
  # Boot loader: none. Proxmox starts /sbin/init, which this keeps pointing to the newest generation.
  boot.isContainer = true;
  boot.loader.initScript.enable = true;

  # Kernel: the node's. It loads nftables' modules when a container asks for them, but not WireGuard's:
  # `wireguard` belongs into the node's /etc/modules. These mounts fail in a container.
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
    # NixOS would start one on tty0, which containers lack.
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
  environment.etc = {
    ".pve-ignore.hostname".text = "";
    ".pve-ignore.hosts".text = "";
    ".pve-ignore.resolv.conf".text = "";
    "systemd/network/.pve-ignore.eth0.network".text = "";
  };

  # Clock: the node's, and only the node can set it.

  # Image: a template, whose network is NixOS's own as well.
  image.modules.proxmox-lxc = {
    image.baseName = config.networking.hostName;
    proxmoxLXC = {
      manageHostName = true;
      manageNetwork = true;
    };
  };
  system.build.platformImage = config.system.build.images.proxmox-lxc;
}
