import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { readSeed } from "../../../cloud-init/core/read.ts";
import { renderSeed } from "../../../cloud-init/core/render.ts";
import { type PiWish, piYaml, renderPi } from "../src/model/pi-yaml.ts";

const CLAIM = { token: "vsix-claim", node: "access-8", expires: "2999-01-01T00:00:00.000Z" };
const WISH: PiWish = {
  ...{ service: "generic-tunneling", hostname: "home", user: "pi", uplink: "ngn-delegated" },
  sshKeys: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH9/IiEFrO3khQyzHhlnIkLh0E+vYT9tBJ7o8x3yHk9b a@b\n",
  ...{ ssid: "net: #1", passphrase: "correct: horse 'battery'", country: "jp", channel: "6" },
};
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const make = (wish: PiWish) => renderPi(wish, CLAIM, 0, async (text) => digest(text));

test("a Pi's files are those that vsix-pi makes of the YAML that the user sees", async () => {
  const made = await make(WISH);
  assert.ok(made.ok, JSON.stringify(made));
  const ports = { nowMs: 0, readFile: () => ({ fault: "none" }), readClaim: () => CLAIM };
  const read = readSeed(made.yaml, "x", ports);
  assert.ok(read.ok);
  assert.deepEqual(made.files, renderSeed(read.seed, digest));
});

test("a slip is told with the key where it stands, and without what was typed as a secret", async () => {
  const made = await make({ ...WISH, sshKeys: "mine", passphrase: "short" });
  assert.ok(!made.ok);
  assert.ok(made.faults.some(({ path }) => path.startsWith("system.users[0].sshKeys")));
  assert.doesNotMatch(JSON.stringify(made), /short/);
});

test("whatever is typed is a value of the YAML and nothing else", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(
    fc.property(text, text, text, (hostname, ssid, passphrase) => {
      const read = parse(piYaml({ ...WISH, hostname, ssid, passphrase }, CLAIM.token)) as {
        system: { hostname: string };
        lan: { wifi: unknown };
      };
      assert.deepEqual(read.lan.wifi, { ssid, passphrase, country: "JP", channel: 6 });
      assert.equal(read.system.hostname, hostname.trim());
    }),
  );
});
