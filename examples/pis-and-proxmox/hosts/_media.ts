import type { HostVolumeInput, NixTree } from "meshflake";

/** What the file server exports, as every host mounts it. */

const FOLDER = "/srv/media";

/** For `nomad.hostVolumes`. */
export const mediaVolume = { media: { path: FOLDER } } satisfies Record<string, HostVolumeInput>;

/** For `nixos`: mounted when a job first looks at it, and given up where the file server is away. */
export const mediaMount = {
  fileSystems: {
    [FOLDER]: {
      device: "files.lan:/media",
      fsType: "nfs",
      options: ["nfsvers=4.2", "noauto", "x-systemd.automount", "x-systemd.idle-timeout=600", "soft"],
    },
  },
} satisfies NixTree;
