import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EMPTY_LOCK, type Lock } from "../../generators/model/lock.js";
import { renderFleet } from "../../generators/render/fleet.js";
import { pi, planOf, publicHost, SIX, SIX_FLEET } from "../support/fleets.js";

/** What hosts are told about secrets. */

const files = suite("render: secrets");

function treeOf(hosts: typeof SIX, lock: Lock = EMPTY_LOCK, fleet = SIX_FLEET): ReadonlyMap<string, string> {
  return new Map(renderFleet(planOf(fleet, hosts, lock)).map(({ path, text }) => [path, text]));
}

files("only networkd's key has another owner, and agenix's defaults are left out", () => {
  const text = treeOf(SIX).get("modules/hosts/bianco/secrets.nix") ?? "";
  assert.match(text, 'identityPaths = [ "/etc/meshflake/identity" ];');
  assert.match(text, "ssh.file = ../../../secrets/bianco/ssh.age;");
  assert.match(text, 'owner = "systemd-network";');
  assert.is(text.match(/owner/g)?.length, 1);
  assert.not.match(text, /identity\.age|management|tokens\//);
});

files("Consul's servers install policies and tokens from one file that they share", () => {
  const tree = treeOf(SIX);
  const shared = tree.get("modules/hosts/acl-cats.nix") ?? "";
  for (const host of Object.keys(SIX)) {
    assert.match(shared, `"tokens/${host}/consul".file = ../../secrets/${host}/consul-token.age;`);
  }
  const imports = (host: string) => tree.get(`modules/hosts/${host}/default.nix`) ?? "";
  for (const server of ["cosmo", "maco", "miki"]) {
    assert.match(imports(server), "../acl-cats.nix");
    assert.match(imports(server), "../../services/consul-setup.nix");
    assert.match(imports(server), "../../services/nomad-setup.nix");
  }
  assert.not.match(imports("bianco"), /acl-cats|setup/);
});

files("a host that came late asks the servers, who know its recipient", () => {
  const lock = {
    ...EMPTY_LOCK,
    hosts: { late: { age: "age1late" } },
    clusters: { cats: { secrets: { "consul-gossip": { id: "1", readers: Object.keys(SIX) } } } },
    revoked: ["gone"],
  };
  const tree = treeOf({ ...SIX, late: pi("cgnat") }, lock);
  assert.match(tree.get("modules/hosts/late/default.nix") ?? "", "../../services/consul-welcome.nix");
  assert.not.match(tree.get("modules/hosts/late/secrets.nix") ?? "", /gossip/);
  const shared = tree.get("modules/hosts/acl-cats.nix") ?? "";
  assert.is(shared.match(/recipient = /g)?.length, 1);
  assert.match(shared, 'recipient = "age1late";');
  assert.match(shared, 'revoked = [ "gone" ];');
  assert.not.match(tree.get("modules/hosts/ari/default.nix") ?? "", /welcome/);
});

files("own secrets: who may read them, what waits for them, and what starts again", () => {
  const secrets = { db: { owner: "postgres", group: "db", mode: "440", restart: ["postgresql.service"] } };
  const lock = { ...EMPTY_LOCK, hosts: { a: { secrets: { db: { id: "1", readers: ["a"] } } } } };
  const text = treeOf({ a: publicHost(1, { secrets }) }, lock).get("modules/hosts/a/secrets.nix") ?? "";
  assert.match(
    text,
    /db = \{\n\s+file = \.\.\/\.\.\/\.\.\/secrets\/a\/db\.age;\n\s+owner = "postgres";\n\s+group = "db";\n\s+mode = "0440";/,
  );
  assert.match(
    text,
    /postgresql = \{\n\s+unitConfig\.ConditionPathExists = \[ "\/run\/agenix\/db" \];\n\s+restartTriggers = \[ \.\.\/\.\.\/\.\.\/secrets\/a\/db\.age \];/,
  );
});

files("no host trusts a host key that it made by itself", () => {
  const text = treeOf(SIX).get("modules/hosts/cosmo/base.nix") ?? "";
  assert.match(text, 'path = "/run/agenix/ssh";');
  assert.match(text, "generateHostKeys = false;");
});

files.run();
