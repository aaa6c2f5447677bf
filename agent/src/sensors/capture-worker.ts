import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { parsePref64 } from "@vsix/shared/net/pref64.ts";
import { parseIp } from "../core/capture/ip-text.ts";
import { MAX_SAVED } from "../core/capture/pending-saved.ts";
import { CaptureJournal } from "../io/capture-journal.ts";
import { CaptureLoop } from "./capture-loop.ts";
import type { CaptureTask, FromCapture, ToCapture } from "./capture-messages.ts";
import { privacyMaps } from "./capture-privacy.ts";

/** The thread that captures: started by dns-capture.ts, so that nothing of it ever delays forwarding. */

/** Behind the thread that forwarding waits for, where both want the same processor. Of this thread alone (setpriority(2)). */
const NICE = 5;

const port = parentPort;
if (port === null) throw new Error("started as a program; it is a thread of the agent");
const { part, seed, journal: journals } = workerData as CaptureTask;
const tell = (message: FromCapture): void =>
  port.postMessage(message, message.kind === "segment" ? [message.octets.buffer] : []);

setPriority(NICE);
const head = {
  boot: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  part: createHash("sha256").update(JSON.stringify(part)).digest("hex"),
};
const journal =
  journals === undefined
    ? undefined
    : new CaptureJournal({
        ...head,
        prefix: journals.prefix,
        maxOctets: Math.max(part.ringKb * 1024, 2 * MAX_SAVED * part.waiting),
      });
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
    ...(journal === undefined ? {} : { journal }),
  },
  {
    segment: (octets, meta, file) =>
      tell({ kind: "segment", octets, meta, journal: file, counters: { ...loop.counters } }),
    progress: (rows, untilUs) => {
      tell({ kind: "progress", rows, untilUs });
      tellFault();
    },
    condition: (name, error) =>
      tell({
        kind: "condition",
        interface: name,
        reason: error === undefined ? undefined : error instanceof Error ? error.message : String(error),
      }),
  },
);

if (journals !== undefined)
  loop.resume({
    files: journals.left,
    head,
    untilUs: journals.untilUs,
    discarded: (file, reason) => tell({ kind: "journal", file, reason }),
  });

/** Once a fault, not once a packet. */
function tellFault(): void {
  if (journal === undefined || journal.fault === undefined || journals === undefined) return;
  const { fault } = journal;
  journal.fault = undefined;
  const reason = fault instanceof Error ? fault.message : String(fault);
  tell({ kind: "journal", file: journals.prefix, reason });
}

port.on("message", (message: ToCapture) => {
  if (message.kind === "lost") {
    loop.notKept(message);
    return;
  }
  void loop.end().then(() => {
    tell({ kind: "ended" });
    port.close();
  });
});
