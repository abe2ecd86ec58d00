# Image variant: nixpkgs' SD card, for one model of the Raspberry Pi. nixos-hardware fills the firmware's
# partition: U-Boot for all models, and a config.txt that knows the Pi 5, which nixpkgs' own does not.
{ config, lib, ... }:
{
  # Tools of an installer, and file systems that a host may not want.
  disabledModules = [ "profiles/base.nix" ];

  image.baseName = config.networking.hostName;

  # nixpkgs' card is for every ARM board: the model's modules are enough.
  hardware.enableAllHardware = lib.mkForce false;

  sdImage = {
    # Device trees, overlays and three firmwares take almost all of nixpkgs' 30 MB.
    firmwareSize = 128;
    # nixpkgs' own default is a UUID that every card has as well; this one only says so.
    rootPartitionUUID = "44444444-4444-4444-8888-888888888888";
  };
}
