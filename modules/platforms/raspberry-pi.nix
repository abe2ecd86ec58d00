# Raspberry Pi 3, 4 and 5. The model's kernel and device tree come from nixos-hardware, which the
# generated default.nix imports.
{ config, lib, ... }:
{
  # Boot loader: U-Boot reads /boot/extlinux/extlinux.conf from the root file system.
  boot.loader = {
    grub.enable = lib.mkDefault false;
    generic-extlinux-compatible = {
      enable = lib.mkDefault true;
      # Kernels and initrds of old generations fill a card quickly.
      configurationLimit = lib.mkDefault 5;
    };
  };

  # The firmware loads U-Boot, and hands it the device tree with what config.txt adds.
  hardware.raspberry-pi.firmware.uboot.enable = lib.mkDefault true;

  # Kernel: the firmware switches the memory cgroup off, and without it Nomad and Docker cannot limit
  # what a job uses. Raspberry Pi's own kernels still want the older spelling as well. They lack a
  # driver that the initrd asks for where it expects a TPM.
  boot.kernelParams = [
    "cgroup_enable=memory"
    "cgroup_memory=1"
  ];
  boot.initrd.systemd.tpm2.enable = lib.mkDefault false;

  # Hardware: firmware of the wireless chips; the watchdog, which resets a board that hangs, and whose
  # counter ends at 16 s; memory compressed in place, since swapping wears a card out.
  hardware.enableRedistributableFirmware = lib.mkDefault true;
  systemd.settings.Manager.RuntimeWatchdogSec = lib.mkDefault "15s";
  zramSwap.enable = lib.mkDefault true;

  # Disks: the labels that the SD card image gives. U-Boot and the firmware are written to the small
  # partition once, so it need not be mounted. A host with `disks` overrides both.
  fileSystems = {
    "/" = {
      device = lib.mkDefault "/dev/disk/by-label/NIXOS_SD";
      fsType = lib.mkDefault "ext4";
      options = [ "noatime" ];
    };
    "/boot/firmware" = {
      device = lib.mkDefault "/dev/disk/by-label/FIRMWARE";
      fsType = lib.mkDefault "vfat";
      options = lib.mkDefault [
        "noauto"
        "nofail"
      ];
    };
  };

  # Clock: there is none. timesyncd starts from the time that it saved last, and whatever is ordered
  # after time-sync.target waits for the network's time: TLS, DNSSEC and WireGuard's handshakes fail
  # before. A Pi whose uplink is down carries on with the saved time, so that its LAN still works.
  systemd.additionalUpstreamSystemUnits = [ "systemd-time-wait-sync.service" ];
  systemd.services.systemd-time-wait-sync = {
    wantedBy = [ "sysinit.target" ];
    serviceConfig.TimeoutStartSec = lib.mkDefault "2min";
  };

  # Image: an SD card. It holds the root file system, so a host with `disks` has none.
  image.modules.sd-card = ../images/sd-card.nix;
  system.build.platformImage =
    if config.system.build.hasPlatformImage then
      config.system.build.images.sd-card
    else
      throw "${config.networking.hostName} has disks of its own, which no card has: start the Pi from its model's card (`meshflake image raspberry-pi-4`), and install the host from there with disko";
  system.build.hasPlatformImage = config.disko.devices.disk == { };
}
