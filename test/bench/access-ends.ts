import { createSocket } from "node:dgram";
import process from "node:process";
import { createInterface } from "node:readline";

/**
 * Both ends of what the bench access-apply sends; a program for a namespace of the lab. `send`: told ADDRESS NUMBER on a line, it
 * sends the number there twice a millisecond until it is told something else. `receive`: says NUMBER FIRST LAST, times of its
 * arrival on the machine's monotonic clock in nanoseconds, for every number that it is asked for.
 */
const PORT = 9909;
const EVERY_MS = 0.5;
/** Packets sent at once at most, after the machine had other things to do. */
const BURST = 4;

const [mode] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin });
const socket = createSocket("udp6");
if (mode === "send") {
  let target: { readonly address: string; readonly payload: Buffer } | undefined;
  lines.on("line", (line) => {
    const [address = "", number = ""] = line.split(" ");
    target = address === "stop" ? undefined : { address, payload: Buffer.from(number) };
  });
  socket.on("error", () => undefined);
  const begunMs = performance.now();
  let sent = 0;
  // By a timer and not by a loop that never waits, which would take one of two processors from what is measured.
  setInterval(() => {
    const due = Math.floor((performance.now() - begunMs) / EVERY_MS);
    if (target !== undefined)
      for (let n = Math.min(due - sent, BURST); n > 0; n--)
        socket.send(target.payload, PORT, target.address, () => undefined);
    sent = due;
  }, 1);
} else {
  const seen = new Map<string, { first: bigint; last: bigint }>();
  socket.on("message", (payload) => {
    const now = process.hrtime.bigint();
    const number = payload.toString("latin1");
    const entry = seen.get(number);
    if (entry === undefined) {
      seen.set(number, { first: now, last: now });
      process.stdout.write(`first ${number} ${now}\n`);
    } else entry.last = now;
  });
  lines.on("line", (number) => process.stdout.write(`last ${number} ${seen.get(number)?.last ?? 0n}\n`));
  socket.bind(PORT, "::", () => process.stdout.write("ready\n"));
}
lines.on("close", () => process.exit(0));
