import type { Remain } from "../../protocol.js";
import type { Left } from "./remains.js";

/** What a test has made, in words: `the job meshflake-lab-service in Nomad of cats`. */
export function describeRemain(remain: Exclude<Remain, { readonly kind: "fault" }>): string {
  switch (remain.kind) {
    case "job":
      return `the job ${remain.name} in Nomad of ${remain.cluster}`;
    case "keys":
      return `the keys ${remain.prefix} in Consul of ${remain.cluster}`;
    case "variable":
      return `the variable ${remain.path} in Nomad of ${remain.cluster}`;
    case "table":
      return `the table ${remain.table} of nftables in ${remain.namespace.replace(/^host:/, "")}`;
    case "address":
      return `another address of the site ${remain.site} than ${remain.address}`;
    case "newcomer":
      return `the host ${remain.host} in ${remain.cluster}`;
    default:
      return remain satisfies never;
  }
}

/** `the job … is there still: Nomad of cats has no leader` */
export function describeLeft({ remain, why }: Left): string {
  return `${remain.kind === "fault" ? "what was broken" : describeRemain(remain)} is there still: ${why}`;
}
