import { deployFleet } from "./api.js";

/** The program that `pulumi up` runs: the machines of the fleet in the folder above. */
export default () => deployFleet();
