/**
 * Egress peer engineering: the decisions. Pure: nothing here waits, asks a clock, or keeps anything between calls.
 *
 * How a shell uses this folder, once a cycle:
 *
 *     const policy = policyOf(fabric, fabric.epe, mode);                       // policy.ts; mode is the operator's word, not the file's
 *     const plan = planDestinations(fabric.epe, fabric.prefixes, sources);     // destinations.ts; also parseDestinations(text)
 *     const store = new EgressEvidence({addresses, peers, vantages, slots});   // evidence/store.ts; kept; replan() when the plan changes
 *     store.takeCycle(message, receivedMs); store.takeRoutes(message, receivedMs);   // as messages of `egress`, `egress-routes` arrive
 *     const outcome = decide({policy, destinations: plan.destinations, evidence: store.view(alive, nowMs), memory, nowMs});
 *     memory = outcome.memory;            // memory.ts; newMemory(mode) at first; saveMemory and loadMemory across restarts
 *     // outcome.overrides go into part `epe` of the plane routers (empty in `observe`), outcome.events to the operators,
 *     // outcome.decisions to `vsixctl epe explain`: explain(decision) in words.ts.
 *
 * `nowMs` and `receivedMs` are of one clock that never jumps. `slots` is at least numbers.lossCycles + 2.
 *
 * One decision: rows (headend x class x destination; row.ts) -> drafts, each as if it were alone (draft.ts: options.ts for what BGP
 * leads, override-check.ts for what is led elsewhere) -> capacity and caps (settle.ts) -> pins (pins.ts) -> memory and events.
 */
import { add } from "./accounts.ts";
import { BadPathWatch } from "./bad-paths.ts";
import { Context, type DecideInput } from "./context.ts";
import type { Decision, EpeOutcome, WantedOverride } from "./decision.ts";
import { type Draft, draftOf } from "./draft.ts";
import { Loads } from "./loads.ts";
import { type EpeMemory, newMemory, type RowMemory } from "./memory.ts";
import { peerStates } from "./peer-states.ts";
import { pin } from "./pins.ts";
import { concerns, type Headend } from "./policy.ts";
import { NOTHING, remember } from "./remember.ts";
import { keyOf, rowOf } from "./row.ts";
import { settle } from "./settle.ts";
import { verdictsOf } from "./verdicts.ts";

/** Decides everything anew from the evidence; from before only what `memory` holds. The same input gives the same outcome. */
export function decide(given: DecideInput): EpeOutcome {
  const { policy, destinations, evidence, nowMs } = given;
  const memory = ofMode(given.memory, policy.mode);
  const input = { ...given, memory };
  const peers = peerStates(policy, evidence, memory, nowMs);
  const context = new Context(input, peers.states);
  const watch = new BadPathWatch(context);
  const drafts: Draft[] = [];
  for (const headend of policy.headends) gather(context, headend, watch, drafts);
  const loads = new Loads(input, peers.states, context.positions);
  settle(context, drafts, loads);
  const rows = new Map<string, RowMemory>();
  const asked = new Set<RowMemory>();
  let { accounts } = memory;
  for (const draft of drafts) {
    const { row } = draft;
    if (row.before !== undefined) asked.add(row.before);
    const remembered = remember(context, draft);
    if (remembered === NOTHING) continue;
    accounts = add(accounts, remembered.accounts);
    if (remembered.memory !== undefined) rows.set(keyOf(row), remembered.memory);
  }
  pin(policy, destinations, drafts);
  const bad = watch.done();
  const gone: Decision[] = [];
  for (const [key, row] of memory.rows)
    if (row.override !== undefined && !asked.has(row)) gone.push(notAsked(key));
  accounts = add(accounts, { reverted: gone.length });
  return {
    decisions: drafts.map((draft) => decisionOf(context, draft)).concat(gone),
    overrides: policy.mode === "observe" ? [] : wantedOf(context, drafts),
    events: bad.events,
    untold: bad.untold,
    loads: policy.peers.map(({ name }, at) => ({
      peer: name,
      mbps: loads.measured[at],
      afterMbps: loads.after(at),
    })),
    memory: { mode: policy.mode, rows, peers: peers.memory, bad: bad.bad, paths: bad.paths, accounts },
  };
}

/** What each row of one headend would have, were it alone. */
function gather(context: Context, headend: Headend, watch: BadPathWatch, drafts: Draft[]): void {
  const { policy, destinations } = context.input;
  const vantage = context.vantageOf(headend);
  const classes = policy.classes.map((traffic) => ({
    ...{ headend, traffic, vantage },
    remembered: context.remembered(headend, traffic),
  }));
  for (let at = 0; at < destinations.length; at++) {
    const destination = destinations[at];
    if (destination === undefined) continue;
    for (const rows of classes) {
      if (!concerns(rows.traffic, destination.parsed)) continue;
      const row = rowOf(context, rows, at, destination);
      watch.look(row, at);
      drafts.push(draftOf(context, row));
    }
  }
}

/** JSON knows no infinity. */
const LONG_AGO_MS = -1e15;

/** What was only observed is not in force: enabling moves it anew, under the caps. What failed is not tried again for it. */
function ofMode(memory: EpeMemory, mode: EpeMemory["mode"]): EpeMemory {
  if (memory.mode === mode) return memory;
  const rows = new Map<string, RowMemory>();
  for (const [key, { failures }] of memory.rows)
    if (Object.keys(failures).length > 0) rows.set(key, { changedMs: LONG_AGO_MS, failures });
  return { ...memory, mode, rows, accounts: newMemory(mode).accounts };
}

function decisionOf(context: Context, { row, action, rule, peer, comparison }: Draft): Decision {
  const nameOf = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : context.input.policy.peers[at]?.name;
  const kept = action === "keep" ? row.before?.override?.sinceMs : undefined;
  return {
    node: row.headend.node,
    className: row.traffic.name,
    prefix: row.destination.prefix,
    address: row.destination.address,
    action,
    rule,
    peer: nameOf(peer),
    bgp: nameOf(row.bgp),
    vantage: row.vantage?.node,
    sinceMs: action === "move" ? context.input.nowMs : kept,
    comparison,
    codes: row.codes,
    comparisons: row.comparisons,
    peers: () => verdictsOf(context, row),
  };
}

function wantedOf(context: Context, drafts: readonly Draft[]): WantedOverride[] {
  const wanted: WantedOverride[] = [];
  for (const { row, peer: at } of drafts) {
    const peer = context.input.policy.peers[at ?? -1]?.name;
    if (peer === undefined) continue;
    const { headend, traffic, destination } = row;
    wanted.push({ node: headend.node, className: traffic.name, prefix: destination.prefix, peer });
  }
  return wanted;
}

/** An override whose destination, class or headend is not asked for any more. */
function notAsked(key: string): Decision {
  const [node = "", className = "", prefix = ""] = key.split(" ");
  return {
    node,
    className,
    prefix,
    address: "",
    action: "revert",
    rule: "not-asked",
    peer: undefined,
    bgp: undefined,
    vantage: undefined,
    sinceMs: undefined,
    comparison: undefined,
    codes: [],
    comparisons: [],
    peers: () => [],
  };
}
