import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lacksOfAnswers, nodeNames } from "../../../lab/observe/names/node-names.js";
import { host } from "../checks/lab.js";

/** Which of Consul's names a host is asked for, and what its answers lack. */

const names = suite("lab: names of hosts");

const HOSTS = ["ari", "cosmo", "miki"].map((name, index) => host(name, `10.0.0.${index + 1}`));

names("a host is to know itself and the next one, the last one the first", () => {
  assert.equal(
    [...nodeNames(HOSTS, "ari")],
    [
      ["ari.node.consul", "10.0.0.1"],
      ["cosmo.node.consul", "10.0.0.2"],
    ],
  );
  assert.equal([...nodeNames(HOSTS, "miki").keys()], ["miki.node.consul", "ari.node.consul"]);
  const asked = HOSTS.flatMap(({ name }) => [...nodeNames(HOSTS, name).keys()]);
  for (const { name } of HOSTS) assert.is(asked.filter((one) => one === `${name}.node.consul`).length, 2, name);
  assert.equal([...nodeNames(HOSTS.slice(0, 1), "ari").keys()], ["ari.node.consul"]);
});

names("an answer that is missing, another host's, or one of two is a lack", () => {
  const wanted = nodeNames(HOSTS, "ari");
  const answers = (cosmo: readonly string[]) =>
    new Map([
      ["ari.node.consul", ["10.0.0.1"]],
      ["cosmo.node.consul", cosmo],
    ]);
  assert.equal(lacksOfAnswers("ari", wanted, answers(["10.0.0.2"])), []);
  assert.equal(lacksOfAnswers("ari", wanted, answers([])), ["ari: Unbound says nothing for cosmo.node.consul"]);
  assert.equal(lacksOfAnswers("ari", wanted, answers(["10.0.0.3"])), [
    "ari: Unbound says 10.0.0.3 for cosmo.node.consul",
  ]);
  assert.is(lacksOfAnswers("ari", wanted, answers(["10.0.0.2", "10.0.0.9"])).length, 1);
  assert.is(lacksOfAnswers("ari", wanted, new Map()).length, 2);
});

names.run();
