# The NAS's share, mounted when a job first looks at it. Hosts import this file by `imports`.
{
  fileSystems."/srv/shared" = {
    device = "192.168.10.9:/volume1/shared";
    fsType = "nfs";
    options = [
      "nfsvers=4.1"
      "noauto"
      "x-systemd.automount"
      "x-systemd.idle-timeout=600"
      "soft"
    ];
  };
}
