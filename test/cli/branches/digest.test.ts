import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lockOf } from "../../support/locks.js";
import { readWithAge } from "../secrets/fleet.js";
import { makeTeam, settle, sharePhotos } from "./team.js";

/** A merge in which somebody takes one side's file of a secret, and the other side's entry in the lock. */

const test = suite("cli: files of another branch");

test("one side's file with the other side's entry, for as many readers: told by every command, with the side to take", async () => {
  const { ann, bob } = await makeTeam();
  assert.equal(await sharePhotos(ann, bob), []);
  await ann.done("secrets", "rekey", "cosmo/photos");
  ann.commit("anew");
  bob.pipe("NEW\n", "secrets", "set", "cosmo/photos");
  bob.commit("new value");
  const file = "secrets/cosmo/photos.age";
  assert.equal(ann.merge(bob), [lockOf("cosmo"), file]);

  // The side that the lock does not have: it opens, to as many recipients, with the value from before.
  ann.git("checkout", "--ours", file);
  assert.is(readWithAge(ann.root, "cosmo/photos", ann.key.file), "old\n");
  const take = "`git checkout --theirs secrets/cosmo/photos.age`";
  for (const args of [
    ["check"],
    ["generate"],
    ["secrets", "show", "cosmo/photos"],
    ["secrets", "rekey", "cosmo/photos"],
    ["secrets", "audit"],
  ]) {
    const { code, stdout, stderr } = await ann.run(...args);
    assert.is(code === 0, false, args.join(" "));
    const said = `${stdout}${stderr}`;
    assert.match(said, /secrets\/cosmo\/photos\.age is not the file that its entry in the lock was written for/);
    assert.ok(said.includes(take), `${args.join(" ")}: ${said}`);
    assert.is(said.split("is not the file that").length, 2, said);
    assert.not.match(stdout, /old/);
  }
  const check = await ann.run("check");
  assert.match(`${check.stdout}${check.stderr}`, /cosmo\.lock\.json:\d+:\d+ .*\[secret-other\]/);
  assert.match((await ann.done("secrets", "list")).stdout, /^cosmo\/photos +other /m);

  // The same once the merge is committed: a commit has it.
  ann.git("checkout", "--theirs", file);
  await settle(ann);
  await ann.done("secrets", "audit");
  ann.git("checkout", "HEAD^1", "--", file);
  ann.commit("a wrong file");
  const { stdout } = await ann.run("secrets", "audit");
  const [, command = ""] = /take that file: `git (checkout \w+ -- secrets\/cosmo\/photos\.age)`/.exec(stdout) ?? [];
  ann.git(...command.split(" "));
  await ann.done("secrets", "audit");
  assert.is(readWithAge(ann.root, "cosmo/photos", ann.key.file), "NEW\n");
  // Or a new value, which needs nothing of the file.
  ann.git("checkout", "HEAD", "--", file);
  ann.pipe("newest\n", "secrets", "set", "cosmo/photos");
  await ann.done("secrets", "audit");
  await ann.done("check");
});

test.run();
