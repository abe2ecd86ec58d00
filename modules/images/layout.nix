# The disk of a virtual machine's image where no host is named. Partitions have the names that
# generated layouts give them, so that a host's own system boots from this disk as well; a test
# compares the two. Partitions and file systems have fixed UUIDs; the disk's own is drawn by sgdisk.
{
  disko.devices.disk.main = {
    type = "disk";
    device = "/dev/sda";
    content = {
      type = "gpt";
      partitions = {
        boot = {
          size = "1M";
          type = "EF02";
          priority = 1;
          uuid = "7d9b6c2e-3f5a-4c1d-9a08-5e6f1b2c3d41";
        };
        ESP = {
          size = "512M";
          type = "EF00";
          uuid = "7d9b6c2e-3f5a-4c1d-9a08-5e6f1b2c3d42";
          content = {
            type = "filesystem";
            format = "vfat";
            extraArgs = [
              "-i"
              "3d42b001"
            ];
            mountpoint = "/boot";
            mountOptions = [ "umask=0077" ];
          };
        };
        root = {
          size = "100%";
          uuid = "7d9b6c2e-3f5a-4c1d-9a08-5e6f1b2c3d43";
          content = {
            type = "filesystem";
            format = "ext4";
            extraArgs = [
              "-U"
              "7d9b6c2e-3f5a-4c1d-9a08-5e6f1b2c3d44"
            ];
            mountpoint = "/";
          };
        };
      };
    };
  };
}
