import { randomFillSync } from "node:crypto";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import type { Egress } from "@vsix/shared/contract/up-egress.ts";
import type { Logger } from "pino";
import type { BackOff } from "../core/egress/back-off.ts";
import { EgressBudget } from "../core/egress/budget.ts";
import { EgressMatcher } from "../core/egress/matcher.ts";
import { rowsOf, shardsOf } from "../core/egress/messages.ts";
import { type EgressPlan, planEgress } from "../core/egress/plan.ts";
import { type EgressProbe, EgressRound, type EgressSource } from "../core/egress/round.ts";
import { monotonicUs } from "../io/clock-pair.ts";
import { EgressSocket } from "../io/egress-socket.ts";
import type { LinkTable } from "../io/links.ts";
import { parseIp6 } from "../wire/netlink/ip-text.ts";
import { OwnPorts } from "./own-ports.ts";

export interface EgressProberOptions {
  readonly node: string;
  /** Random at each start of the agent. */
  readonly instance: string;
  readonly log: Logger;
  readonly links: Pick<LinkTable, "get">;
  readonly publish: (message: Egress) => void;
}

/** What has been done since the start. */
export interface EgressFigures {
  readonly cycles: number;
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  /** Answers to no probe of ours. */
  readonly foreign: number;
  /** Readings after which answers may have been lost here. */
  readonly doubtful: number;
  readonly backedOff: number;
}

/** Between two moments of sending; shorter where many packets leave, for a burst measures itself. */
const TICK_US = 20_000;
const SHORT_TICK_US = 5_000;
const MANY_PER_S = 2_000;
/** While answers are all that is waited for. */
const READ_US = 200_000;
/** A plan that has changed waits no longer for the end of a cycle. */
const PATIENCE_US = 60_000_000;
const EMSGSIZE = 90;

interface Running {
  readonly plan: EgressPlan;
  readonly matcher: EgressMatcher;
  readonly source: EgressSource;
  readonly socket: EgressSocket<EgressProbe>;
  readonly own: OwnPorts;
}

/**
 * Measures egress peers cycle by cycle and tells what came of each. Without a part there is nothing: no socket, no timer, no
 * memory. Another part takes the place of the one before at the end of the running cycle; what it no longer asks for stops at
 * once.
 */
export class EgressProber implements AsyncDisposable {
  readonly #options: EgressProberOptions;
  readonly #budget = new EgressBudget();
  #part = "";
  #running: Running | undefined;
  /** What follows at the end of this cycle. */
  #next: { readonly plan: EgressPlan; readonly source: EgressSource } | undefined;
  #round: EgressRound | undefined;
  #backOffs: ReadonlyMap<string, BackOff> = new Map();
  #cycles = 0;
  #timer: NodeJS.Timeout | undefined;
  #readUs = 0;
  /** Sockets that are being closed. */
  #ending: Promise<unknown> = Promise.resolve();
  #faults: readonly string[] = [];
  #socketFault: string | undefined;
  #figures = { sent: 0, answered: 0, refused: 0, foreign: 0, doubtful: 0 };

  constructor(options: EgressProberOptions) {
    this.#options = options;
  }

