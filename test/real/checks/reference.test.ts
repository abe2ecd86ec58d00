import { suite } from "uvu";
import { checkFleet } from "../support/checks.js";

/** The reference fleet, with ten cold starts: `lab test --rounds 20` is for whoever changes how hosts start. */

const real = suite("real: the checks of the reference fleet");
checkFleet(real, "the reference fleet", { folder: ".", options: ["--rounds", "10"], has: ["failover"] });
real.run();
