import { reachesTarget } from "../trace/classify.ts";
import type { Evidence } from "../trace/identify.ts";
import { acknowledges, markOf } from "./marks.ts";
import type { EgressMatcher } from "./matcher.ts";
import type { EgressPlan } from "./plan.ts";
import { type CellCount, type EgressTally, OUTCOME, tallyOf } from "./tally.ts";

const MAX_COUNT = 2 ** 32;

/**
 * What became of the probes of one cycle. All memory is taken at the beginning. An answer counts when it has the token of a
 * probe of this cycle, comes from where that was sent, for the first time, and in time; all else is stray. Times are monotonic
 * microseconds.
 */
export class EgressLedger {
  readonly #plan: EgressPlan;
  readonly #matcher: EgressMatcher;
  readonly #source: string;
  /** By probe: cell x (probes + 1) + number; the last of a cell is the one of full size. */
  readonly #tokens: Uint32Array;
  readonly #sentUs: Float64Array;
  /** Round trip time in microseconds, or OUTCOME. */
  readonly #outcome: Int32Array;
  readonly #sent: Uint8Array;
  readonly #stray: Uint32Array;
  readonly #unreachable: Int16Array;
  readonly #fullMtu: Uint16Array;
  /** Of the last answer of each cell; 0: none. */
  readonly #hopLimit: Uint8Array;
  /** Stretches of time in which answers may have been lost by this node itself. */
  readonly #doubts: { readonly fromUs: number; readonly toUs: number }[] = [];
  #foreign = 0;

  /** @param tokens random, one for each probe of the plan: nobody can answer what he has not seen. */
  constructor(plan: EgressPlan, matcher: EgressMatcher, source: string, tokens: Uint32Array) {
    const probes = plan.cells * (plan.probes + 1);
    this.#plan = plan;
    this.#matcher = matcher;
    this.#source = source;
    this.#tokens = tokens.subarray(0, probes);
    this.#sentUs = new Float64Array(probes);
    this.#outcome = new Int32Array(probes).fill(OUTCOME.NONE);
    this.#sent = new Uint8Array(plan.cells);
    this.#stray = new Uint32Array(plan.cells);
    this.#unreachable = new Int16Array(plan.cells).fill(-1);
    this.#fullMtu = new Uint16Array(plan.cells);
    this.#hopLimit = new Uint8Array(plan.cells);
  }

  /** Answers that belong to no cell. */
  get foreign(): number {
    return this.#foreign;
  }

  /** Number that the next probe of a cell has; undefined when it has all of them. */
  nextProbe(cell: number, full: boolean): number | undefined {
    const { probes } = this.#plan;
    if (full) return this.#outcome[this.#index(cell, probes)] === OUTCOME.NONE ? probes : undefined;
    const next = this.#sent[cell] ?? probes;
    return next < probes ? next : undefined;
  }

  tokenOf(cell: number, probe: number): number {
    return this.#tokens[this.#index(cell, probe)] ?? 0;
  }