  /** What is wanted and not done, in words. */
  get fault(): string | undefined {
    const faults = [...(this.#socketFault === undefined ? [] : [this.#socketFault]), ...this.#faults];
    const own = this.#running?.own.fault;
    if (own !== undefined) faults.push(own);
    return faults.length === 0 ? undefined : faults.join("; ");
  }

  /** Undefined while nothing is measured. */
  get figures(): EgressFigures | undefined {
    if (this.#running === undefined) return undefined;
    const backedOff = [...this.#backOffs.values()].filter(({ level }) => level > 0).length;
    return { cycles: this.#cycles, ...this.#figures, backedOff };
  }

  /** Takes another part; the same one leaves everything as it is. @param loopback where probes come from. */
  configure(measure: EgressMeasure | undefined, loopback: string): void {
    const asked = measure !== undefined && measure.peers.length > 0 && measure.destinations.length > 0;
    const text = asked ? JSON.stringify([measure, loopback]) : "";
    if (text === this.#part && this.#socketFault === undefined) return;
    this.#part = text;
    if (!asked) {
      this.#end();
      return;
    }
    const octets = new Uint8Array(16);
    if (!parseIp6(loopback, 0, loopback.length, octets, 0)) {
      this.#end();
      this.#socketFault = `the loopback ${loopback} is no address`;
      return;
    }
    const plan = planEgress(measure);
    this.#faults = plan.faults;
    for (const fault of plan.faults) this.#options.log.warn({ fault }, "egress peers: not measured as asked");
    const nowUs = monotonicUs();
    const addresses = new Set(plan.destinations.map(({ address }) => address));
    this.#budget.configure(plan.ratePerS, plan.destinationRatePerS, addresses, nowUs);
    this.#next = { plan, source: { text: loopback, octets } };
    const round = this.#round;
    if (round === undefined) this.#begin();
    else if (round.endUs - nowUs > PATIENCE_US || leavesOut(plan, round.plan)) round.stop(nowUs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#ending;
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#socketFault = undefined;
    this.#round = undefined;
    this.#next = undefined;
    this.#backOffs = new Map();
    this.#faults = [];
    this.#close();
  }

  #close(): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const before = this.#ending;
    this.#ending = (async () => {
      await before;
      await running.own[Symbol.asyncDispose]();
      await running.socket[Symbol.asyncDispose]();
    })().catch((error: unknown) =>
      this.#options.log.error({ err: error }, "egress sockets did not end well"),
    );
  }

  /** The next cycle begins now. */
  #begin(): void {
    if (this.#next !== undefined) this.#open(this.#next.plan, this.#next.source);
    this.#next = undefined;
    const running = this.#running;
    if (running === undefined) return;
    const { plan, matcher, source } = running;
    const tokens = randomFillSync(new Uint32Array(plan.cells * (plan.probes + 1)));
    // What came before this cycle is not about it.
    running.socket.read();
    const startUs = monotonicUs();
    this.#readUs = startUs;
    this.#cycles++;
    this.#round = new EgressRound({
      plan,
      matcher,
      source,
      budget: this.#budget,
      backOffs: this.#backOffs,
      cycle: this.#cycles,
      startUs,
      tokens,
    });
    this.#tick();
  }

  #open(plan: EgressPlan, source: EgressSource): void {
    const { log, links } = this.#options;
    this.#close();
    this.#socketFault = undefined;
    const overhead = Math.max(0, ...plan.peers.map(({ way }) => way?.overhead ?? 0));
    try {
      const socket = EgressSocket.open<EgressProbe>({
        source: source.text,
        longest: overhead + Math.max(plan.size, plan.fullSize),
        tcp: plan.destinations.some(({ protocol }) => protocol === "tcp"),
        sent: (probe, errno, atUs) => this.#sent(probe, errno, atUs),
        received: (evidence, atUs, hopLimit) => this.#round?.answered(evidence, atUs, hopLimit),
      });
      this.#running = {
        plan,
        matcher: new EgressMatcher(plan),
        source,
        socket,
        own: new OwnPorts(plan, links, log),
      };
      log.info(
        { destinations: plan.destinations.length, peers: plan.peers.length },
        "egress peers are measured",
      );
    } catch (error) {
      this.#socketFault = `egress peers cannot be measured: ${String(error)}`;
      log.error({ err: error }, "egress peers cannot be measured");
    }
  }

  /** Reads what has come, sends what is due, ends the cycle when it is over, and comes again. */
  #tick(): void {
    clearTimeout(this.#timer);
    const round = this.#round;
    if (round === undefined || this.#running === undefined) return;
    // Reading before sending: what follows a packet's departure would keep the processor from whoever carries it on.
    this.#read(round);
    this.#sendDue(round, this.#running);
    const nowUs = monotonicUs();
    if (nowUs >= round.endUs) {
      this.#read(round);
      this.#finish(round);
      return;
    }
    const dueUs = round.nextUs(nowUs);
    const tickUs = round.perS > MANY_PER_S ? SHORT_TICK_US : TICK_US;
    // Packets of one tick leave together; a packet that is due later than that is waited for.
    const wakeUs = dueUs === undefined ? nowUs + READ_US : Math.max(nowUs + tickUs, dueUs);
    const waitUs = Math.min(wakeUs, round.endUs, this.#readUs + READ_US) - nowUs;
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, Math.ceil(waitUs / 1000)));
  }

