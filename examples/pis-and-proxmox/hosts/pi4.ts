import { reserved } from "./_lan";
import { mediaMount, mediaVolume } from "./_media";
import fleet from "./fleet";

/** The one with 8 GB: also the third voter, so that there are three. */
export default fleet.raspberryPi({
  site: "home",
  model: 4,
  memory: 8192,
  address: reserved("pi4"),
  nomad: {
    server: true,
    nodeClass: "pi",
    drivers: ["docker"],
    hostVolumes: mediaVolume,
    reserved: { memory: 1024 },
  },
  consul: { server: true },
  nixos: mediaMount,
});
