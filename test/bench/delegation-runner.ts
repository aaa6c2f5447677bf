import { createSocket } from "node:dgram";
import { readFileSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DesiredDelegation } from "@vsix/agent/core/delegation/desired.ts";
import { keaSocket } from "@vsix/agent/core/delegation/kea-config.ts";
import { shareOf } from "@vsix/agent/core/delegation/shares.ts";
import { DELEGATION_PORT } from "@vsix/agent/core/ownership.ts";
import { askKea } from "@vsix/agent/io/kea-control.ts";
import { DelegationLane } from "@vsix/agent/loop/delegation-lane.ts";
import { encodeRelayForward } from "@vsix/agent/wire/dhcp6.ts";
import pino from "pino";
import { ip } from "../kernel/in-namespace.ts";

/** `delegation-runner.ts TUNNELS`, in a network namespace: one Kea with so many tunnels, by the agent's own lane. */

const count = Number(process.argv[2]);
const LINK = "2001:db8:ff::1";
/** Asked of at once; the kernel's buffer of Kea's socket holds as many. */
const WINDOW = 16;
const runDir = `/run/vt-bench-pd-${process.pid}`;
const log = pino({ level: "silent" });

ip(["link", "set", "lo", "up"]);
ip(["addr", "add", `${LINK}/128`, "dev", "lo"]);
await mkdir(runDir, { recursive: true });
process.once("exit", () => rmSync(runDir, { recursive: true, force: true }));

const prefixOf = (n: number): string =>
  `2001:db8:${(n >> 8).toString(16)}:${((n & 255) << 8).toString(16)}::/60`;
const desired = (tunnels: number): DesiredDelegation => ({
  link: LINK,
  server: LINK,
  preferredS: 2700,
  validS: 5400,
  resolvers: [],
  tunnels: Array.from({ length: tunnels }, (_, n) => ({
    interface: `vxt-u${n}`,
    number: n + 1,
    prefixes: [prefixOf(n)],
  })),
});

const lane = new DelegationLane({ runDir, log, now: () => performance.now(), onChange: () => undefined });
const times: Record<string, number> = {};
const settled = async (): Promise<void> => {
  for (let i = 0; i < 2000 && (await lane.preview()).length > 0; i++) await sleep(5);
  for (const { fault, failures, observedCount } of lane.kinds)
    if (fault !== undefined || failures.size > 0 || observedCount !== 1)
      throw new Error(JSON.stringify([...failures]));
};
const timed = async (name: string, act: () => void): Promise<void> => {
  const begun = performance.now();
  act();
  await settled();
  times[name] = performance.now() - begun;
};
const directoryOf = (share: number): string =>
  join(runDir, share === 0 ? "delegation" : `delegation-${share + 1}`);
const ask = (share: number, command: string, args?: object) =>
  askKea(keaSocket(directoryOf(share)), command, args, {
    signal: AbortSignal.timeout(60_000),
    timeoutMs: 60_000,
  });

await timed("from nothing to answering", () => lane.configure(desired(count)));
const begun = performance.now();
const shares = lane.kinds.length;
await ask(shareOf(`vxt-u${count}`, shares), "config-reload");
times["the Kea that has him reads anew, and answers nobody"] = performance.now() - begun;
const checked = performance.now();
lane.configure(desired(count));
await settled();
times["nothing to do"] = performance.now() - checked;
await timed("one user more", () => lane.configure(desired(count + 1)));
await timed("one user revoked", () => lane.configure(desired(count)));
await lane[Symbol.asyncDispose]();

const answered = await exchanges();
const pids = Array.from({ length: shares }, (_, share) =>
  Number(
    readFileSync(join(directoryOf(share), "loaded"), "utf8")
      .trim()
      .split(" ")[1],
  ),
);
const resident = pids.map((pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
);
const residentMB = resident.reduce((sum, kB) => sum + kB, 0) / 1024;
process.stdout.write(`BENCH ${JSON.stringify({ times, answersPerS: answered, residentMB, shares })}\n`);
for (const pid of pids) process.kill(pid, "SIGKILL");

/** Kea alone, asked in the relay's envelopes for tunnels all over the list; answers a second. */
async function exchanges(): Promise<number> {
  const socket = createSocket("udp6");
  await new Promise<void>((resolve) => socket.bind({ port: 547, address: LINK }, resolve));
  const total = 2000;
  let sent = 0;
  let heard = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const next = (): void => {
    if (sent === total) return;
    const n = (sent++ * 7919) % count;
    const solicit = Buffer.alloc(4 + 14 + 16);
    solicit.writeUInt32BE(0x01000000 | sent, 0);
    solicit.writeUInt32BE(0x0001000a, 4);
    solicit.writeUInt32BE(0x00030001, 8);
    solicit.writeUInt32BE(0x02000000 + n, 12);
    solicit.writeUInt32BE(0x0019000c, 18);
    solicit.writeUInt32BE(1, 22);
    socket.send(
      encodeRelayForward(solicit, { link: LINK, peer: "fe80::2", interfaceId: `vxt-u${n}` }),
      DELEGATION_PORT + shareOf(`vxt-u${n}`, shares),
      "::1",
    );
  };
  socket.on("message", () => {
    if (++heard === total) resolve();
    next();
  });
  setTimeout(() => reject(new Error(`${heard} answers to ${sent} questions`)), 60_000).unref();
  const from = performance.now();
  for (let i = 0; i < WINDOW; i++) next();
  await promise;
  socket.close();
  return total / ((performance.now() - from) / 1000);
}