  #sendDue(round: EgressRound, { socket, own, plan }: Running): void {
    for (let probe = round.next(monotonicUs()); probe !== undefined; probe = round.next(monotonicUs())) {
      const port = plan.peers[probe.peer]?.way?.port;
      if (port === undefined) socket.send(probe, probe.packet);
      else {
        const target = own.targetOf(port);
        if (target === undefined) round.refused(probe);
        else socket.sendTo(probe, probe.packet, target);
      }
    }
    socket.flush();
  }

  #sent(probe: EgressProbe, errno: number, atUs: number): void {
    const round = this.#round;
    if (round === undefined) return;
    if (errno === 0) {
      round.sent(probe, atUs);
      return;
    }
    const way = round.plan.peers[probe.peer]?.way;
    const mtu = way?.port === undefined ? 0 : (this.#options.links.get(way.port.interface)?.mtu ?? 0);
    const inner = Math.min(Math.max(0, mtu - (way?.overhead ?? 0)), 0xffff);
    round.refused(probe, errno === EMSGSIZE ? inner : undefined);
  }

  #read(round: EgressRound): void {
    const fromUs = this.#readUs;
    const doubtful = this.#running?.socket.read().doubtful;
    this.#readUs = monotonicUs();
    if (doubtful === undefined) return;
    this.#figures.doubtful++;
    round.ledger.doubt(fromUs, this.#readUs);
    this.#options.log.warn({ why: doubtful }, "answers of egress probes may have been lost here");
  }

  #finish(round: EgressRound): void {
    const { sent, answered, refused, foreign } = round.totals;
    this.#figures.sent += sent;
    this.#figures.answered += answered;
    this.#figures.refused += refused;
    this.#figures.foreign += foreign;
    const asked = this.#backOffs;
    this.#backOffs = round.judge();
    this.#tell(round, asked);
    // A process that was stopped for cycles does not make up for them; a cycle that ended early is followed at once.
    const nowUs = monotonicUs();
    const beginUs = this.#next === undefined ? Math.max(nowUs, round.startUs + round.plan.cycleUs) : nowUs;
    this.#timer = setTimeout(() => this.#begin(), Math.ceil((beginUs - nowUs) / 1000));
  }

  /** One message after the other, so that whatever else this process does waits for one at most. */
  #tell(round: EgressRound, asked: ReadonlyMap<string, BackOff>): void {
    const { node, instance, publish } = this.#options;
    const { plan, ledger, cycle, startUs } = round;
    const shards = shardsOf(plan);
    const isBackedOff = (address: string): boolean => (asked.get(address)?.level ?? 0) > 0;
    const tell = (shard: number): void => {
      const range = shards[shard];
      if (range === undefined) return;
      const ageMs = Math.round((monotonicUs() - startUs) / 1000);
      publish({
        version: 1,
        node,
        instance,
        cycle,
        shard,
        shards: shards.length,
        startMs: Date.now() - ageMs,
        ageMs,
        peers: plan.peers.map(({ name }) => name),
        rows: rowsOf({ plan, ledger, isBackedOff }, range.from, range.to),
      });
      if (shard + 1 < shards.length) setImmediate(() => tell(shard + 1));
    };
    tell(0);
  }
}

/** Whether something that is asked now is not asked any more: a destination, a peer, or a way to it. */
function leavesOut(next: EgressPlan, now: EgressPlan): boolean {
  const addresses = new Set(next.destinations.map(({ address, peers }) => `${address} ${peers}`));
  return (
    JSON.stringify(now.peers.map(describe)) !== JSON.stringify(next.peers.map(describe)) ||
    now.destinations.some(({ address, peers }) => !addresses.has(`${address} ${peers}`))
  );
}

function describe({ name, way }: EgressPlan["peers"][number]): unknown {
  if (way?.kind !== "segments") return [name, way];
  return [name, way.segments.map((segment) => Buffer.from(segment).toString("hex")), way.port];
}
