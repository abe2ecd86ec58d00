import { CA_BUNDLE } from "./daemons/unbound.js";
import { agree, anyOf, ends, is, labAlone, nixosAlone, type Values } from "./excuses.js";

/**
 * Where a lab's host knowingly differs from the NixOS host, and why: the only such list. What it does not name is equal; a test
 * evaluates hosts with Nix and holds both against each other. Options that a host sets by itself (`nixos`, `imports`) are Nix, which
 * a lab does not evaluate, and own secrets are never opened: neither is in any lab.
 */

/** Something that is not the same, and may be so. */
export interface Difference {
  /**
   * Matches what differs, written as `file:PATH`, `file:PATH:KEY`, `rules:TABLE`, `sysctl:NAME`, `networkd:UNIT`,
   * `unit:NAME` or `unit:NAME:SETTING`.
   */
  readonly where: RegExp;
  /** Whether the two values differ in what the reason is about, and in nothing else. */
  readonly only: (values: Values) => boolean;
  readonly why: string;
  /** Whether the hosts of the reference fleet show it. @default true */
  readonly reference?: boolean;
}

/** Units of NixOS's, and of the fleet's, that no lab has. */
const NO_UNITS: ReadonlySet<string> = new Set([
  "docker.service",
  "network-online.target",
  "network.target",
  "systemd-networkd-wait-online@mesh.service",
  "time-sync.target",
]);

/** How systemd waits for services, reloads and ends them. */
const LIFE = [
  "unit:bird:ExecStop=birdc down",
  "unit:bird:Type=forking",
  "unit:consul:ExecReload=kill -HUP $MAINPID",
  "unit:consul:TimeoutStartSec=infinity",
  "unit:consul-setup:RemainAfterExit=1",
  "unit:consul-setup:Type=exec",
  "unit:nomad:ExecReload=kill -HUP $MAINPID",
  "unit:nomad:KillMode=process",
  "unit:nomad-setup:RemainAfterExit=1",
  "unit:nomad-setup:Type=exec",
  "unit:unbound:ExecReload=+kill -HUP $MAINPID",
  "unit:unbound:NotifyAccess=main",
  "unit:unbound:Type=notify",
];

