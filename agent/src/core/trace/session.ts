import type { Trace, TraceFlow } from "@vsix/shared/paths/trace.ts";
import { formatIp6 } from "../../wire/netlink/ip-text.ts";
import { confidenceOf } from "./all-paths.ts";
import { reachesTarget } from "./classify.ts";
import {
  encodeProbe,
  type FlowIdentity,
  flowIdentity,
  PROBE_SIZE,
  type ProbeMark,
  synData,
} from "./flow-identity.ts";
import { FlowTrace } from "./flow-trace.ts";
import { type Evidence, flowKey } from "./identify.ts";
import { Pace } from "./pace.ts";
import { PathMtuSearch } from "./path-mtu.ts";
import { MAX_FLOWS, type TraceTask } from "./task.ts";

/** Numbers of probes: 1 to this; 0 and 0xffff are one checksum. */
const NUMBERS = 0xfffe;
/** Numbers of probes that measure the MTU begin here: no flow sends so many others. */
const FIRST_MTU = 0x8000;
/** No SYN carries so much. */
const SYN_STEP = 0x10000;
const MTU_HOP_LIMIT = 64;
/** Probes of a trace that may follow each other at once. */
const BURST = 4;
/** Flows added at a time while paths may be missing. */
const MORE_FLOWS = 4;

/** A packet that is to go now. */
export interface DueProbe {
  readonly packet: Uint8Array;
  /** To be called before it is sent. */
  readonly sent: (nowUs: number) => void;
}

interface Running {
  readonly identity: FlowIdentity;
  readonly key: string;
  readonly trace: FlowTrace;
}

/**
 * One trace under way, without clock or socket: the caller sends what is {@link due}, hands in {@link answered}, and looks
 * again at {@link nextUs}. Times are monotonic microseconds.
 */
export class TraceSession {
  readonly #task: TraceTask;
  readonly #token: number;
  readonly #offset: number;
  readonly #pace: Pace;
  readonly #flows: Running[] = [];
  #turn = 0;
  #mtu: PathMtuSearch | undefined;
  /** Sizes of the MTU's probes, in order. */
  readonly #mtuSizes: number[] = [];

  /** @param random in [0, 1): nobody who does not see the packets can answer them. */
  constructor(task: TraceTask, random: () => number) {
    this.#task = task;
    this.#token = Math.floor(random() * 2 ** 32);
    this.#offset = Math.floor(random() * NUMBERS);
    this.#pace = new Pace(task.ratePerS, BURST);
    this.#add(task.flows);
  }

  /** Keys of the flows under way, see {@link Evidence.flow}. Changes as flows are added. */
  keys(): readonly string[] {
    return this.#flows.map(({ key }) => key);
  }

