import { parseArgs } from "node:util";
import { LabClient } from "../client/client.js";
import { observeLab } from "./observe.js";

/** `observe.js --socket PATH`, inside of a lab's namespaces: prints one Observation as JSON. */
const { values } = parseArgs({ options: { socket: { type: "string" } } });
if (values.socket === undefined) throw new Error("--socket PATH is missing");
const client = new LabClient(values.socket);
const [spec, state] = await Promise.all([client.spec(), client.state()]);
process.stdout.write(`${JSON.stringify(await observeLab(spec, state))}\n`);
