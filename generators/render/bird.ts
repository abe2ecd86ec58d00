import type { BirdView } from "./types.js";

/**
 * Prints `bird.conf`. Whatever route has the highest preference and a neighbour that answers BFD goes to the kernel, so a
 * dead relay's routes are replaced by the next one's within `intervalMs * multiplier`.
 */
export function printBird(view: BirdView): string {
  return `${[
    `router id ${view.routerId};`,
    "protocol device {\n}",
    ...(view.statics.length > 0 ? [printDirect(view)] : []),
    printBfd(view),
    ...view.statics.map(printStatic),
    ...(view.statics.length > 0 ? [KERNEL] : []),
  ].join("\n\n")}\n`;
}

/**
 * BIRD 3.1 and later take a route that changes soon after another for one that the kernel has already, until they read the
 * kernel's table again: every 60 s by default, which would be the pause of a second failure.
 */
const KERNEL = `protocol kernel {
  scan time 5;
  ipv4 {
    import none;
    export where source = RTS_STATIC;
  };
}`;

function printInterfaces({ interfaces }: BirdView): string {
  return interfaces.map((name) => `"${name}"`).join(", ");
}

/** BIRD takes a gateway for a neighbour only where it knows the interface's own address. */
function printDirect(view: BirdView): string {
  return `protocol direct {
  ipv4;
  interface ${printInterfaces(view)};
}`;
}

function printBfd(view: BirdView): string {
  const neighbors = view.neighbors.map(
    ({ address, interface: name, local }) => `  neighbor ${address} dev "${name}" local ${local};\n`,
  );
  return `protocol bfd {
  interface ${printInterfaces(view)} {
    interval ${view.intervalMs} ms;
    multiplier ${view.multiplier};
  };
${neighbors.join("")}}`;
}

/** A symbol of BIRD's is letters, digits and underscores; a prefix keeps clear of its keywords. */
function printStatic({ name, preference, routes, source }: BirdView["statics"][number]): string {
  const lines = routes.map(({ to, via }) => `  route ${to} via ${via} bfd {\n    krt_prefsrc = ${source};\n  };\n`);
  return `protocol static relay_${name.replaceAll("-", "_")} {
  ipv4 {
    preference ${preference};
  };
${lines.join("")}}`;
}
