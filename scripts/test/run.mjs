// How test files are run: all in one process, or those that boot fleets one by one, where a second attempt decides.
import { runUvu } from "./uvu.mjs";

const sum = (results, key) => results.reduce((total, result) => total + result[key], 0);

/** Prints the last line, which is about what was seen last of each file. @returns the exit code */
function finish(results, isGood) {
  const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((key) => sum(results, key));
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return isGood ? 0 : 1;
}

/** Runs one file. A process that ends badly, or without having run a test, is a failure even where no test of it is one. */
async function runAlone(root, file, env) {
  const result = await runUvu({ root, files: [file], env, countNotTried: true });
  const isGood = result.code === 0 && result.total > 0 && result.failed === 0;
  return isGood ? result : { ...result, failed: Math.max(1, result.failed) };
}

/**
 * Runs all files in one process. uvu exits with 0 when a suite never ran or a file did not match, so its report decides.
 * @param again whether files that fail are run once more, each alone: where other work makes a daemon late, that is chance
 */
export async function runTogether({ root, files, env = {}, strict = false, again = false }) {
  const result = await runUvu({ root, files, env, countNotTried: strict });
  const { silent, reported, skipped } = result;
  if (silent.length > 0)
    console.error(`only ${files.length - silent.length} of ${files.length} test files reported: ${silent.join(", ")}`);
  const isWhole = result.total > 0 && result.failed === 0 && skipped === 0 && silent.length === 0;
  if (!again || result.isFinal || (result.code === 0 && isWhole)) return finish([result], result.code === 0 && isWhole);

  const isGood = ({ passed, total }) => total > 0 && passed === total;
  // Without a summary the process itself came to a bad end, and any of the files may be why.
  const good = result.total > 0 ? files.filter((file) => reported.has(file) && isGood(reported.get(file))) : [];
  const bad = files.filter((file) => !good.includes(file));
  console.log(`\ntried once more: ${bad.join(", ")}`);
  const results = [];
  for (const file of bad) results.push(await runAlone(root, file, env));
  const before = {
    passed: sum(
      good.map((file) => reported.get(file)),
      "passed",
    ),
    failed: 0,
    skipped,
  };
  // Where every file is good, the process itself was not.
  return finish([before, ...results], bad.length > 0 && sum(results, "failed") === 0 && skipped === 0);
}

/**
 * Runs each file in a process of its own; one that fails is run once more, and what it does then counts. Real daemons do some things
 * by chance, such as two servers that stand for election at the same moment; what is wrong fails again. A failure that its test calls final
 * is none of chance's.
 * @param complete whether what cannot be tried here is a failure; a second attempt would not change that
 */
export async function runOneByOne({ root, files, env = {}, complete = false }) {
  const results = [];
  const again = [];
  for (const file of files) {
    let result = await runAlone(root, file, env);
    if (result.failed > 0 && !result.isFinal) {
      again.push(file);
      console.log(`${file} failed, tried once more`);
      result = await runAlone(root, file, env);
      console.log(`${file} ${result.failed > 0 ? "failed twice" : "passed the second time"}`);
    }
    results.push(result);
  }
  if (again.length > 0) console.log(`\ntried twice: ${again.join(", ")}`);
  return finish(results, sum(results, "failed") === 0 && !(complete && sum(results, "skipped") > 0));
}
