# Folders that outlive everything else. NFSv4 alone: one port, and no helpers. It is open to the mesh, whose
# range is 10.40.0.0/16 in production and 10.41.0.0/16 in development.
{
  services.nfs = {
    server = {
      enable = true;
      exports = ''
        /srv            10.40.0.0/15(ro,fsid=0,no_subtree_check)
        /srv/documents  10.40.0.0/15(rw,no_subtree_check,no_root_squash)
        /srv/photos     10.40.0.0/15(rw,no_subtree_check,no_root_squash)
      '';
    };
    settings.nfsd.vers3 = false;
  };

  networking.firewall.interfaces.mesh.allowedTCPPorts = [ 2049 ];

  systemd.tmpfiles.rules = [
    "d /srv/documents 0750 root users -"
    "d /srv/photos 0750 root users -"
  ];
}
