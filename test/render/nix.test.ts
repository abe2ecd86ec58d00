// biome-ignore-all lint/suspicious/noTemplateCurlyInString: antiquotations of Nix, not of JavaScript

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMENT, printBindings, printNix } from "../../generators/render/nix/nix.js";
import { printAttribute, printPath, quote } from "../../generators/render/nix/nix-text.js";

const printer = suite("render: Nix printer");

printer("scalars", () => {
  assert.is(printNix(null), "null");
  assert.is(printNix(true), "true");
  assert.is(printNix(-0), "0");
  assert.is(printNix(-7), "-7");
  assert.is(printNix(0.5), "0.5");
  assert.is(printNix(1e300), "1.0e+300");
  assert.is(printNix(2 ** 62), "4611686018427387904");
  assert.is(printNix(2 ** 63), "9.223372036854776e+18");
});

printer("what Nix cannot express", () => {
  assert.throws(() => printNix(Number.NaN), /cannot express NaN/);
  assert.throws(() => printNix(5e-324), /cannot express 5e-324/);
  assert.throws(() => printNix(Number.POSITIVE_INFINITY), /cannot express Infinity/);
  assert.throws(() => printNix("a\0b"), /NUL/);
  assert.throws(() => printBindings({ a: [1, 2, undefined] }), /cannot express undefined/);
});

printer("strings are escaped", () => {
  assert.is(quote("plain $x {y}"), '"plain $x {y}"');
  assert.is(quote("${x}"), '"\\${x}"');
  assert.is(quote("$${x}"), '"$\\${x}"');
  assert.is(quote("tab\tline\nreturn\r"), '"tab\\tline\\nreturn\\r"');
});

printer("quotation marks and backslashes stand for themselves between two single quotes", () => {
  assert.is(quote('say "hi"'), `''say "hi"''`);
  assert.is(quote("a\\b"), "''a\\b''");
  assert.is(quote('"${x}"'), '"\\"\\${x}\\""');
  assert.is(quote(`"it''s"`), `"\\"it''s\\""`);
  assert.is(quote(`"'`), `"\\"'"`);
  assert.is(quote(' "'), '" \\""');
});

printer("text of several lines is indented", () => {
  assert.is(
    printNix({ a: "one\n\n  ${two}\n''three''\n" }),
    "{\n  a = ''\n    one\n\n      ''${two}\n    '''three'''\n  '';\n}",
  );
  assert.is(printNix(["a\n"]), "[\n  ''\n    a\n  ''\n]");
});

printer("text that an indented string would change stays on one line", () => {
  for (const text of ["no end\nof line", " all\n shifted\n", "blank\n  \nline\n", "'${x}\n", "'''\n", "a\r\n", "\n"]) {
    assert.not.ok(printNix(text).includes("\n"), JSON.stringify(text));
  }
});

printer("names of attributes", () => {
  for (const name of ["a", "_a", "a-b", "a'", "a1", "mesh"]) assert.is(printAttribute(name), name);
  for (const name of ["", "1a", "a.b", "a b", "-a", "in", "rec", "or", "with", "*"]) {
    assert.is(printAttribute(name), `"${name}"`);
  }
  assert.is(printAttribute('"${x}"'), '"\\"\\${x}\\""');
});

printer("a set with one attribute becomes a path, one with more stays a set", () => {
  assert.is(printBindings({ a: { b: { c: 1 } } }), "a.b.c = 1;");
  assert.is(printBindings({ a: { "b.c": { in: 1 } } }), 'a."b.c"."in" = 1;');
  assert.is(printBindings({ a: { b: { c: 1, d: {} } } }), "a.b = {\n  c = 1;\n  d = { };\n};");
  assert.is(printBindings({ a: { b: 1, c: undefined }, d: undefined }), "a.b = 1;");
});

printer("lists: one element on one line, more below each other", () => {
  assert.is(printNix([]), "[ ]");
  assert.is(printNix(["a"]), '[ "a" ]');
  assert.is(printNix([1, -2]), "[\n  1\n  (-2)\n]");
  assert.is(printNix([[], ["a"]]), '[\n  [ ]\n  [ "a" ]\n]');
  assert.is(printNix([{ a: 1 }]), "[ { a = 1; } ]");
  assert.is(printNix([{ a: 1, b: 2 }]), "[\n  {\n    a = 1;\n    b = 2;\n  }\n]");
});

printer("a line has at most 100 columns, where it can be broken", () => {
  const fits = "x".repeat(100 - '  a = [ "" ];'.length);
  assert.is(printNix({ a: [fits], b: 1 }), `{\n  a = [ "${fits}" ];\n  b = 1;\n}`);
  assert.is(printNix({ a: [`${fits}x`], b: 1 }), `{\n  a = [\n    "${fits}x"\n  ];\n  b = 1;\n}`);
});

printer("expressions", () => {
  assert.is(printNix({ $nix: "pkgs.htop" }), "pkgs.htop");
  assert.is(printNix([{ $nix: "pkgs.htop" }, { $nix: "../a.nix" }]), "[\n  pkgs.htop\n  ../a.nix\n]");
  assert.is(printNix([{ $nix: "lib.mkForce 1" }]), "[ (lib.mkForce 1) ]");
  assert.is(printNix([{ $nix: "(a) (b)" }]), "[ ((a) (b)) ]");
  assert.is(printBindings({ a: { b: { $nix: "c" } } }), "a.b = c;");
});

printer("comments stand above elements of a list, and are no part of the value", () => {
  const peer = { [COMMENT]: "ari", PublicKey: "k" };
  assert.is(printNix([peer]), '[\n  # ari\n  {\n    PublicKey = "k";\n  }\n]');
  assert.equal(Object.keys(peer), ["PublicKey"]);
});

printer("paths of the repository", () => {
  assert.is(printPath("../..", "secrets/a-b/c.age"), "../../secrets/a-b/c.age");
  assert.is(printPath("../..", "my files/a.nix"), '(../.. + "/my files/a.nix")');
  assert.is(printPath("../..", "./a.nix"), "../../a.nix");
});

printer.run();