export const DIFFERENCES: readonly Difference[] = [
  {
    where: /^file:\/etc\/nomad\.json:plugin\.docker\./,
    only: nixosAlone,
    why: "no lab runs Docker: it wants a machine's own kernel settings, and hundreds of megabytes a host",
  },
  {
    where: /^file:\/etc\/nomad\.json:plugin\.raw_exec\.config\.enabled$/,
    only: labAlone("true"),
    why: "jobs have to run somehow without Docker: as plain processes of the host",
  },
  {
    where: /^file:\/etc\/unbound\/unbound\.conf:server\.trust-anchor$/,
    only: nixosAlone,
    why: "the root zone of a lab's internet is its own, and signed by nobody",
  },
  {
    where: /^file:\/etc\/unbound\/unbound\.conf:server\.tls-cert-bundle$/,
    only: is(
      /^\/etc\/ssl\/certs\/ca-(certificates|bundle)\.crt$|^\/nix\/store\/[^/]+\/etc\/ssl\/certs\/ca-bundle\.crt$/,
      CA_BUNDLE,
    ),
    why: "the upstream resolver's certificate comes from the lab's own authority",
  },
  {
    where: /^file:\/etc\/nsswitch\.conf$/,
    only: agree({ nixos: readSwitch, lab: readSwitch }),
    why: "the modules that systemd adds are not there",
  },
  {
    where: /^file:\/etc\/(passwd|group)$/,
    only: labAlone(),
    why: "NixOS writes accounts when it boots; in a lab all of them are root, since one without root has no other",
  },
  {
    where: /^file:\/etc\/consul-addrs\.json$/,
    only: labAlone("{}"),
    why: "NixOS's unit writes it, always the same, before each start",
  },
  {
    where:
      /^file:\/etc\/(\.pve-ignore\.|bash|binfmt\.d|cni|dbus-1|default|environment\.d|exports|fonts|fstab|gai\.conf|host\.conf|hostid|idmapd\.conf|inputrc|issue|kbd|locale|localtime|login\.defs|lsb-release|lvm|man_db|mdadm|modprobe\.d|modules-load\.d|mtab|nanorc|netgroup|nfs\.conf|nix\/|nscd|os-release|pam|pki|profile|protocols|request-key\.conf|resolvconf\.conf|rpc|services|set-environment|shells|ssh\/|ssl\/|sudoers|sysctl\.d|systemd\/|terminfo|tmpfiles\.d|udev|vconsole|zoneinfo|zfs)/,
    only: nixosAlone,
    why: "of a whole machine: its boot, its logins, its devices; programs read the machine's that the lab runs on",
  },
  {
    where: /^sysctl:(fs|kernel|vm|net\.core)\./,
    only: nixosAlone,
    why: "there is one of these for the whole machine, which is not the lab's to change",
  },
  {
    where: /^sysctl:net\.(ipv4\.ping_group_range|ipv6\.conf\.default\.use_tempaddr)$/,
    only: nixosAlone,
    why: "root may ping anyway, and addresses of the lab's world come from no router advertisement of the kernel's",
  },
  {
    where: /^unit:networkd-endpoints$/,
    only: labAlone(""),
    why: "networkd looks the names of endpoints up by itself, and again until they resolve",
    reference: false,
  },
  {
    where: /^unit:(docker|sshd|host-identity)$/,
    only: nixosAlone,
    why: "no Docker, no logins, and secrets that lie there from the beginning",
  },
  {
    where: /^unit:[^:]+:(ExecReload|ExecStop|Type|NotifyAccess|RemainAfterExit|TimeoutStartSec|KillMode)$/,
    only: anyOf(LIFE),
    why: "how systemd waits for a service and ends it: the lab's supervisor has one way for all",
  },
  {
    where:
      /^unit:[^:]+:(User|Group|DynamicUser|SupplementaryGroups|PermissionsStartOnly|ReadWritePaths|ConfigurationDirectory|.*Capabilities|CapabilityBoundingSet|.*Privileges|Private.*|Protect.*|Proc.*|Restrict.*|Lock.*|SystemCall.*|Memory.*|Limit.*|OOM.*|TasksMax)$/,
    only: nixosAlone,
    why: "sandboxes and limits of systemd's; every account is root",
  },
  {
    where: /^unit:[^:]+:after$/,
    only: agree({
      nixos: (text) =>
        text
          .split(" ")
          .filter((unit) => !NO_UNITS.has(unit))
          .join(" "),
    }),
    why: "targets, and units that a lab does not have; daemons start at once, and find each other as on a host",
  },
  {
    where: /^unit:bird:ExecStart$/,
    only: agree({ lab: (text) => text.replace("bird -f ", "bird ") }),
    why: "in the foreground, since the lab's supervisor follows nobody into the background",
  },
  {
    where: /^unit:nomad:ExecStart$/,
    only: agree({ nixos: (text) => text.replace(/ -plugin-dir=\S+-nomad-plugins\/bin(?= )/, "") }),
    why: "no folder of plugins: nixpkgs' is empty",
  },
  {
    where: /^unit:consul:preStart$/,
    only: ends({ begin: "mkdir -m 0700 -p /var/lib/consul\n", without: /^echo "\$delim/m }),
    why: "nixpkgs' part looks up addresses of interfaces, of which no host names any",
  },
];

/** Databases that a lab's host has as well, each without the modules of systemd's. */
function readSwitch(text: string): string {
  const lines = text.split("\n").filter((line) => /^(passwd|group|shadow|hosts):/.test(line));
  return lines
    .map((line) =>
      line.replaceAll(/\s+(systemd|mymachines|myhostname|resolve|\[[^\]]*\])(?=\s|$)/g, "").replaceAll(/\s+/g, " "),
    )
    .join("\n");
}

/** The difference that explains what differs, all of it; undefined where none does. */
export function explain(where: string, nixos: string | undefined, lab: string | undefined): Difference | undefined {
  return DIFFERENCES.find((one) => one.where.test(where) && one.only({ where, nixos, lab }));
}
