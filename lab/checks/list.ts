import type { Check } from "./check.js";
import { addHost } from "./each/add-host.js";
import { cluster } from "./each/cluster.js";
import { coldStart } from "./each/cold-start.js";
import { failover } from "./each/failover.js";
import { ports } from "./each/ports.js";
import { reach } from "./each/reach.js";
import { renumber } from "./each/renumber.js";
import { services } from "./each/services.js";

/** All checks, in the order in which they run: those that break nothing first. */
export const CHECKS: readonly Check[] = [reach, cluster, services, ports, failover, renumber, coldStart, addHost];