  /** The packet to send now, if there is one. */
  due(nowUs: number): DueProbe | undefined {
    if (!this.#pace.ready(nowUs)) return undefined;
    for (let i = 0; i < this.#flows.length; i++) {
      const flow = (this.#turn + i) % this.#flows.length;
      const running = this.#flows[flow];
      const hop = running?.trace.due(nowUs);
      if (running === undefined || hop === undefined) continue;
      this.#turn = flow + 1;
      return this.#probe(running, running.trace, hop);
    }
    this.#proceed(nowUs);
    const size = this.#mtu?.due(nowUs);
    const [first] = this.#flows;
    if (size === undefined || first === undefined) return undefined;
    const mark = this.#mark(FIRST_MTU + this.#mtuSizes.length);
    return {
      packet: encodeProbe(first.identity, mark, MTU_HOP_LIMIT, size),
      sent: (atUs) => {
        this.#pace.take(atUs);
        this.#mtuSizes.push(size);
        this.#mtu?.sent(atUs);
      },
    };
  }

  /** The packet that was just told as sent did not leave. @param tooBig larger than the device takes (EMSGSIZE). */
  refused(reason: string, tooBig: boolean): void {
    if (tooBig && this.#mtu !== undefined) this.#mtu.tooBigHere();
    else for (const { trace } of this.#flows) trace.refuse(reason);
  }

  /** False when it is not about a probe of this trace, or the second answer to one. */
  answered(evidence: Evidence, atUs: number): boolean {
    const flow = this.#flows.findIndex(({ key }) => key === evidence.flow);
    const running = this.#flows[flow];
    if (running === undefined || !this.#isOurs(evidence)) return false;
    const index = this.#indexOf(evidence.word);
    if (index === undefined) return false;
    if (index >= FIRST_MTU) return flow === 0 && this.#answeredMtu(index, evidence.answer);
    return running.trace.answered(index, evidence.answer, atUs);
  }

  /** When to look again, no sooner than the pace allows; undefined when the trace is over. */
  nextUs(nowUs: number): number | undefined {
    this.#proceed(nowUs);
    const times = this.#flows.map(({ trace }) => trace.nextUs(nowUs)).filter((us) => us !== undefined);
    const next = times.length > 0 ? Math.min(...times) : this.#mtu?.nextUs(nowUs);
    return next === undefined ? undefined : Math.max(next, this.#pace.readyAtUs(nowUs));
  }

  result(facts: Pick<Trace, "source" | "startedAt" | "endedAt">): Trace {
    const { target, targetAddress, sourceAddress, protocol, port } = this.#task;
    const mtu = this.#mtu?.mtu();
    return {
      version: 1,
      ...facts,
      sourceAddress,
      target,
      targetAddress,
      protocol,
      flows: this.#flows.map(
        ({ identity, trace }, flow): TraceFlow => ({
          flow,
          flowLabel: identity.flowLabel,
          ...(protocol === "icmp6" ? {} : { sourcePort: identity.local, destinationPort: port }),
          hops: trace.hops(),
          end: trace.end(),
        }),
      ),
      ...(mtu === undefined ? {} : { pathMtu: mtu }),
      ...(this.#flows.length > 1 ? { allPathsSeen: Math.round(this.#confidence() * 1e4) / 1e4 } : {}),
    };
  }

  /** Further flows, then the search for the MTU, once all that was to be known before is known. */
  #proceed(nowUs: number): void {
    const { maxMtu, maxFlows = 0, confidence, timeoutMs } = this.#task;
    if (this.#mtu !== undefined || !this.#flows.every(({ trace }) => trace.done(nowUs))) return;
    const wanted = Math.min(maxFlows, MAX_FLOWS);
    const ends = this.#flows.map(({ trace }) => trace.end().kind);
    if (this.#flows.length < wanted && !ends.includes("failed") && this.#confidence() < confidence)
      this.#add(Math.min(MORE_FLOWS, wanted - this.#flows.length));
    else if (maxMtu !== undefined && ends[0] === "reached")
      this.#mtu = new PathMtuSearch(PROBE_SIZE, maxMtu, timeoutMs);
  }

  #add(count: number): void {
    for (let i = 0; i < count; i++) {
      const { protocol, targetAddress, port } = this.#task;
      const identity = flowIdentity(this.#task, this.#flows.length);
      if (identity === undefined) return;
      const key = flowKey(protocol, targetAddress, identity.local, port);
      this.#flows.push({ identity, key, trace: new FlowTrace(this.#task) });
    }
  }

  #probe({ identity }: Running, trace: FlowTrace, hop: number): DueProbe {
    return {
      packet: encodeProbe(identity, this.#mark(trace.count), hop, PROBE_SIZE),
      sent: (atUs) => {
        this.#pace.take(atUs);
        trace.sent(hop, atUs);
      },
    };
  }

  #confidence(): number {
    const paths = this.#flows.map(({ trace }) => trace.addresses());
    return confidenceOf(paths, this.#task.sourceAddress);
  }

  /** Of a SYN with data, sequence numbers are so far apart that what is acknowledged says which it was and how much of it. */
  #mark(index: number): ProbeMark {
    const far = this.#task.protocol === "tcp" && index >= FIRST_MTU;
    const number = far ? SYN_STEP * (1 + index - FIRST_MTU) : 1 + ((this.#offset + index) % NUMBERS);
    return { number, token: this.#token };
  }

  #indexOf(word: number): number | undefined {
    const tcp = this.#task.protocol === "tcp";
    const number = tcp ? (word - this.#token + 2 ** 32) % 2 ** 32 : word;
    if (number >= 1 && number <= NUMBERS) return (number - 1 - this.#offset + NUMBERS) % NUMBERS;
    const nth = Math.floor(number / SYN_STEP) - 1;
    const size = tcp ? this.#mtuSizes[nth] : undefined;
    // A reset acknowledges data as well, RFC 9293 section 3.10.7.1; a quotation and a SYN-ACK do not.
    const fits = size !== undefined && (number % SYN_STEP === 0 || number % SYN_STEP === synData(size));
    return fits ? FIRST_MTU + nth : undefined;
  }

  #isOurs({ token, source }: Evidence): boolean {
    const [first] = this.#flows;
    const ours = first === undefined ? undefined : formatIp6(first.identity.source, 0);
    return (token === undefined || token === this.#token) && (source === undefined || source === ours);
  }

  #answeredMtu(index: number, answer: Evidence["answer"]): boolean {
    const size = this.#mtuSizes[index - FIRST_MTU];
    if (size === undefined) return false;
    if (reachesTarget(answer, this.#task.protocol, this.#task.targetAddress)) this.#mtu?.reached(size);
    else if (answer.kind === "too-big") this.#mtu?.tooBig(size, answer.detail ?? 0);
    return true;
  }
}
