import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { FEED_PORT } from "../../agent/src/core/ownership.ts";
import { RibLane } from "../../agent/src/loop/rib-lane.ts";
import { encodeUpdate } from "../../agent/src/wire/bgp/encode-update.ts";
import { encodeKeepalive } from "../../agent/src/wire/bgp/message.ts";
import { encodeOpen } from "../../agent/src/wire/bgp/open.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";

const ASN = 65101;
const NOBODY = 65534;
const HIJACKED = "2001:db8:666::/48";

/** What an engine would say first, with one best path. */
const WORDS = Buffer.concat([
  encodeOpen({ asn: ASN, routerId: "10.0.0.1", holdS: 90, ipv6Unicast: true }),
  encodeKeepalive(),
  encodeUpdate({
    reach: [{ bits: 48, address: Buffer.from("20010db8066600000000000000000000", "hex") }],
    withdraw: [],
    nextHop: Buffer.from("fd000000000000000000000000000001", "hex"),
    attributes: { origin: "igp", asPath: [], communities: [], largeCommunities: [] },
  }),
]);

const NOT_CONNECTED = 9;

/** A process of `user` connects to the receiver and says WORDS. Octets that it hears until the other side closes, or 1 s is over. */
async function speak(user: number): Promise<number> {
  const script = `exec 3<>/dev/tcp/::1/${FEED_PORT} || exit ${NOT_CONNECTED}; cat >&3; timeout 1 cat <&3`;
  const identity = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  const child = spawn("setpriv", [...identity, "bash", "-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => undefined); // turned away before it has said all
  child.stdin.end(WORDS);
  let heard = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    heard += chunk.length;
  });
  const [code] = (await once(child, "close")) as [number | null];
  assert.notEqual(code, NOT_CONNECTED, "the receiver does not listen");
  return heard;
}

/** RibLane.configure() listens a moment later. */
async function untilListening(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(FEED_PORT, "::1");
    const heard = await Promise.race([once(socket, "connect"), once(socket, "error")]).then(
      ([error]) => error === undefined,
      () => false,
    );
    socket.destroy();
    if (heard) return;
    await sleep(50);
  }
  throw new Error("the receiver does not listen after 10 s");
}

if (await insideNamespace("feed-stranger", import.meta.url)) {
  const directory = mkdtempSync(join(tmpdir(), "vt-feed-"));
  const engineSocket = join(directory, "gobgp.sock");
  writeFileSync(engineSocket, "");
  const lines: string[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const changed: string[] = [];
  const lane = new RibLane({
    engineSocket,
    log,
    now: () => performance.now(),
    onChanged: (prefixes) => void changed.push(...prefixes),
    onQuiet: () => undefined,
  });
  lane.configure(ASN, "10.0.0.1", 1_000);
  test.after(async () => {
    await lane[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  test("a process of another user is told nothing, believed nothing and said once", async () => {
    await untilListening();
    assert.equal(await speak(NOBODY), 0);
    assert.equal(await speak(NOBODY), 0);
    assert.deepEqual(changed, []);
    assert.equal(lane.rib.size, 0);
    const said = lines.filter((line) => line.includes("is not the BGP engine"));
    assert.equal(said.filter((line) => line.includes("its process belongs to user 65534")).length, 1);
  });

  test("the same words by root are believed, for root runs the engine unless told otherwise", async () => {
    assert.ok((await speak(0)) > 0);
    assert.deepEqual(changed, [HIJACKED]);
  });

  test("whoever made the engine's socket is the engine, and only then", async () => {
    chownSync(engineSocket, NOBODY, NOBODY);
    changed.length = 0;
    assert.ok((await speak(NOBODY)) > 0);
    assert.deepEqual(changed, [HIJACKED]);
    assert.equal(await speak(NOBODY - 1), 0);
    rmSync(engineSocket);
    assert.equal(await speak(NOBODY), 0);
    assert.deepEqual(changed, [HIJACKED]);
    writeFileSync(engineSocket, "");
  });
}
