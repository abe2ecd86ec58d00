import { suite } from "uvu";
import { checkFleet } from "../support/checks.js";

/** Clusters that must not reach each other. */

const real = suite("real: the checks of three-clusters");
checkFleet(real, "three-clusters", {
  folder: "examples/three-clusters",
  options: ["--rounds", "1"],
  has: ["failover"],
});
real.run();
