import type { Command } from "commander";
import { withConditions, withConditionsToHeal, withLineConditions } from "../lab/faults/conditions.js";
import { listFaults } from "../lab/faults/faults.js";
import type { CommandDefinition, CommandGroup } from "./types.js";

/** `meshflake lab …`: the fleet on this machine, in namespaces. The lab's own code is imported when one of these runs. */

/** For commands that work on a lab that runs. */
function withName(command: Command): Command {
  return command.option("--name <lab>", "the lab (default: this repository's; outside of one, the only one that runs)");
}

function withTimeout(command: Command): Command {
  return command.option("--timeout <seconds>", "how long it may take until the lab is ready (default: 180)");
}

/** `--` is what people forget before a command with options of its own. */
const DASHES = "(what the host is to run comes after --: meshflake lab exec HOST -- CMD)";

const LIFE: readonly CommandDefinition[] = [
  {
    usage: "up [host...]",
    summary: "boot the fleet, or some of its hosts, on this machine",
    description:
      "Boots the fleet's hosts on this machine, each in namespaces of its own, with the same settings that its NixOS host gets: WireGuard, Consul, Nomad, Unbound, BIRD, nftables. Sites have routers, NAT and lines to an internet between them. Keys and tokens are made for the lab; the fleet's secrets are not read. Works without root where the kernel allows it. Ready once every cluster has its leaders and members. ^C ends the lab again.",
    example:
      "meshflake lab up\n  $ meshflake lab up cosmo maco ziggy --name small --delay 5 --delay london=40 --loss london=1",
    exitCodes: { "130": "interrupted; nothing is left" },
    options: (command) =>
      withLineConditions(
        withTimeout(command.option("--name <lab>", "the lab's name (default: the fleet's, with the environment's)")),
      ),
    load: () => import("../commands/lab/up.js"),
  },
  {
    usage: "down",
    summary: "end a lab, so that nothing of it is left",
    description:
      "Ends a lab with all its processes, namespaces, mounts and files. Needs neither the fleet's repository nor a lab that still answers.",
    example: "meshflake lab down",
    options: (command) => withName(command).option("--all", "every lab that you run on this machine"),
    load: () => import("../commands/lab/down.js"),
  },
  {
    usage: "list",
    summary: "labs that run on this machine",
    description: "Lists your labs, with their repositories.",
    example: "meshflake lab list",
    load: () => import("../commands/lab/list.js"),
  },
];

const LOOK: readonly CommandDefinition[] = [
  {
    usage: "status",
    summary: "hosts, links, who reaches whom, leaders, voters, services, faults",
    description:
      "Looks at a running lab: hosts and their units, WireGuard's links with the age of their last handshake, a ping between each two hosts of a cluster, Consul's and Nomad's leaders and voters, services, and what is broken.",
    example: "meshflake lab status --watch",
    options: (command) => withName(command).option("--watch", "again every two seconds; with --json an object a line"),
    load: () => import("../commands/lab/status.js"),
  },
  {
    usage: "exec <host> [command...]",
    summary: "run a command on a host, with this terminal",
    description:
      "Runs a command inside of a host's namespaces, as root there, and ends with its exit code. What follows -- is the command. With --json its output is in the object.",
    example: "meshflake lab exec maco -- wg show\n  $ meshflake lab exec maco -- bash",
    options: (command) => withName(command).showHelpAfterError(DASHES),
    load: () => import("../commands/lab/exec.js"),
  },
  {
    usage: "logs <host> [unit]",
    summary: "what a host's units printed",
    description: "Prints the last lines of a unit's log, or of all units of a host. Logs go away with the lab.",
    example: "meshflake lab logs cosmo consul -f",
    options: (command) =>
      withName(command)
        .option("-f, --follow", "go on as lines come; with --json an object a line")
        .option("-n, --lines <number>", "how many lines of each unit (default: 50)"),
    load: () => import("../commands/lab/logs.js"),
  },
];

const FAULTS: readonly CommandDefinition[] = [
  {
    usage: "break <fault> [words...]",
    summary: "break something: hosts, lines, daemons",
    description: `Breaks something in a running lab, until meshflake lab heal. What is broken already stays as it is, and is no error; a second slow of a site adds to the first.\n\nFaults:\n${listFaults()}`,
    example: "meshflake lab break kill cosmo\n  $ meshflake lab break slow madrid --delay 150 --loss 2",
    options: (command) =>
      withConditions(withName(command), "slow").option("--restart", "kill-unit: it is started again as its unit says"),
    load: () => import("../commands/lab/break.js"),
  },
  {
    usage: "heal [fault] [words...]",
    summary: "undo a fault, or all of them",
    description:
      "Undoes what meshflake lab break did: all faults, those of one kind, or one, by the words that made it and that lab status shows. Without words it also takes back what a killed meshflake lab test --use has left.",
    example: "meshflake lab heal\n  $ meshflake lab heal kill cosmo\n  $ meshflake lab heal slow madrid --loss",
    options: (command) => withConditionsToHeal(withName(command)),
    load: () => import("../commands/lab/heal.js"),
  },
];

const TEST: CommandDefinition = {
  usage: "test",
  summary: "run the fleet's checks in a lab of their own, and report",
  description:
    "Boots a lab beside others, and checks in it that every pair reaches the other over the path of the plan, that clusters form, services resolve, only planned ports are open, no single host or site is missed for long, and cold starts and new hosts work. Prints a report, and ends the lab.",
  example: "meshflake lab test --only reach,ports --junit lab.xml",
  exitCodes: { "1": "a check failed, or could not run", "130": "interrupted; nothing is left" },
  options: (command) =>
    withLineConditions(withTimeout(command))
      .option("--name <lab>", "the lab's name (default: that of lab up, with -test)")
      .option("--only <checks>", "these checks alone, with commas between them")
      .option("--rounds <number>", "cold starts (default: 3)")
      .option("--seed <number>", "of the cold starts' order, to repeat those of a report (default: a random one)")
      .option("--patience <factor>", "multiplies every time limit, for slow machines (default: 1)")
      .option("--junit <file>", "write the report as JUnit XML as well")
      .option("--use", "in the lab that is up, which stays as it was; it is healed first")
      .option("--keep", "let the lab run on afterwards"),
  load: () => import("../commands/lab/test.js"),
};

export const LAB_COMMAND: CommandGroup = {
  usage: "lab",
  summary: "run the fleet on this machine, break it, and test it",
  description:
    "Runs the fleet's real daemons on one Linux machine, in network namespaces: to try a fleet before there are machines for it, and to see what happens when things break.",
  example: "meshflake lab up && meshflake lab status && meshflake lab break kill cosmo",
  commands: [...LIFE, ...LOOK, ...FAULTS, TEST],
};