  /** It left. Numbers of a cell are used one after the other. */
  left(cell: number, probe: number, atUs: number): void {
    const index = this.#index(cell, probe);
    this.#sentUs[index] = atUs;
    this.#outcome[index] = OUTCOME.SILENT;
    if (probe < this.#plan.probes) this.#sent[cell] = probe + 1;
  }

  /** It could not leave after all. Its number is not used again: answers to it would prove nothing. */
  unsent(cell: number, probe: number): void {
    this.#outcome[this.#index(cell, probe)] = OUTCOME.NONE;
  }

  /** The probe of full size is larger than this node's own device takes. @param mtu of the inner packet; 0 is not known. */
  tooBigHere(cell: number, mtu: number): void {
    this.#outcome[this.#index(cell, this.#plan.probes)] = OUTCOME.TOO_BIG;
    this.#fullMtu[cell] = mtu;
  }

  /**
   * @param hopLimit what the answer came with; 0 is not known. Answers by one way back that come with another are another host's.
   * @returns whether it decided something about a probe
   */
  answered(evidence: Evidence, atUs: number, hopLimit = 0): boolean {
    const cell = this.#matcher.cellOf(evidence.flow);
    if (cell === undefined || (evidence.source !== undefined && evidence.source !== this.#source)) {
      this.#elsewhere(evidence);
      return false;
    }
    const probe = this.#probeOf(cell, evidence);
    if (probe === undefined || !this.#decide(cell, probe, evidence, atUs)) {
      this.#isStray(cell);
      return false;
    }
    if ((this.#outcome[this.#index(cell, probe)] ?? OUTCOME.NONE) >= 0) this.#hopLimit[cell] = hopLimit;
    return true;
  }

  /** Answers that came in that time may have been dropped by this node, or have no time that can be trusted. */
  doubt(fromUs: number, toUs: number): void {
    const last = this.#doubts.at(-1);
    if (last !== undefined && fromUs <= last.toUs) this.#doubts[this.#doubts.length - 1] = { ...last, toUs };
    else this.#doubts.push({ fromUs, toUs });
  }

  /** What is known of a cell once its time is over. */
  cell(cell: number): EgressTally {
    const { probes } = this.#plan;
    const first = this.#index(cell, 0);
    return tallyOf({
      wanted: probes,
      outcomes: this.#outcome.subarray(first, first + probes),
      isDoubtful: (probe) => this.#isDoubtful(first + probe),
      full: this.#outcome[first + probes] ?? OUTCOME.NONE,
      fullMtu: this.#fullMtu[cell] ?? 0,
      stray: this.#stray[cell] ?? 0,
      unreachable: this.#unreachable[cell] ?? -1,
      hopLimit: this.#hopLimit[cell] ?? 0,
    });
  }

  /** The same as counts, for who decides how often to ask. */
  count(cell: number): CellCount {
    const { sent, lost, unreachable } = this.cell(cell);
    return { sent, answered: sent - lost, prohibited: unreachable === 1 };
  }

  #decide(cell: number, probe: number, { answer, inside }: Evidence, atUs: number): boolean {
    const plan = this.#plan;
    const index = this.#index(cell, probe);
    const rttUs = Math.round(atUs - (this.#sentUs[index] ?? 0));
    if (this.#outcome[index] !== OUTCOME.SILENT || rttUs < 0 || rttUs >= plan.timeoutUs) return false;
    const destination = plan.destinations[this.#matcher.destinationOf(cell)];
    if (destination === undefined) return false;
    if (reachesTarget(answer, destination.protocol, destination.address)) {
      if (answer.address !== destination.address) return false;
      this.#outcome[index] = rttUs;
      return true;
    }
    if (answer.kind === "unreachable") {
      // Port unreachable by another than the destination is somebody who speaks for it.
      this.#outcome[index] = OUTCOME.UNREACHABLE;
      this.#unreachable[cell] = answer.detail ?? 0;
      return true;
    }
    if (answer.kind !== "too-big" || probe !== plan.probes) return false;
    const mtu = (answer.detail ?? 0) - (inside === true ? this.#overheadOf(cell) : 0);
    // As much as was sent, or more, makes no sense.
    if (mtu < 0 || mtu >= plan.fullSize) return false;
    this.#outcome[index] = OUTCOME.TOO_BIG;
    this.#fullMtu[cell] = mtu;
    return true;
  }

  #overheadOf(cell: number): number {
    const destination = this.#plan.destinations[this.#matcher.destinationOf(cell)];
    const peer = destination?.peers[cell - destination.firstCell];
    return this.#plan.peers[peer ?? -1]?.way?.overhead ?? 0;
  }

  #probeOf(cell: number, { word, token, flow }: Evidence): number | undefined {
    const { probes, fullSize } = this.#plan;
    const tcp = flow.startsWith("tcp");
    for (let probe = 0; probe <= probes; probe++) {
      const mark = markOf(this.tokenOf(cell, probe), probe, cell);
      const size = probe === probes ? fullSize : 0;
      if (tcp ? acknowledges(word, mark, size) : token === mark.token && word === mark.number) return probe;
    }
    return undefined;
  }

  /** From an address that was not asked, but with what a probe said: it is stray for that probe's cell. */
  #elsewhere({ note, token, answer }: Evidence): void {
    const cell = (note ?? 0) - 1;
    const known = cell >= 0 && cell < this.#plan.cells && answer.kind === "echo-reply" && token !== undefined;
    const first = this.#index(cell, 0);
    const of = this.#tokens.subarray(first, first + this.#plan.probes + 1);
    if (known && of.includes(token)) this.#isStray(cell);
    else this.#foreign = Math.min(MAX_COUNT, this.#foreign + 1);
  }

  #isStray(cell: number): void {
    this.#stray[cell] = Math.min(MAX_COUNT - 1, (this.#stray[cell] ?? 0) + 1);
  }

  #isDoubtful(index: number): boolean {
    const sentUs = this.#sentUs[index] ?? 0;
    return this.#doubts.some(({ fromUs, toUs }) => toUs >= sentUs && fromUs <= sentUs + this.#plan.timeoutUs);
  }

  #index(cell: number, probe: number): number {
    return cell * (this.#plan.probes + 1) + probe;
  }
}
