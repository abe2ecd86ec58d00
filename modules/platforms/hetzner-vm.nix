# A Hetzner Cloud server: CX, CPX and CCX boot from BIOS, CAX (aarch64) from UEFI. The disk is /dev/sda
# on a VirtIO SCSI controller.
{
  config,
  lib,
  modulesPath,
  pkgs,
  ...
}:
{
  imports = [ "${modulesPath}/profiles/qemu-guest.nix" ];

  # Boot loader: one disk for both kinds of firmware. disko tells GRUB the disk that has a BIOS boot
  # partition; the EFI half goes to the fallback path, since a new server's firmware knows no entries.
  boot.loader = {
    efi.canTouchEfiVariables = lib.mkDefault false;
    grub = {
      efiSupport = lib.mkDefault true;
      efiInstallAsRemovable = lib.mkDefault true;
      # /boot is a partition of 512 MB, and a generation takes up to 60 MB of it.
      configurationLimit = lib.mkDefault 6;
    };
  };

  # Kernel: disks and attached ISO images. The console that is named last is the one that
  # Hetzner's web console shows.
  boot.initrd.availableKernelModules = [
    "ahci"
    "sd_mod"
    "sr_mod"
  ];
  boot.kernelParams = [
    (if pkgs.stdenv.hostPlatform.isAarch64 then "console=ttyAMA0,115200" else "console=ttyS0,115200")
    "console=tty1"
  ];

  # Hardware: no guest agent. It would let whoever holds the project's API token set root's password.
  services.qemuGuest.enable = lib.mkDefault false;

  # Disks: the root file system follows the disk, which grows with the server type and is larger than
  # a snapshot's. ZFS pools grow by `autoexpand` instead.
  boot.growPartition = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
  fileSystems."/".autoResize = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
  boot.zfs.devNodes = lib.mkDefault "/dev/disk/by-partuuid";

  # Clock: the hypervisor's. It is right from the start, so nothing waits for the network's time.

  # Image: a raw disk, which the rescue system can write as it comes in; a snapshot of it makes servers.
  image.modules.disk = {
    imports = [ ../images/disk.nix ];
    disko.imageBuilder.imageFormat = "raw";
  };
  system.build.platformImage = config.system.build.images.disk;
  system.build.hasPlatformImage = config.disko.devices.disk != { };
}
