import { suite } from "uvu";
import { checkFleet } from "../support/checks.js";

/** The same hosts twice: a fleet, and its environment elsewhere. */

const FOLDER = "examples/two-environments";

const real = suite("real: the checks of two-environments");
checkFleet(real, "two-environments", { folder: FOLDER, options: ["--rounds", "1"], has: ["failover"] });
checkFleet(real, "its environment", { folder: FOLDER, options: ["--env", "dev", "--rounds", "1"], has: ["failover"] });
real.run();
