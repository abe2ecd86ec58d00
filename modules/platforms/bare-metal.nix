# A machine of one's own, x86_64 or aarch64. UEFI; a host that boots from BIOS sets
# `boot.loader.systemd-boot.enable = false`, and gets GRUB on the disk that disko names.
{
  config,
  lib,
  pkgs,
  ...
}:
{
  # Boot loader: systemd-boot, entered into the firmware's list.
  boot.loader = {
    efi.canTouchEfiVariables = lib.mkDefault true;
    systemd-boot = {
      enable = lib.mkDefault true;
      # /boot is a partition of 512 MB, and a generation takes up to 60 MB of it.
      configurationLimit = lib.mkDefault 6;
      # Who sits at the keyboard does not get a root shell from the kernel's command line.
      editor = lib.mkDefault false;
    };
    grub.configurationLimit = lib.mkDefault 6;
  };

  # Kernel: what a root disk may hang on.
  boot.initrd.availableKernelModules = [
    "ahci"
    "nvme"
    "sd_mod"
    "uas"
    "usb_storage"
    "usbhid"
    "xhci_pci"
  ];

  # Hardware: firmware of network cards and graphics, the processor's microcode, and the board's
  # watchdog, which resets a machine that hangs. Where there is none, systemd goes without.
  hardware = {
    enableRedistributableFirmware = lib.mkDefault true;
    cpu = lib.mkIf pkgs.stdenv.hostPlatform.isx86_64 {
      amd.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
      intel.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
    };
  };
  systemd.settings.Manager.RuntimeWatchdogSec = lib.mkDefault "30s";

  # Disks: partitioned at install to their full size, so nothing grows later.

  # Clock: the board's. It keeps running without power, so nothing waits for the network's time.

  # Image: a host's is its disk, to be written to the machine's from another one. With no host, and so
  # no disks, it is an installer.
  image.modules = {
    disk = {
      imports = [ ../images/disk.nix ];
      # The disk is larger than its image. Once the host was rebuilt, there is nothing left to grow.
      boot.growPartition = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
      fileSystems."/".autoResize = lib.mkDefault (config.fileSystems."/".fsType != "zfs");
    };
    iso-installer = ../images/installer.nix;
  };
  system.build.platformImage =
    let
      inherit (config.system.build) images;
    in
    if config.disko.devices.disk == { } && !(config.fileSystems ? "/") then
      images.iso-installer
    else
      images.disk;
  # A host whose disks somebody lays out by hand has neither.
  system.build.hasPlatformImage = config.disko.devices.disk != { } || !(config.fileSystems ? "/");
}
