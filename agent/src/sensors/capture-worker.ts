import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { parsePref64 } from "@vsix/shared/net/pref64.ts";
import { parseIp } from "../core/capture/ip-text.ts";
import { CaptureLoop } from "./capture-loop.ts";
import type { CaptureTask, FromCapture, ToCapture } from "./capture-messages.ts";
import { privacyMaps } from "./capture-privacy.ts";

/** The thread that captures: started by dns-capture.ts, so that nothing of it ever delays forwarding. */

/** Behind the thread that forwarding waits for, where both want the same processor. Of this thread alone (setpriority(2)). */
const NICE = 5;

const port = parentPort;
if (port === null) throw new Error("started as a program; it is a thread of the agent");
const { part, seed } = workerData as CaptureTask;
const tell = (message: FromCapture): void =>
  port.postMessage(message, message.kind === "segment" ? [message.octets.buffer] : []);

setPriority(NICE);
const loop = new CaptureLoop(
  {
    interfaces: part.interfaces,
    ports: part.ports,
    pref64: part.pref64.flatMap((text) => parsePref64(text) ?? []),
    resolvers: part.resolvers.flatMap((text) => parseIp(text) ?? []),
    timeoutMs: part.timeoutMs,
    capacity: part.waiting,
    ringOctets: part.ringKb * 1024,
    segmentRows: part.rows,
    flushMs: part.flushMs,
    seed,
    ...privacyMaps(part.privacy),
  },
  {
    segment: (octets, meta) => tell({ kind: "segment", octets, meta, counters: { ...loop.counters } }),
    progress: (rows) => tell({ kind: "progress", rows }),
    condition: (name, error) =>
      tell({
        kind: "condition",
        interface: name,
        reason: error === undefined ? undefined : error instanceof Error ? error.message : String(error),
      }),
  },
);

port.on("message", (message: ToCapture) => {
  if (message.kind === "lost") {
    loop.notKept(message.rows, message.counted);
    return;
  }
  void loop.end().then(() => {
    tell({ kind: "ended" });
    port.close();
  });
});
