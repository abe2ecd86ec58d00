import { reserved } from "./_lan";
import { mediaMount, mediaVolume } from "./_media";
import fleet from "./fleet";

export default fleet.raspberryPi({
  site: "home",
  model: 4,
  address: reserved("pi1"),
  nomad: { nodeClass: "pi", drivers: ["docker"], hostVolumes: mediaVolume },
  nixos: mediaMount,
});
