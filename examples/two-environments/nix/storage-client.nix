# The file server's folders, by the name that the mesh knows it by: the same line in every environment.
{ config, lib, ... }:
let
  mount = folder: {
    device = "storage.mesh.${config.networking.domain}:/${folder}";
    fsType = "nfs";
    options = [
      "nfsvers=4.2"
      "noauto"
      "x-systemd.automount"
      "soft"
    ];
  };
in
{
  fileSystems = lib.genAttrs' [ "documents" "photos" ] (
    folder: lib.nameValuePair "/srv/${folder}" (mount folder)
  );
  systemd.tmpfiles.rules = [ "d /var/lib/ephemeral 0750 root root -" ];
}
