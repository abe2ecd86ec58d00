import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FleetInput, HostInput } from "../../generators/model/input.js";
import { FLEET, publicHost } from "../support/fleets.js";
import { baseOf } from "./plans.js";

const views = suite("render: views of hosts");

views("accounts: admins in wheel, everybody's keys on the deploy user, the host's own beside them", () => {
  const fleet: FleetInput = {
    ...FLEET,
    admins: { nico: { sshKeys: ["k1"], age: [] }, mia: { sshKeys: ["k2"], age: [] } },
  };
  const host = publicHost(1, { sshKeys: ["k3"], users: { mia: { groups: ["audio"] }, guest: { sshKeys: ["k4"] } } });
  const { users } = baseOf(host, fleet).users.users as { users: object };
  assert.equal(users, {
    root: { openssh: { authorizedKeys: { keys: ["k1", "k2", "k3"] } } },
    nico: { isNormalUser: true, extraGroups: ["wheel"], openssh: { authorizedKeys: { keys: ["k1"] } } },
    mia: { isNormalUser: true, extraGroups: ["wheel", "audio"], openssh: { authorizedKeys: { keys: ["k2"] } } },
    guest: { isNormalUser: true, openssh: { authorizedKeys: { keys: ["k4"] } } },
  });
});

views("a deploy user other than root locks root out, and may have a port of its own", () => {
  const view = baseOf(publicHost(1), { ...FLEET, deploy: { user: "ops", port: 2222 } });
  const { openssh } = view.ssh.services as { openssh: { ports: number[]; settings: { PermitRootLogin: string } } };
  assert.equal(openssh.ports, [2222]);
  assert.is(openssh.settings.PermitRootLogin, "no");
  assert.ok("ops" in (view.users.users as { users: object }).users);
});

views("unfree is exactly what runs", () => {
  const unfree = (input: HostInput) => JSON.stringify(baseOf(input).unfree);
  assert.match(unfree(publicHost(1)), /consul.*nomad/);
  assert.not.match(unfree(publicHost(1, { nomad: false })), /nomad/);
  assert.is(unfree(publicHost(1, { nomad: false, consul: false })), "null");
});

views("what only one platform has", () => {
  const lxc = baseOf({ platform: "proxmoxLxc", site: "nat", node: "pve" });
  assert.is(lxc.time, null);
  assert.is(lxc.disks, null);
  const bios = baseOf({
    platform: "bareMetal",
    site: "nat",
    bootMode: "bios",
    disks: { layout: "zfs", device: "/dev/sda" },
  });
  assert.equal(bios.platform, { boot: { loader: { "systemd-boot": { enable: false } } } });
  assert.match((bios.identity.networking as { hostId: string }).hostId, /^[0-9a-f]{8}$/);
  assert.match(JSON.stringify(bios.disks), /"zpool"/);
});

views.run();
