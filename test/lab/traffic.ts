import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, nodeOf } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { namespaceName } from "./names.ts";
import { inNamespace } from "./run.ts";
import { tool } from "./tools.ts";

export interface FlowOptions extends FlowKind {
  readonly lab: Lab;
  /** Node whose host (its loopback address) sends; a namespace of the lab that is none wants `source`, or as receiver `destination`. */
  readonly from: string;
  readonly to: string;
  readonly ratePerS: number;
}

/** What packets of a flow are like. */
export interface FlowKind {
  /** UDP payload, octets; 100 unless told. */
  readonly size?: number;
  /** Instead of the nodes' loopback addresses. */
  readonly source?: string;
  readonly destination?: string;
  /** Destination port; one that is free unless told. */
  readonly port?: number;
  /** Differentiated services code point; 0 unless told. */
  readonly dscp?: number;
  /** Instead of `from>to`. */
  readonly label?: string;
}

/** What was counted at both ends of a flow. */
export interface FlowFigures {
  /** `from>to`. */
  readonly label: string;
  /** Packets the sender numbered, refused ones included. */
  readonly sent: number;
  /** Different packets that arrived. */
  readonly received: number;
  readonly lost: number;
  /** Of `lost`: refused by the sender's own kernel (no route). */
  readonly sendErrors: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** Longest time between two arrivals. */
  readonly maxGapMs: number;
  readonly meanDelayMs: number;
  readonly maxDelayMs: number;
  /** First 32 holes in the numbering, as they were first seen; a late packet may have filled one. */
  readonly outages: readonly {
    readonly afterSequence: number;
    readonly atMs: number;
    readonly gapMs: number;
  }[];
}

export interface Flow extends AsyncDisposable {
  readonly label: string;
  /** Stops sending, waits `drainMs` (500) for what is on its way, and counts. May be called once. */
  stop(drainMs?: number): Promise<FlowFigures>;
}

/** Starts a UDP stream from one node's host to another's. Resolves when the first packet is about to leave. */
export async function startFlow(options: FlowOptions): Promise<Flow> {
  const { lab, from, to } = options;
  const program = await tool("traffic");
  const source = options.source ?? nodeOf(lab, from).loopback;
  const destination = options.destination ?? nodeOf(lab, to).loopback;
  const label = options.label ?? `${from}>${to}`;
  const at = ["--address", destination, "--port", String(options.port ?? 0)];
  const receiver = await launch(namespaceName(lab.name, to), [program, "recv", ...at]);
  const ends = ["--source", source, "--destination", destination, "--port", receiver.port];
  const speed = ["--rate", String(options.ratePerS), "--size", String(options.size ?? 100)];
  if (options.dscp !== undefined) speed.push("--dscp", String(options.dscp));
  const sender = await launch(namespaceName(lab.name, from), [program, "send", ...ends, ...speed]).catch(
    (error) => {
      receiver.kill();
      throw error;
    },
  );
  return {
    label,
    stop: async (drainMs = 500) => {
      const sent = (await sender.finish()) as SenderFigures;
      await sleep(drainMs);
      const got = (await receiver.finish()) as ReceiverFigures;
      const { duplicates, reordered, maxGapMs, meanDelayMs, maxDelayMs, outages, received } = got;
      const counts = { sent: sent.sent, received, lost: sent.sent - received, sendErrors: sent.sendErrors };
      return { label, ...counts, duplicates, reordered, maxGapMs, meanDelayMs, maxDelayMs, outages };
    },
    [Symbol.asyncDispose]: async () => {
      sender.kill();
      receiver.kill();
    },
  };
}

/** Both directions at once, between the hosts of two nodes. */
export async function startFlows(
  lab: Lab,
  one: string,
  other: string,
  ratePerS: number,
): Promise<readonly Flow[]> {
  return [
    await startFlow({ lab, from: one, to: other, ratePerS }),
    await startFlow({ lab, from: other, to: one, ratePerS }),
  ];
}

/** Stops flows together, so that none goes on while another drains. */
export async function stopFlows(flows: readonly Flow[]): Promise<readonly FlowFigures[]> {
  return Promise.all(flows.map((flow) => flow.stop()));
}

interface SenderFigures {
  readonly sent: number;
  readonly sendErrors: number;
}

type ReceiverFigures = Omit<FlowFigures, "label" | "sent" | "lost" | "sendErrors">;

interface End {
  readonly port: string;
  finish(): Promise<unknown>;
  kill(): void;
}

/** Starts one end in its namespace; resolves at its line `ready PORT`. */
async function launch(namespace: string, command: readonly string[]): Promise<End> {
  const [file = "ip", ...args] = inNamespace(namespace, command);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const fail = async (): Promise<never> => {
    child.kill("SIGKILL");
    await closed;
    throw new LabError("lab/traffic", `${command.join(" ")}: ${said.trim() || "ended early"}`);
  };
  child.once("error", () => {});
  const first = await lines.next();
  const port = first.done === true ? undefined : /^ready (\d+)$/.exec(first.value)?.[1];
  if (port === undefined) return fail();
  return {
    port,
    finish: async () => {
      child.kill("SIGTERM");
      const last = await within(lines.next(), child);
      if (last.done === true) return fail();
      return JSON.parse(last.value) as unknown;
    },
    kill: () => child.kill("SIGKILL"),
  };
}

/** A program that does not end when asked is killed after 5 s, and then its output ends. */
async function within<T>(promise: Promise<T>, child: ChildProcess): Promise<T> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
