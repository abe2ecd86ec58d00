import { suite } from "uvu";
import { checkFleet } from "../support/checks.js";

/** A home whose address changes, and a machine in a cloud. */

const real = suite("real: the checks of pis-and-proxmox");
checkFleet(real, "pis-and-proxmox", {
  folder: "examples/pis-and-proxmox",
  options: ["--rounds", "1"],
  has: ["failover", "renumber"],
});
real.run();
