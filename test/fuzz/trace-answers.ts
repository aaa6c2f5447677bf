import { TraceSession } from "@vsix/agent/core/trace/session.ts";
import { traceTask } from "@vsix/agent/core/trace/task.ts";

/** The same in every run: so that spoiled answers are near to right ones. */
const RANDOM = 0.5;
const HOPS = 20;

const task = traceTask({
  target: "t",
  targetAddress: "2001:db8:9::1",
  sourceAddress: "2001:db8::1",
  protocol: "udp",
  probes: 10,
  silentHops: HOPS,
  timeoutMs: 60_000,
  ratePerS: 10_000,
});

/** A trace with probes to 20 hops on their way. */
export function traceUnderWay(): TraceSession {
  const session = new TraceSession(task, () => RANDOM);
  packets(session);
  return session;
}

/** What routers say to the probes of {@link traceUnderWay}, and other answers. */
export function traceAnswers(): readonly Uint8Array[] {
  const probes = packets(new TraceSession(task, () => RANDOM));
  const errors = [
    [3, 0],
    [1, 1],
    [1, 4],
    [2, 0],
  ].flatMap(([type = 0, code = 0]) =>
    probes.slice(0, 5).map((packet) => Uint8Array.from([type, code, 0, 0, 0, 0, 5, 0, ...packet])),
  );
  const encapsulated = probes.slice(5, 8).map((packet) => {
    const outer = packet.slice(0, 40);
    outer[6] = 43;
    const segments = [41, 2, 4, 0, 0, 0, 0, 0, ...packet.subarray(24, 40)];
    return Uint8Array.from([3, 0, 0, 0, 0, 0, 0, 0, ...outer, ...segments, ...packet]);
  });
  const extended = Uint8Array.from([3, 0, 0, 0, 8, 0, 0, 0, ...(probes[9] ?? []), 0x20, 0, 0, 0, 0, 8, 1, 1]);
  const segment = Uint8Array.from([1, 187, 240, 0, 0, 0, 0, 1, 128, 0, 0, 1, 80, 0x14, 0, 0, 0, 0, 0, 0]);
  return [...errors, ...encapsulated, extended, segment];
}

function packets(session: TraceSession): Uint8Array[] {
  const sent: Uint8Array[] = [];
  for (let nowUs = 0; sent.length < HOPS; nowUs += 1000) {
    const probe = session.due(nowUs);
    probe?.sent(nowUs);
    if (probe !== undefined) sent.push(probe.packet);
  }
  return sent;
}
