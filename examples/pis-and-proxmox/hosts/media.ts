import { reserved } from "./_lan";
import { mediaMount, mediaVolume } from "./_media";
import fleet from "./fleet";

/** Docker on x86_64, with the desktop's graphics card passed through. */
export default fleet.proxmoxVm({
  site: "home",
  node: "pve",
  vmId: 210,
  cores: 6,
  memory: 16384,
  disk: 128,
  bios: "ovmf",
  hostPci: ["0000:01:00"],
  address: reserved("media"),
  nomad: {
    nodeClass: "gpu",
    meta: { gpu: "rtx-2060" },
    drivers: ["docker"],
    hostVolumes: mediaVolume,
  },
  nixos: {
    ...mediaMount,
    hardware: {
      graphics: { enable: true },
      nvidia: { open: true },
      "nvidia-container-toolkit": { enable: true },
    },
    services: { xserver: { videoDrivers: ["nvidia"] } },
    nixpkgs: { config: { allowUnfreePackages: ["nvidia-x11", "nvidia-settings", "nvidia-persistenced"] } },
  },
});
