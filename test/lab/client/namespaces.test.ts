import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explainRefusal, findIsolation } from "../../../lab/client/start/namespaces.js";
import { PACKAGE } from "../../cli/process.js";
import { addWhere, withoutRoot, withRoot } from "./isolated.js";

const namespaces = suite("lab: namespaces");
const isolated = addWhere(withoutRoot, namespaces);

const read = (settings: Readonly<Record<string, string>>) => (name: string) => settings[name] ?? null;

namespaces("a refusal names the setting that is behind it, and how to change it", () => {
  const cases = [
    ["kernel.unprivileged_userns_clone", "0", "1"],
    ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
    ["user.max_user_namespaces", "0", "10000"],
  ] as const;
  for (const [name, closed, open] of cases) {
    const { message, hint = "" } = explainRefusal("unshare: Operation not permitted", false, read({ [name]: closed }));
    assert.match(message, /Operation not permitted/);
    assert.ok(hint.includes(`${name} is ${closed}: sudo sysctl ${name}=${open}; or run it as root`), hint);
    assert.not.match(explainRefusal("x", false, read({ [name]: open })).hint ?? "", new RegExp(name));
  }
  assert.is(explainRefusal("x", false, read({})).hint, "run it as root");
  assert.match(explainRefusal("x", true, read({})).hint ?? "", /CAP_SYS_ADMIN/);
});

isolated("where user namespaces are used up, the kernel's own setting is read", () => {
  // A user namespace limits those inside of it, so that this machine's own settings stay as they are.
  const script = `
    echo 0 > /proc/sys/user/max_user_namespaces && echo 0 > /proc/sys/user/max_net_namespaces &&
    exec "$0" --import tsx -e 'import("./lab/client/start/namespaces.ts").then(({ findIsolation }) =>
      findIsolation(process.env.PATH)).then(() => console.log("works"), ({ hint }) => console.log(hint))'`;
  const words = ["--user", "--map-root-user", "sh", "-c", script, process.execPath];
  const said = execFileSync("unshare", words, { cwd: PACKAGE, encoding: "utf8" });
  assert.match(
    said,
    /user\.max_user_namespaces is 0, user\.max_net_namespaces is 0: sudo sysctl user\.max_user_namespaces=10000/,
  );
});

isolated("root needs no user namespace, and others do", async () => {
  const { argv, rootless } = await findIsolation(process.env.PATH ?? "");
  assert.is(rootless, !withRoot);
  assert.is(argv.includes("--user"), rootless);
  for (const word of ["--net", "--mount", "--pid", "--kill-child"]) assert.ok(argv.includes(word), word);
});

namespaces.run();
