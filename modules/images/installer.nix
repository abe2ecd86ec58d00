# Image variant: nixpkgs' installer, as an ISO image for USB sticks. It starts sshd, and the admins'
# keys open it; nixos-anywhere takes over from there.
{ config, lib, ... }:
{
  image.baseName = lib.mkForce "${config.networking.hostName}-installer";
  isoImage.volumeID = "MESHFLAKE";

  # The stick brings its own loader and has no partition for another.
  boot.loader.systemd-boot.enable = lib.mkForce false;

  # networkd has the network, as on hosts.
  networking.networkmanager.enable = lib.mkForce false;
}
