/** The process that `crash.test.ts` kills. Arguments: folder, admin's recipient, hosts. */
import { makeAdmin, makeFleet } from "./fleet.js";
import { generateKeys } from "./generate.js";

const [root = "", recipient = "", ...hosts] = process.argv.slice(2);
await generateKeys(root, makeFleet(hosts, [makeAdmin([recipient])]));
