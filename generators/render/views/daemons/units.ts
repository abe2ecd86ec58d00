import type { NixTree } from "../../../model/input.js";
import { printBird } from "../../bird.js";
import { shareBy } from "../../share.js";
import type { BirdView } from "../../types.js";

/**
 * How daemons start: after the mesh, as far as it comes up, and again for as long as it takes. NixOS's own units give up
 * after a few starts, which is what a late interface or a late secret leads to.
 */

/** Waits until networkd has set the interface up; unlike a device unit, it exists in containers too. */
const MESH_IS_UP = "systemd-networkd-wait-online@mesh.service";

function force(value: string): NixTree {
  return { $nix: `lib.mkForce ${value}` };
}

/** nixpkgs's units restart on failure only; Nomad's and Unbound's say themselves how soon. */
const ALWAYS = { Restart: force('"always"') };
const ALWAYS_SOON = { ...ALWAYS, RestartSec: "5s" };

/** @param after what else the daemon needs */
function afterMesh(after: readonly string[]): NixTree {
  const units = [MESH_IS_UP, ...after];
  return { wants: units, after: [...units, "time-sync.target"] };
}

export const viewConsulUnit = shareBy((): NixTree => {
  const consul = { ...afterMesh([]), startLimitIntervalSec: 0, serviceConfig: ALWAYS_SOON };
  return { systemd: { services: { consul } } };
});

/** nixpkgs's Nomad limits its starts in `unitConfig`, so that is where the limit goes. */
export const viewNomadUnit = shareBy((consul: boolean, docker: boolean): NixTree => {
  const after = [...(consul ? ["consul.service"] : []), ...(docker ? ["docker.service"] : [])];
  const nomad = { ...afterMesh(after), unitConfig: { StartLimitIntervalSec: force("0") }, serviceConfig: ALWAYS };
  return { systemd: { services: { nomad } } };
});

/** Unbound binds addresses that are not there yet, and endpoints of the mesh may need it: it waits for nothing. */
export const viewUnboundUnit = shareBy((): NixTree => {
  return { systemd: { services: { unbound: { startLimitIntervalSec: 0, serviceConfig: ALWAYS } } } };
});

/** BIRD follows interfaces as they come and go. */
export function viewBirdOptions(view: BirdView): NixTree {
  const bird = { startLimitIntervalSec: 0, serviceConfig: ALWAYS_SOON };
  return { services: { bird: { enable: true, config: printBird(view) } }, systemd: { services: { bird } } };
}
