import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench } from "./harness.ts";

interface PrefixAnswer {
  readonly prefix: string;
  readonly state: string;
  readonly error?: { readonly code: string };
}

test("operators make pools, give out prefixes and find out whose an address is; a refusal says what helps", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const create = ["pool", "create", "home", "--purpose", "tunnel", "--prefix", "2001:db8:0:100::/59"];
  assert.equal((await bench.vsixctl(...create, "--site", "sfc")).code, 0);
  assert.match((await bench.vsixctl(...create)).stderr, /there is a pool home already/);

  assert.equal((await bench.json<PrefixAnswer>("pool", "allocate", "home")).prefix, "2001:db8:0:100::/60");
  assert.equal((await bench.json<PrefixAnswer>("pool", "reserve", "home")).state, "reserved");
  const full = await bench.vsixctl("pool", "allocate", "home");
  assert.equal(full.code, 1);
  assert.match(
    full.stderr,
    /pool home has no free \/60.*100.0 % taken: 1 reserved, 1 active.*vsixctl pool create/s,
  );
  assert.equal((await bench.json<PrefixAnswer>("pool", "allocate", "home")).error?.code, "pool-exhausted");

  const list = await bench.vsixctl("pool", "list");
  assert.match(
    list.stdout,
    /^home +2001:db8:0:100::\/59 +\/60 +tunnel +sfc +first +open +100\.0 % +1 +1 +0 +0$/m,
  );
  assert.equal(
    (await bench.vsixctl("prefix", "release", "2001:db8:0:100::/60", "--reason", "moved")).code,
    0,
  );
  assert.match((await bench.vsixctl("prefix", "show", "2001:db8:0:10f::1")).stdout, /quarantine until/);
  const history = (await bench.vsixctl("prefix", "history", "2001:db8:0:10f::1")).stdout;
  assert.match(history, /prefix +2001:db8:0:100::\/60 +quarantine +reason=moved/);
  assert.match(history, /prefix +2001:db8:0:100::\/60 +active +pool=home/);
  assert.match((await bench.vsixctl("pool", "history", "home")).stdout, /pool create/);
  assert.equal((await bench.vsixctl("pool", "remove", "home")).code, 1);
  assert.match((await bench.vsixctl("audit", "list")).stdout, /prefix release/);
});
