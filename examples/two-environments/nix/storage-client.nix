# The file server's folders, by the name that the mesh knows it by: the same line in every environment.
{ config, ... }:
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
  fileSystems = {
    "/srv/documents" = mount "documents";
    "/srv/photos" = mount "photos";
  };
  systemd.tmpfiles.rules = [ "d /var/lib/ephemeral 0750 root root -" ];
}
