/** The process that tests kill. Arguments: folder, the shape of a fleet as JSON, and the identity to rekey with, if any. */
import { shapeFleet } from "../support/fleet.js";
import { generateSecrets, rekeyAll } from "../support/generate.js";

const [root = "", shape = "", identity = ""] = process.argv.slice(2);
const fleet = shapeFleet(JSON.parse(shape));
await (identity === "" ? generateSecrets(root, fleet) : rekeyAll(root, fleet, identity));
