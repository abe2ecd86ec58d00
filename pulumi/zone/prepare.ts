import type * as pulumi from "@pulumi/pulumi";
import type { Fleet } from "../../generators/model/fleet.js";
import type { Problem } from "../../generators/model/problem.js";
import { stackProblem } from "../checks/problem.js";
import { checkZone } from "../checks/zone.js";
import { CloudflareZone, HetznerZone } from "../components/zone.js";
import type { HostOutput } from "../outputs.js";
import { loadCloudflare } from "../packages.js";
import type { CloudView, ZoneView } from "../plan/types.js";
import { takeCloudflareZone, takeHetznerZone } from "./inventory.js";
import { listRecords } from "./records.js";

/** The public names of a stack, once the zone was looked at. */
export interface Names {
  /** What stops the stack. */
  readonly problems: readonly Problem[];
  /** Makes the records. Only called where nothing has a problem. @param machines what the stack made, by host */
  readonly make: (machines: Readonly<Record<string, pulumi.Output<HostOutput>>>) => void;
}

/** Looks at the zone, and checks the names against it. */
export async function prepareZone(fleet: Fleet, view: CloudView, zone: ZoneView): Promise<Names> {
  switch (zone.provider) {
    case "hetzner": {
      const found = await takeHetznerZone(view, zone);
      return {
        problems: checkZone(fleet, zone, found),
        make: (machines) => void new HetznerZone(view, zone, listRecords(zone, machines)),
      };
    }
    case "cloudflare":
      return prepareCloudflare(fleet, view, zone);
    default:
      return zone.provider satisfies never;
  }
}

async function prepareCloudflare(fleet: Fleet, view: CloudView, zone: ZoneView): Promise<Names> {
  const cloudflare = loadCloudflare();
  if (cloudflare === null) {
    const hint = `npm install --workspace pulumi @pulumi/cloudflare: only fleets with a zone at Cloudflare need it`;
    return { problems: [stackProblem("@pulumi/cloudflare is not installed", hint)], make: () => {} };
  }
  const found = await takeCloudflareZone(cloudflare, view, zone);
  return {
    problems: checkZone(fleet, zone, found),
    make: (machines) => {
      if (found !== null) new CloudflareZone(view, { ...zone, id: found.id }, listRecords(zone, machines));
    },
  };
}
