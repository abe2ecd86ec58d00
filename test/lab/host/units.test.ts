import { suite } from "uvu";
import * as assert from "uvu/assert";
import { printNomad, volumeFolders } from "../../../lab/host/daemons/settings.js";
import { planUnit, type Service } from "../../../lab/host/daemons/units.js";
import { planLab } from "../../../lab/plan.js";
import { FLEET, pi, planOf, publicHost } from "../../support/fleets.js";

/** Services in systemd's words, as a lab runs them. */

const lab = suite("lab: units");

const SERVICE: Service = {
  name: "mailer",
  start: "echo sent\n",
  preStart: "true\n",
  environment: { WHO: "all" },
  restart: "on-failure",
  restartSec: 10,
  after: ["consul"],
  credentials: { token: "/run/agenix/mail-token" },
  runtime: { folder: "mailer", mode: "0700" },
  state: { folder: "mailer", mode: "0755" },
  folders: ["/srv/mail"],
  triggers: ["/etc/mailer.conf"],
};

lab("folders come first, then credentials, then what runs before", () => {
  const { unit, files } = planUnit(SERVICE);
  assert.equal(unit.before, [
    ["install", "-d", "-m", "0700", "/run/mailer"],
    ["install", "-d", "-m", "0755", "/var/lib/mailer"],
    ["install", "-d", "-m", "0755", "/srv/mail"],
    ["install", "-d", "-m", "0700", "/run/credentials/mailer.service"],
    ["install", "-m", "0400", "/run/agenix/mail-token", "/run/credentials/mailer.service/token"],
    ["/run/unit-scripts/mailer-pre-start"],
  ]);
  assert.equal(unit.exec, ["/run/unit-scripts/mailer-start"]);
  assert.equal(
    files.map(({ path, text }) => [path, text]),
    [
      ["/run/unit-scripts/mailer-start", "#!/usr/bin/env bash\nset -e\necho sent\n"],
      ["/run/unit-scripts/mailer-pre-start", "#!/usr/bin/env bash\nset -e\ntrue\n"],
    ],
  );
});

lab("it has systemd's variables, and starts anew when its files or its scripts change", () => {
  const { unit } = planUnit(SERVICE);
  assert.equal(unit.environment, {
    WHO: "all",
    CREDENTIALS_DIRECTORY: "/run/credentials/mailer.service",
    RUNTIME_DIRECTORY: "/run/mailer",
    STATE_DIRECTORY: "/var/lib/mailer",
  });
  assert.equal(unit.restartTriggers, [
    "/etc/mailer.conf",
    "/run/unit-scripts/mailer-start",
    "/run/unit-scripts/mailer-pre-start",
  ]);
  assert.is(unit.restartMs, 10_000);
});

lab("endpoints that are names are looked up at once, and by the fleet's own timer later", () => {
  const endpoint = { mesh: { endpoint: "home.example.org:55820" } };
  const sites = { ...FLEET.sites, home: { ipv4: "portForwarded" as const, ipv6: "none" as const, dynamic: true } };
  const plan = planOf({ ...FLEET, sites }, { cosmo: publicHost(10), named: pi("home", endpoint) });
  const spec = planLab({ plan }, { name: "named" });
  const cosmo = spec.hosts.find(({ name }) => name === "cosmo");
  const [first, again] = ["networkd-endpoints", "mesh-endpoints"].map((name) =>
    cosmo?.units.find((unit) => unit.name === name),
  );
  assert.equal([first?.restart, first?.restartMs, first?.everyMs], ["on-failure", 1_000, undefined]);
  assert.equal([again?.restart, again?.everyMs], ["no", 30_000]);
  const script = cosmo?.files.find(({ path }) => path === first?.exec[0])?.text ?? "";
  assert.match(script, /^wg set mesh peer "[A-Za-z0-9+/]{43}=" endpoint "home\.example\.org:55820"$/m);
});

lab("Nomad runs jobs without Docker, on volumes of its own", () => {
  const options = {
    settings: {
      client: { enabled: true, host_volume: { data: { path: "/srv/data", read_only: false } } },
      plugin: { docker: { config: { allow_privileged: false } }, qemu: { config: { image_paths: [] } } },
    },
  };
  const settings = JSON.parse(printNomad(options)) as typeof options.settings;
  assert.equal(settings.plugin, { qemu: { config: { image_paths: [] } }, raw_exec: { config: { enabled: true } } });
  assert.equal(volumeFolders(options), ["/srv/data"]);
  const server = JSON.parse(printNomad({ settings: { server: { enabled: true } } })) as object;
  assert.equal(server, { data_dir: "/var/lib/nomad", server: { enabled: true } });
});

lab.run();
