import assert from "node:assert/strict";
import { test } from "node:test";
import { type NftRuleset, normaliseRuleset } from "./model.ts";
import { replaceCommands } from "./transaction.ts";

const ruleset = (elements: readonly string[], drop = "drop"): NftRuleset =>
  normaliseRuleset({
    counters: ["c"],
    chains: [
      {
        name: "x",
        hook: { type: "filter", hook: "forward", priority: 1, policy: "accept" },
        rules: [[{ counter: "c" }, { [drop]: null }]],
      },
    ],
    sets: [
      { kind: "set", name: "users", type: "ipv6_addr", interval: true, elements },
      { kind: "set", name: "others", type: "ipv6_addr", interval: true, elements: ['"2001:db8::9"'] },
    ],
    strange: [],
  });
const at = { family: "inet", table: "vsix", name: "users" };

test("one who comes and one who goes are two commands, whatever the rules are", () => {
  assert.deepEqual(
    replaceCommands(ruleset(['"2001:db8::2"', '"2001:db8::3"']), ruleset(['"2001:db8::1"', '"2001:db8::2"'])),
    {
      nftables: [
        { delete: { element: { ...at, elem: ["2001:db8::1"] } } },
        { add: { element: { ...at, elem: ["2001:db8::3"] } } },
      ],
    },
  );
});

test("where a rule, a set or something foreign differs as well all rules are written anew", () => {
  const before = ruleset(['"2001:db8::1"']);
  const after = ruleset(['"2001:db8::2"']);
  const flushed = (desired: NftRuleset, observed: NftRuleset): boolean =>
    JSON.stringify(replaceCommands(desired, observed)).includes('"flush"');
  assert.ok(!flushed(after, before));
  assert.ok(flushed(ruleset(['"2001:db8::2"'], "accept"), before));
  assert.ok(flushed({ ...after, sets: after.sets?.slice(1) ?? [] }, before));
  assert.ok(
    flushed({ ...after, sets: (after.sets ?? []).map((set) => ({ ...set, counted: true })) }, before),
  );
  assert.ok(flushed(after, { ...before, strange: [{ kind: "flags", name: "dormant" }] }));
});
