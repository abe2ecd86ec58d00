# Folders that outlive everything else. NFSv4 alone: one port, and no helpers.
{
  services.nfs = {
    server = {
      enable = true;
      exports = ''
        /srv            192.168.0.0/16(ro,fsid=0,no_subtree_check)
        /srv/documents  192.168.0.0/16(rw,no_subtree_check)
        /srv/photos     192.168.0.0/16(rw,no_subtree_check)
      '';
    };
    settings.nfsd.vers3 = false;
  };

  systemd.tmpfiles.rules = [
    "d /srv/documents 0750 root users -"
    "d /srv/photos 0750 root users -"
  ];
}
