import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { systemClock } from "../clock.ts";
import { Store } from "../store/store.ts";
import { TokenKeeper } from "./keeper.ts";
import { allows, SCOPES } from "./scope.ts";
import { bearerToken, tokenHash, tokenText } from "./secret.ts";

test("a token is good until the moment it expires, and what was used is written down", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-token-"));
  try {
    let nowMs = Date.parse("2026-01-01T00:00:30Z");
    const clock = { ...systemClock, wallMs: () => nowMs };
    await using store = await Store.open(join(directory, "controller.db"));
    const keeper = await TokenKeeper.open(store, clock, () => randomBytes(32));
    const { text } = await keeper.create({ name: "brief", scopes: ["read"], expiresInS: 60, who: "x" });
    nowMs += 59_999;
    assert.ok(keeper.find(text));
    await keeper.flush();
    assert.equal((await store.read.tokens())[0]?.last_used_at, "2026-01-01T00:01:00.000Z");
    nowMs += 1;
    assert.equal(keeper.find(text), undefined);
    const again = await TokenKeeper.open(store, clock, () => randomBytes(32));
    assert.equal(again.find(text), undefined);
    assert.deepEqual(again.list(), keeper.list());
    assert.ok(!JSON.stringify(await store.read.tokens()).includes(text));
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("of two tokens made under one name at once, one is refused and leaves no trace", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-token-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    const keeper = await TokenKeeper.open(store, systemClock, () => randomBytes(32));
    const make = () => keeper.create({ name: "one", scopes: ["read"], expiresInS: undefined, who: "x" });
    const [first, second] = await Promise.allSettled([make(), make()]);
    assert.equal(first.status, "fulfilled");
    assert.equal(second.status === "rejected" && second.reason.code, "token-exists");
    assert.equal((await store.read.audit(10)).length, 1);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("any random octets make a text that is found in its header again, and a changed one is another", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(48), (random, at) => {
      const text = tokenText(random);
      assert.equal(bearerToken(`Bearer ${text}`), text);
      const changed = `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
      assert.notEqual(tokenHash(changed).toString("hex"), tokenHash(text).toString("hex"));
    }),
  );
});

test("no header makes the parser throw or return what is not of a token's shape", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `Bearer ${text}`),
      ),
      (header) => {
        const found = bearerToken(header);
        assert.ok(found === undefined || /^vsixt_[\w-]{43}$/.test(found));
      },
    ),
  );
});

test("a scope allows itself and nothing else, but for admin, which allows all", () => {
  for (const have of SCOPES)
    for (const want of SCOPES) assert.equal(allows([have], want), have === want || have === "admin");
});
