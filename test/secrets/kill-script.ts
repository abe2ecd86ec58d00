/** The process that tests kill. Arguments: folder, and the shape of a fleet as JSON. */
import { shapeFleet } from "./fleet.js";
import { generateSecrets } from "./generate.js";

const [root = "", shape = ""] = process.argv.slice(2);
await generateSecrets(root, shapeFleet(JSON.parse(shape)));
