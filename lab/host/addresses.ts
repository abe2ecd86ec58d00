import type { Network } from "../../generators/render/types.js";

/** Addresses and routes of networkd's units, as lines for `ip -batch -`. Each may be run again. */

/**
 * No second host of a lab has the same address, so none waits a second to find that out (`nodad`).
 * @param network its `address` and `addresses`
 */
export function printAddresses(device: string, { address = [], addresses = [] }: Partial<Network>): string[] {
  return [
    ...address.map((own) => line(own, `addr replace ${own} dev ${device}`)),
    ...addresses.map(({ Address, Peer }) =>
      line(Address, Peer === undefined ? `addr replace ${Address} dev ${device}` : pointToPoint(device, Address, Peer)),
    ),
  ];
}

function pointToPoint(device: string, address: string, peer: string): string {
  return `addr replace ${address.split("/")[0]} peer ${peer} dev ${device}`;
}

function line(address: string, command: string): string {
  return address.includes(":") ? `${command} nodad` : command;
}

/** @param metric the kernel's own default where it is left out */
export function printRoutes(device: string, { routes = [] }: Partial<Network>, metric?: number): string[] {
  return routes.map(({ Destination, Gateway, GatewayOnLink }) =>
    [
      `route replace ${Destination ?? "default"}`,
      ...(Gateway === undefined ? [] : [`via ${Gateway}`]),
      `dev ${device}`,
      ...(GatewayOnLink === true ? ["onlink"] : []),
      ...(metric === undefined ? [] : [`metric ${metric}`]),
    ].join(" "),
  );
}
