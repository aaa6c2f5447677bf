import { findLoop } from "./loop.ts";
import type { HopAnswer, Trace, TraceEnd, TraceFlow, TraceHop } from "./trace.ts";
import { stripped } from "./words.ts";

/** RFC 4443 section 3.1, and the IANA registry for the codes from 7 on. */
const UNREACHABLE = [
  "no route",
  "administratively prohibited",
  "beyond scope of source",
  "address unreachable",
  "port unreachable",
  "source refused by policy",
  "rejected route",
  "source routing error",
  "headers too long",
] as const;

/** A trace for people, like mtr(1): flows that took the same path are one table. */
export function formatTrace(trace: Trace): string {
  const { target, targetAddress, sourceAddress, protocol, flows } = trace;
  const name = target === targetAddress ? target : `${stripped(target, 63)} (${targetAddress})`;
  const port = flows[0]?.destinationPort;
  const lines = [
    `trace to ${name} from ${sourceAddress} by ${protocol}${port === undefined ? "" : ` port ${port}`}`,
  ];
  const byPath = Map.groupBy(flows, (flow) => JSON.stringify([flow.hops.map(firstAddress), flow.end]));
  for (const same of byPath.values()) lines.push("", ...formatPath(same));
  if (trace.pathMtu !== undefined) lines.push("", `path MTU ${trace.pathMtu}`);
  if (trace.allPathsSeen !== undefined)
    lines.push(
      "",
      `${byPath.size} path${byPath.size === 1 ? "" : "s"} seen by ${flows.length} flows; that these are all: ${(100 * trace.allPathsSeen).toFixed(1)} %`,
    );
  return `${lines.join("\n")}\n`;
}

function formatPath(flows: readonly TraceFlow[]): string[] {
  const [first] = flows;
  if (first === undefined) return [];
  const labels = flows.map(
    ({ flow, flowLabel }) => `${flow} (label 0x${flowLabel.toString(16).padStart(5, "0")})`,
  );
  const rows = first.hops.flatMap((_, i) => formatHop(flows.flatMap(({ hops }) => hops[i] ?? [])));
  const width = Math.max(7, ...rows.map(([, address = ""]) => address.length));
  const line = ([
    hop = "",
    address = "",
    loss = "",
    sent = "",
    least = "",
    mean = "",
    most = "",
    note = "",
  ]: Row): string =>
    `${hop.padStart(3)}  ${address.padEnd(width)} ${loss.padStart(6)} ${sent.padStart(5)} ${least.padStart(8)} ${mean.padStart(8)} ${most.padStart(8)}  ${note}`.trimEnd();
  const loop = findLoop(first.hops.map(firstAddress));
  return [
    `flow${flows.length === 1 ? "" : "s"} ${labels.join(", ")}`,
    ...(rows.length === 0 ? [] : [line(["hop", "address", "loss", "sent", "min ms", "avg ms", "max ms"])]),
    ...rows.map(line),
    formatEnd(first.end),
    ...(loop === undefined ? [] : [`loop of ${loop.length} routers from hop ${loop.fromHop} on`]),
  ];
}

type Row = readonly string[];

/** A line for each address that answered, the first with what was lost. */
function formatHop(hops: readonly TraceHop[]): Row[] {
  const [first] = hops;
  if (first === undefined) return [];
  const sent = hops.reduce((sum, hop) => sum + hop.sent, 0);
  const answers = hops.flatMap((hop) => hop.answers);
  const loss = sent === 0 ? "" : `${((100 * (sent - answers.length)) / sent).toFixed(0)} %`;
  if (answers.length === 0) return [[String(first.hop), "*", loss, String(sent), "", "", "", "silent"]];
  const note = hops.some(({ rateLimited }) => rateLimited) ? "limits its rate, the path loses nothing" : "";
  return [...Map.groupBy(answers, ({ address }) => address)].map(([address, own], i) => {
    const rtts = own.map(({ rttUs }) => rttUs / 1000);
    const mean = rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length;
    const times = [Math.min(...rtts), mean, Math.max(...rtts)].map((rtt) => rtt.toFixed(3));
    const notes = [...new Set(own.map(describeAnswer)), i === 0 ? note : ""].filter((text) => text !== "");
    return i === 0
      ? [String(first.hop), address, loss, String(sent), ...times, notes.join("; ")]
      : ["", address, "", "", ...times, notes.join("; ")];
  });
}

function describeAnswer({ kind, detail }: HopAnswer): string {
  if (kind === "time-exceeded" || kind === "echo-reply") return "";
  if (kind === "unreachable") return describeCode(detail ?? 0);
  return kind === "too-big" ? `too big, MTU ${detail}` : kind === "tcp-rst" ? "port closed" : "port open";
}

function describeCode(code: number): string {
  return UNREACHABLE[code] ?? `unreachable, code ${code}`;
}

function formatEnd(end: TraceEnd): string {
  switch (end.kind) {
    case "reached":
      return `reached at hop ${end.hop}`;
    case "unreachable":
      return `unreachable at hop ${end.hop}: ${end.address} says ${describeCode(end.code)}`;
    case "silent":
      return `silent from hop ${end.fromHop} on`;
    case "too-long":
      return `not reached within ${end.maxHops} hops`;
    case "failed":
      return `failed: ${stripped(end.reason, 200)}`;
  }
}

function firstAddress({ answers }: TraceHop): string | undefined {
  return answers[0]?.address;
}
