import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFleet } from "../../../generators/compile.js";
import { sortUnits, stopInOrder } from "../../../lab/machine/host/order.js";
import { planLab } from "../../../lab/plan.js";
import type { UnitSpec } from "../../../lab/spec.js";
import { PACKAGE } from "../../cli/process.js";

/** In which order a host's units start and end. */

const order = suite("lab: the order of units");

/** Units that end when they are told to, and remember when. */
class Units {
  readonly said: string[] = [];
  readonly #open = new Map<string, () => void>();

  constructor(readonly specs: readonly Pick<UnitSpec, "name" | "after">[]) {}

  get all() {
    return this.specs.map(({ name, after }) => ({
      spec: { name, after, exec: [name], restart: "no" as const, restartMs: 0 },
      stop: () => {
        this.said.push(`stop ${name}`);
        return new Promise<void>((resolve) => this.#open.set(name, resolve));
      },
    }));
  }

  async end(name: string): Promise<void> {
    this.#open.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const UNITS = [
  { name: "nomad", after: ["consul"] },
  { name: "unbound", after: [] },
  { name: "consul", after: [] },
  { name: "nomad-setup", after: ["nomad", "not-here"] },
];

order(
  "units end in the reverse of their order, each once those after it are gone, and others at the same time",
  async () => {
    const units = new Units(UNITS);
    const stopped = stopInOrder(units.all);
    await units.end("");
    assert.equal(units.said.toSorted(), ["stop nomad-setup", "stop unbound"]);
    await units.end("unbound");
    assert.is(units.said.length, 2);
    await units.end("nomad-setup");
    assert.is(units.said.at(-1), "stop nomad");
    await units.end("nomad");
    assert.is(units.said.at(-1), "stop consul");
    await units.end("consul");
    await stopped;
    assert.is(units.said.length, 4);
  },
);

order("units that name each other end all the same", async () => {
  const units = new Units([
    { name: "a", after: ["b"] },
    { name: "b", after: ["a"] },
  ]);
  const stopped = stopInOrder(units.all);
  for (const name of ["", "a", "b", "a", "b"]) await units.end(name);
  await stopped;
  assert.equal(units.said.toSorted(), ["stop a", "stop b"]);
});

order("on a host of the fleet Nomad ends before Consul, and what sets them up before either", async () => {
  const { hosts } = planLab(await compileFleet(PACKAGE), { name: "order" });
  const server = hosts.find(({ units }) => units.some(({ name }) => name === "nomad-setup"));
  const units = new Units(server?.units ?? []);
  const stopped = stopInOrder(units.all);
  for (let turn = 0; turn < UNITS.length; turn++) for (const { name } of units.specs) await units.end(name);
  await stopped;
  const place = (name: string) => units.said.indexOf(`stop ${name}`);
  assert.ok(place("nomad-setup") >= 0 && place("nomad-setup") < place("nomad"));
  assert.ok(place("nomad") < place("consul"));
  assert.is(units.said.length, server?.units.length);
  const starts = sortUnits(server ?? { units: [] }).map(({ name }) => name);
  assert.ok(starts.indexOf("consul") < starts.indexOf("nomad"));
});

order.run();
