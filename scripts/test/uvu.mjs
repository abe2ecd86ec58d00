// uvu as a process of its own, and what it says of the test files.
import { spawn } from "node:child_process";

/** What suites came to, `(2 / 3)`, stands below the name of their file, which has a line of its own. @returns both numbers by file */
function readReported(plain, files) {
  const reported = new Map();
  let current = null;
  for (const line of plain.split("\n")) {
    if (files.includes(line.trim())) current = line.trim();
    const [, passed, total] = /\((\d+) \/ (\d+)\)/.exec(line) ?? [];
    if (current === null || total === undefined) continue;
    const before = reported.get(current) ?? { passed: 0, total: 0 };
    reported.set(current, { passed: before.passed + Number(passed), total: before.total + Number(total) });
  }
  return reported;
}

/** What uvu said. A test that calls itself `not tried` has only returned. */
function readReport(output, files, countNotTried) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the runner
  const plain = output.replace(/\u001b\[\d+m/g, "");
  const count = (label) => Number(plain.match(new RegExp(`^  ${label}:\\s+(\\d+)`, "m"))?.[1] ?? 0);
  const notTried = countNotTried ? (plain.match(/not tried: /g) ?? []).length : 0;
  const total = count("Total");
  const reported = readReported(plain, files);
  return {
    // What a test says of a failure that must not happen even once, such as a write that was lost.
    isFinal: plain.includes("never tried again: "),
    silent: files.filter((file) => !reported.has(file)),
    reported,
    total,
    passed: count("Passed") - notTried,
    failed: total - count("Passed"),
    skipped: count("Skipped") + notTried,
  };
}

/**
 * Runs test files one after the other, and shows what uvu says while it does.
 * @param files paths below `root`, all of them in one process
 * @param env beside this process's own
 * @returns counts, counts by file, files without a suite that ran (`silent`), whether a failure is final, and the exit code
 */
export function runUvu({ root, files, env, countNotTried }) {
  // uvu colours unless it is told not to, whatever its output is.
  const colors = process.stdout.isTTY && !process.env.NO_COLOR;
  const names = files.map((file) => file.replace(/[.+]/g, "\\$&"));
  const uvu = spawn(
    process.execPath,
    [
      ...["--import", "tsx", "node_modules/uvu/bin.js", ".", `^(${names.join("|")})$`, "-i", "node_modules"],
      ...(colors ? [] : ["--no-color"]),
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env, ...(!colors && { NO_COLOR: "1" }), MESHFLAKE_TEST: "1" },
    },
  );
  let output = "";
  uvu.stdout.setEncoding("utf8").on("data", (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => {
    uvu.on("close", (code) => resolve({ code, ...readReport(output, files, countNotTried) }));
  });
}
