import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findNearest, sortByNearness } from "../../generators/load/nearest.js";

const nearest = suite("load: nearest names");

nearest("of two that are as far away, the one with the same letters comes first", () => {
  for (const names of [
    ["nas", "tank"],
    ["tank", "nas"],
  ]) {
    assert.is(findNearest("tnak", names), "tank", names.join());
  }
  assert.equal(sortByNearness("web", ["wab", "wob"]), ["wab", "wob"], "alike ones stay in their order");
  assert.is(findNearest("tnak", ["bianco"]), null);
});

nearest.run();
