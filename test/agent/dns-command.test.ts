import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { frameSegment } from "@vsix/shared/dns/segment-frames.ts";
import { agentMain } from "../programs/bundles.ts";

/** `vsix-agent dns`, as a person calls it: what it says of files that it cannot use. */

const directory = mkdtempSync(join(tmpdir(), "vsix-dns-command-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const MAIN = agentMain();
const VECTOR = new URL("../../shared/vectors/dns/segment-1.bin", import.meta.url);

function dns(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "dns", ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

function fileOf(name: string, octets: Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, octets);
  return file;
}

test("files that are none of ours are named, with what they should be, and nothing is thrown at people", () => {
  const text = fileOf("text", Buffer.from("root:x:0:0:root:/:/bin/sh\n".repeat(20)));
  const framed = fileOf("framed", frameSegment(Buffer.from("abcd")));
  const refusals: readonly [readonly string[], RegExp][] = [
    [["show", text], /text: no captured DNS/],
    [["show", framed], /framed: octet 0 begins no captured DNS/],
    [["show", join(directory, "absent")], /absent cannot be read: ENOENT/],
    [["capture", "--read", text], /--read .*text: no pcap file/],
    [["capture", "--read", join(directory, "absent")], /absent cannot be read: ENOENT/],
    [["capture", "--read", text, "--write", join(directory, "no/where")], /--write .*no\/where: ENOENT/],
  ];
  for (const [args, said] of refusals) {
    const { status, stderr } = dns(...args);
    assert.equal(status, 2, args.join(" "));
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /\n +at /);
  }
});

test("a file that is cut short is shown as far as it goes, and said to be", () => {
  const whole = frameSegment(readFileSync(VECTOR));
  const pairs = dns("show", fileOf("whole", whole));
  assert.equal(pairs.status, 0, pairs.stderr);
  const twice = Buffer.concat([whole, whole.subarray(0, -9)]);
  const cut = dns("show", fileOf("cut", twice));
  assert.deepEqual([cut.status, cut.stdout], [2, pairs.stdout]);
  assert.match(cut.stderr, new RegExp(`cut short at octet ${whole.length}`));
});

test("what is written is for its owner only", () => {
  const pcap = Buffer.alloc(24);
  pcap.writeUInt32LE(0xa1b2c3d4, 0);
  pcap.writeUInt32LE(1, 20);
  const written = join(directory, "written");
  const { status, stdout, stderr } = dns("capture", "--read", fileOf("empty.pcap", pcap), "--write", written);
  assert.deepEqual([status, stdout], [0, "nothing was captured\n"], stderr);
  assert.equal(statSync(written).mode & 0o777, 0o600);
});
