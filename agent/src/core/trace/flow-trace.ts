import { findLoop } from "@vsix/shared/paths/loop.ts";
import type { HopAnswer, TraceEnd, TraceHop, TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { flowEnd, isRateLimited, reachesTarget } from "./classify.ts";

export interface FlowTraceOptions {
  readonly protocol: TraceProtocol;
  readonly targetAddress: string;
  readonly probes: number;
  readonly maxHops: number;
  readonly silentHops: number;
  readonly timeoutMs: number;
  readonly spacingMs: number;
}

interface Probe {
  readonly hop: number;
  readonly sentUs: number;
  answered: boolean;
}

interface Hop {
  sent: number;
  lastUs: number;
  readonly answers: HopAnswer[];
}

/** A packet that never left: no path to speak of. */
export interface Refusal {
  readonly reason: string;
}

/**
 * One flow of a trace, hop by hop in parallel: which hop is to be probed next, whose probe an answer belongs to, and when
 * everything is known. Hops are probed as far as `silentHops` beyond the furthest one that answered, no further than where
 * the target or an "unreachable" answered; first all once, then all twice. Times are monotonic microseconds.
 */
export class FlowTrace {
  readonly #options: FlowTraceOptions;
  readonly #probes: Probe[] = [];
  readonly #hops: Hop[] = [];
  #furthest = 0;
  /** Where the flow ends, as soon as it is known. */
  #last: number | undefined;
  #refused: string | undefined;

  constructor(options: FlowTraceOptions) {
    this.#options = options;
  }

  /** Hop to probe now; undefined when none is to be. */
  due(nowUs: number): number | undefined {
    if (this.#refused !== undefined) return undefined;
    const { probes, spacingMs } = this.#options;
    const horizon = this.#horizon();
    for (let round = 0; round < probes; round++)
      for (let hop = 1; hop <= horizon; hop++) {
        const { sent = 0, lastUs = -Infinity } = this.#hops[hop - 1] ?? {};
        if (sent === round && nowUs >= lastUs + spacingMs * 1000) return hop;
      }
    return undefined;
  }

  /** Probes sent: the index of the next. */
  get count(): number {
    return this.#probes.length;
  }

  /** Index of the probe that went. */
  sent(hop: number, nowUs: number): number {
    while (this.#hops.length < hop) this.#hops.push({ sent: 0, lastUs: -Infinity, answers: [] });
    const entry = this.#hops[hop - 1];
    if (entry !== undefined) {
      entry.sent++;
      entry.lastUs = nowUs;
    }
    return this.#probes.push({ hop, sentUs: nowUs, answered: false }) - 1;
  }

  /** The kernel does not send: the flow has failed. */
  refuse(reason: string): void {
    this.#refused = reason;
  }

  /** Only the first answer to a probe counts. False when it is none of ours. */
  answered(index: number, answer: Omit<HopAnswer, "rttUs">, atUs: number): boolean {
    const probe = this.#probes[index];
    const hop = probe === undefined ? undefined : this.#hops[probe.hop - 1];
    if (probe === undefined || hop === undefined || probe.answered) return false;
    probe.answered = true;
    hop.answers.push({ ...answer, rttUs: Math.max(0, Math.round(atUs - probe.sentUs)) });
    this.#furthest = Math.max(this.#furthest, probe.hop);
    const { protocol, targetAddress } = this.#options;
    if (answer.kind === "unreachable" || reachesTarget(answer, protocol, targetAddress))
      this.#last = Math.min(this.#last ?? probe.hop, probe.hop);
    else if (this.#last === undefined && findLoop(this.addresses()) !== undefined)
      this.#last = this.#furthest;
    return true;
  }

  /** Whether nothing is to be sent or waited for any more. */
  done(nowUs: number): boolean {
    return this.nextUs(nowUs) === undefined;
  }

  /** When to look again; undefined when everything is known. */
  nextUs(nowUs: number): number | undefined {
    if (this.#refused !== undefined) return undefined;
    const { probes, spacingMs, timeoutMs } = this.#options;
    const horizon = this.#horizon();
    let next: number | undefined;
    const at = (us: number): void => {
      next = Math.min(next ?? us, us);
    };
    for (let hop = 1; hop <= horizon; hop++) {
      const { sent = 0, lastUs = -Infinity } = this.#hops[hop - 1] ?? {};
      if (sent < probes) at(Math.max(nowUs, lastUs + spacingMs * 1000));
    }
    for (const { hop, answered, sentUs } of this.#probes)
      if (!answered && hop <= horizon && sentUs + timeoutMs * 1000 > nowUs) at(sentUs + timeoutMs * 1000);
    return next;
  }

  /** Who answered first at each hop. */
  addresses(): (string | undefined)[] {
    return this.#hops.slice(0, this.#horizon()).map(({ answers }) => answers[0]?.address);
  }

  hops(): TraceHop[] {
    const shown = this.#hops.slice(0, Math.min(this.#horizon(), this.#shown()));
    return shown.map(({ sent, answers }, i) => ({
      hop: i + 1,
      sent,
      answers,
      rateLimited: isRateLimited(shown, i),
    }));
  }

  end(): TraceEnd {
    if (this.#refused !== undefined) return { kind: "failed", reason: this.#refused };
    const { protocol, targetAddress, maxHops } = this.#options;
    return flowEnd(this.hops(), { protocol, targetAddress, maxHops });
  }

  #horizon(): number {
    const { maxHops, silentHops } = this.#options;
    return this.#last ?? Math.min(maxHops, this.#furthest + silentHops);
  }

  /** Of the hops at the end that say nothing one is shown. */
  #shown(): number {
    return this.#last ?? this.#furthest + 1;
  }
}
