# A Contabo VPS or VDS, which boots from BIOS. The disk is /dev/sda on a VirtIO SCSI controller.
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
  # partition; the EFI half goes to the fallback path, and only matters should Contabo switch.
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
  # Contabo's VNC shows.
  boot.initrd.availableKernelModules = [
    "ahci"
    "sd_mod"
    "sr_mod"
  ];
  boot.kernelParams = [
    (if pkgs.stdenv.hostPlatform.isAarch64 then "console=ttyAMA0,115200" else "console=ttyS0,115200")
    "console=tty1"
  ];

  # Hardware: no guest agent. It would let the provider's side run commands as root.
  services.qemuGuest.enable = lib.mkDefault false;

  # Disks: the root file system follows the disk, which grows with an upgrade of the product. ZFS
  # pools grow by `autoexpand` instead.
  boot.growPartition = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
  fileSystems."/".autoResize = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
  boot.zfs.devNodes = lib.mkDefault "/dev/disk/by-partuuid";

  # Clock: the hypervisor's. It is right from the start, so nothing waits for the network's time.

  # Image: what Contabo takes as a custom image.
  image.modules.disk = {
    imports = [ ../images/disk.nix ];
    disko.imageBuilder.imageFormat = "qcow2";
  };
  system.build.platformImage = config.system.build.images.disk;
  system.build.hasPlatformImage = config.disko.devices.disk != { };
}
