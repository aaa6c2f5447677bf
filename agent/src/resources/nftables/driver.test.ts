import assert from "node:assert/strict";
import { test } from "node:test";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { nftablesDriver } from "./driver.ts";
import { parseTable } from "./listing.ts";

const RULESET = { counters: [], chains: [], strange: [] };
const signal = new AbortController().signal;

test("a machine without nft says which program is missing", async () => {
  const driver = nftablesDriver(["no-such-nft"]);
  await assert.rejects(
    driver.observe(signal),
    (error) =>
      error instanceof VsixError && error.code === "nft-missing" && error.message.includes("no-such-nft"),
  );
  const [outcome] = await driver.apply([{ op: "create", key: "inet vsix", desired: RULESET }], signal);
  assert.ok(outcome !== undefined && !outcome.ok);
  assert.equal(outcome.errno, 2);
});

test("an aborted signal ends a look with its reason", async () => {
  const reason = new Error("enough");
  await assert.rejects(nftablesDriver(["no-such-nft"]).observe(AbortSignal.abort(reason)), reason);
});

test("output that is not nft's is a typed error", () => {
  for (const text of ["{", "[]", '{"nftables":1}', '{"nftables":[{"rule":{"chain":"x"}}]}']) {
    assert.throws(
      () => parseTable(text),
      (error) => error instanceof VsixError && error.code === "nft-output",
    );
  }
});
