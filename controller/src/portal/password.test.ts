import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { test } from "node:test";
import { Passwords } from "./password.ts";

const GOOD = "correct horse battery staple";
const passwords = new Passwords(Buffer.alloc(32, 7));

test("the argon2id that Node brings gives the tag of RFC 9106, section 5.3", () => {
  const tag = argon2Sync("argon2id", {
    message: Buffer.alloc(32, 1),
    nonce: Buffer.alloc(16, 2),
    secret: Buffer.alloc(8, 3),
    associatedData: Buffer.alloc(12, 4),
    memory: 32,
    passes: 3,
    parallelism: 4,
    tagLength: 32,
  });
  assert.equal(tag.toString("hex"), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
});

test("a password is known again in either normal form, another is not, and a database without its key says nothing", async () => {
  const stored = await passwords.make("pässwörter mit punkten", "alice");
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.ok(await passwords.check("pässwörter mit punkten".normalize("NFD"), stored));
  assert.ok(!(await passwords.check("passworter mit punkten", stored)));
  assert.ok(!(await new Passwords(Buffer.alloc(32, 8)).check("pässwörter mit punkten", stored)));
  assert.notEqual(await passwords.make("pässwörter mit punkten", "alice"), stored);
});

test("where nothing is stored no password is right", async () => {
  assert.equal(await passwords.check(GOOD, undefined), false);
  assert.equal(await passwords.check("", undefined), false);
});

test("what is short, long, the user's name or one character again and again is refused with its reason", async () => {
  for (const [text, reason] of [
    ["elevenchars", /12 to 256/],
    ["", /12 to 256/],
    ["x".repeat(257), /12 to 256/],
    ["alexandra-1234", /name/],
    ["ababababababab", /five different/],
  ] as const)
    await assert.rejects(passwords.make(text, "alexandra"), { code: "bad-password", message: reason });
  await passwords.make("😀😁😂😃😄😅😆😇😈😉😊😋", "alexandra");
});

test("a flood is refused once enough wait, and everybody who waits gets an answer", async () => {
  const crowded = new Passwords(Buffer.alloc(32));
  const stored = await crowded.make(GOOD, "alice");
  await crowded.check(GOOD, undefined);
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => crowded.check(GOOD, stored)));
  const done = all.filter((one) => one.status === "fulfilled");
  assert.equal(done.length, 34);
  assert.ok(done.every((one) => one.value));
  for (const one of all) if (one.status === "rejected") assert.equal(one.reason.code, "portal-busy");
  assert.ok(await crowded.check(GOOD, stored));
});
