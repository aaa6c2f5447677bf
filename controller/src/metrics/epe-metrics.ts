import type { Egress } from "@vsix/shared/contract/up-egress.ts";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { EPE_MODES } from "../core/epe/in-force.ts";
import { alarmsNow } from "../epe/alarms.ts";
import type { Context } from "../operations/context.ts";

const BAD_PATHS = ["longer-as-path", "inflated-rtt"] as const;
const MESSAGES = ["taken", "twice", "late", "previous-run", "impossible", "stranger"] as const;

/**
 * Figures of egress peer engineering. Labels are names of the fabric file and words of our own. What accounts say begins anew when an
 * operator switches, as counters may.
 */
export class EpeMetrics {
  readonly #decision: Histogram;
  readonly #probes: Counter<"node" | "outcome">;
  readonly #states: ReturnType<typeof makeStates>;

  constructor(registry: Registry, prefix: string) {
    const registers = [registry];
    this.#decision = new Histogram({
      name: `${prefix}decision_seconds`,
      help: "What one decision about all destinations took",
      buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
      registers,
    });
    this.#probes = new Counter({
      name: `${prefix}probes_total`,
      help: "Probes by egress peers, as nodes told what became of them; unsent: wanted, and not sent",
      labelNames: ["node", "outcome"],
      registers,
    });
    this.#states = makeStates(registry, prefix);
  }

  decided(ms: number): void {
    this.#decision.observe(ms / 1000);
  }

  /** Of a node that measures here; nobody else may make up a label. */
  measured({ node, rows }: Egress): void {
    let [answered, lost, unsent] = [0, 0, 0];
    for (const { cells } of rows)
      for (const cell of cells) {
        lost += Math.min(cell.lost, cell.sent);
        answered += cell.sent - Math.min(cell.lost, cell.sent);
        unsent += cell.unsent;
      }
    this.#probes.inc({ node, outcome: "answered" }, answered);
    this.#probes.inc({ node, outcome: "lost" }, lost);
    this.#probes.inc({ node, outcome: "unsent" }, unsent);
  }

  /** What is a state, as of now. */
  observe(context: Context): void {
    const { desired, epe: runner, clock } = context;
    const states = this.#states;
    const { epe, fabric } = desired.inForce ?? {};
    const mode = epe?.mode ?? "off";
    for (const one of EPE_MODES) states.mode.set({ mode: one }, one === mode ? 1 : 0);
    states.destinations.set(epe?.destinations.length ?? 0);
    const { last } = runner;
    const decisions = last?.outcome.decisions ?? [];
    states.wanted.set(decisions.filter(({ peer }) => peer !== undefined).length);
    states.age.set(last === undefined ? Number.NaN : (clock.monotonicMs() - last.atMs) / 1000);
    for (const one of [states.verdicts, states.overrides, states.load, states.alarms]) one.reset();
    // Counted here first: a label costs more to look up than a verdict, and there may be hundreds of thousands.
    const codes = new Map<string, number>();
    let candidates = 0;
    for (const one of decisions) {
      for (const code of one.codes) codes.set(code, (codes.get(code) ?? 0) + 1);
      for (const comparison of one.comparisons) if (comparison !== undefined) candidates++;
    }
    states.candidates.set(candidates);
    for (const [code, count] of codes) states.verdicts.set({ code }, count);
    for (const { name } of last?.policy.peers ?? []) states.overrides.set({ peer: name }, 0);
    const led = new Map<string, number>();
    for (const { peer } of epe?.overrides ?? []) led.set(peer, (led.get(peer) ?? 0) + 1);
    for (const [peer, count] of led) states.overrides.set({ peer }, count);
    for (const { peer, mbps } of last?.outcome.loads ?? [])
      if (mbps !== undefined) states.load.set({ peer }, mbps * 1e6);
    const bad = [...(runner.memory?.bad.keys() ?? [])].map((key) => key.split(" ")[0]);
    for (const kind of BAD_PATHS) states.badPaths.set({ kind }, bad.filter((one) => one === kind).length);
    const alarms = alarmsNow(context, mode, runner.fault);
    for (const { name, role } of fabric?.nodes ?? [])
      if (role === "plane" && mode !== "off")
        states.alarms.set({ node: name }, alarms.filter(({ node }) => node === name).length);
    const accounts = runner.memory?.accounts;
    for (const one of [states.moves, states.kept, states.takenBack, states.reverted, states.messages])
      one.reset();
    states.moves.inc(accounts?.moves ?? 0);
    states.kept.inc(accounts?.kept ?? 0);
    states.takenBack.inc(accounts?.takenBack ?? 0);
    states.reverted.inc(accounts?.reverted ?? 0);
    for (const result of MESSAGES) states.messages.inc({ result }, runner.evidence?.counts.get(result) ?? 0);
  }
}

function makeStates(registry: Registry, prefix: string) {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ name: prefix + name, help, labelNames, registers: [registry] });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: prefix + name, help, labelNames, registers: [registry] });
  return {
    mode: gauge("mode", "1 for what the operator said last: off, observe or enforce", "mode"),
    destinations: gauge("destinations", "Destinations that are measured"),
    overrides: gauge("overrides", "Overrides in force that lead to the peer", "peer"),
    wanted: gauge("overrides_wanted", "Of the newest decision, also where it only observes"),
    candidates: gauge(
      "candidates",
      "Peers that were compared with what traffic leaves by, over all destinations and routers",
    ),
    verdicts: gauge("verdicts", "What the newest decision said of peers, over all of them", "code"),
    badPaths: gauge("bad_paths", "Destinations and peers of BGP's choice that are told as bad now", "kind"),
    load: gauge("peer_load_bits_per_second", "Outwards by the peer's port, as measured", "peer"),
    alarms: gauge(
      "alarms",
      "What a router says of overrides that stand otherwise than they should, or did: a missing encapsulation is one",
      "node",
    ),
    age: gauge("decision_age_seconds", "Since the newest decision; NaN before the first"),
    moves: counter("moves_total", "Moves to another egress peer than BGP's"),
    kept: counter("moves_kept_total", "Moves that the check after them found to be a gain"),
    takenBack: counter("moves_taken_back_total", "Moves that it found to be none"),
    reverted: counter("moves_reverted_total", "Overrides that ended for another reason, like a lost peer"),
    messages: counter(
      "messages_total",
      "Messages of measurements and routes, by what became of them",
      "result",
    ),
  };
}
