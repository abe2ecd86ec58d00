# A virtual machine on Proxmox VE: SeaBIOS or OVMF, disk `scsi0` on a VirtIO SCSI controller.
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
  # partition; the EFI half goes to the fallback path, since a new VM's firmware knows no entries.
  boot.loader = {
    efi.canTouchEfiVariables = lib.mkDefault false;
    grub = {
      efiSupport = lib.mkDefault true;
      efiInstallAsRemovable = lib.mkDefault true;
      # /boot is a partition of 512 MB, and a generation takes up to 60 MB of it.
      configurationLimit = lib.mkDefault 6;
    };
  };

  # Kernel: disks on the emulated SATA controller too. The console that is named last is the one that
  # noVNC shows; `qm terminal` gets the serial one.
  boot.initrd.availableKernelModules = [
    "ahci"
    "sd_mod"
    "sr_mod"
  ];
  boot.kernelParams = [
    (if pkgs.stdenv.hostPlatform.isAarch64 then "console=ttyAMA0,115200" else "console=ttyS0,115200")
    "console=tty1"
  ];

  # Hardware: the agent tells Proxmox the VM's addresses, and freezes file systems for backups. It
  # starts where the VM has the agent's port.
  services.qemuGuest.enable = lib.mkDefault true;

  # Disks: the root file system follows the virtual disk. ZFS pools grow by `autoexpand` instead, and
  # VirtIO disks without a serial number have no entry in /dev/disk/by-id, where ZFS looks.
  boot.growPartition = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
  fileSystems."/".autoResize = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
  boot.zfs.devNodes = lib.mkDefault "/dev/disk/by-partuuid";

  # Clock: the hypervisor's. It is right from the start, so nothing waits for the network's time.

  # Image: what `qm importdisk` and Proxmox's import storage take.
  image.modules.disk = {
    imports = [ ../images/disk.nix ];
    disko.imageBuilder.imageFormat = "qcow2";
  };
  system.build.platformImage = config.system.build.images.disk;
  system.build.hasPlatformImage = config.disko.devices.disk != { };
}
