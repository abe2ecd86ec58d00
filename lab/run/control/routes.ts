import type { Fault, HealRequest, Remain, TestHolder } from "../../protocol.js";
import type { LabSpec } from "../../spec.js";
import { applyFleet } from "../apply.js";
import type { Breakage } from "../breakage.js";
import type { Lab } from "../lab.js";
import { tryFleet } from "../try.js";
import { LabError } from "./error.js";
import { TestLog } from "./test-log.js";

/** What each route of the protocol does. Who asks has the lab's own account: the socket's mode sees to it. */

/** What routes act on. */
export interface RouteParts {
  readonly lab: Lab;
  readonly breakage: Breakage;
  /** Ends the lab, after the answer. */
  readonly end: () => void;
}

/** Answers a request; what it returns is sent as JSON. */
export type Answerer = (method: string, path: string, body: unknown) => Promise<unknown>;

/** @throws LabError where the text names none, or cannot be done now */
export function createRoutes({ lab, breakage, end }: RouteParts): Answerer {
  const hosts = hostRoutes(lab, breakage);
  const test = new TestLog();
  return async (method, path, body) => {
    const [first = "", ...rest] = path.split("/").filter((part) => part !== "");
    const route = `${method} ${first === "hosts" ? "hosts" : path.replace(/\/$/, "")}`;
    switch (route) {
      case "GET /state":
        return lab.state(breakage.faults, test.status);
      case "GET /spec":
        return lab.spec;
      case "POST /break":
        return lab.alone(() => breakage.break(body as Fault));
      case "POST /heal":
        return lab.alone(() => breakage.heal(body as HealRequest));
      case "POST /apply":
        return lab.alone(async () => {
          await applyFleet(lab, body as LabSpec, breakage.faults);
          return {};
        });
      case "POST /try":
        return lab.alone(() => tryFleet(lab, body as LabSpec, breakage));
      case "POST /test":
        return test.begin(body as TestHolder);
      case "POST /test/join":
        return test.join();
      case "POST /test/made":
        return test.made(body as readonly Remain[]);
      case "POST /test/gone":
        return test.gone(body as readonly Remain[]);
      case "POST /down":
        end();
        return {};
      case "POST hosts": {
        const [host = "", ...what] = rest.map(decodeURIComponent);
        return lab.withHost(host, () => hosts(host, what));
      }
      default:
        throw new LabError(404, `the lab has no route ${method} ${path}`);
    }
  };
}

/** `start`, `stop`, `kill`, `units/UNIT/restart`. */
function hostRoutes(lab: Lab, breakage: Breakage): (name: string, what: readonly string[]) => Promise<unknown> {
  return async (name, [what, unit = "", verb]) => {
    const host = lab.host(name);
    if (what === "start" && host.state === "off") {
      await lab.boot([host]);
      breakage.forget(name);
    } else if ((what === "stop" || what === "kill") && host.state !== "off") {
      await (what === "stop" ? lab.shutDown(host) : lab.cutPower(host));
      breakage.forget(name);
    } else if (what === "units" && verb === "restart") await lab.requireUnit(name, unit).restart();
    else if (what !== "start" && what !== "stop" && what !== "kill")
      throw new LabError(404, `the lab does nothing called ${what}`);
    return {};
  };
}
