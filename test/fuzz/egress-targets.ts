import { EgressBudget } from "@vsix/agent/core/egress/budget.ts";
import { EgressMatcher } from "@vsix/agent/core/egress/matcher.ts";
import { rowsOf, shardsOf } from "@vsix/agent/core/egress/messages.ts";
import { type EgressPlan, planEgress } from "@vsix/agent/core/egress/plan.ts";
import { EgressRound } from "@vsix/agent/core/egress/round.ts";
import { identifyIcmp6, identifyTcp } from "@vsix/agent/core/trace/identify.ts";
import { decodeIcmp6, Icmp6DecodeError } from "@vsix/agent/wire/icmp6.ts";
import { decodeSynAnswer } from "@vsix/agent/wire/tcp.ts";
import { MessageError, parsePart, parseUp } from "@vsix/shared/contract/parse.ts";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import type { FuzzTarget } from "./targets.ts";

const TARGET = "2001:db8:99::1";
/** The same in every run: so that spoiled answers are near to right ones. */
const TOKEN = 0x76517651;
const AT_US = 1e6;

const MEASURE: EgressMeasure = {
  cycleMs: 1_000,
  probes: 4,
  timeoutMs: 400,
  size: 104,
  fullSize: 1_300,
  maxPacketsPerS: 100_000,
  maxPacketsPerDestinationPerS: 1_000,
  peers: [
    { name: "xe/one", segments: ["2001:db8:5f::1"] },
    { name: "xe/two", segments: ["2001:db8:5f::9", "2001:db8:5f::2"] },
  ],
  destinations: [
    { address: TARGET, protocol: "icmp6" },
    { address: "2001:db8:99::2", protocol: "udp" },
    { address: "2001:db8:99::3", protocol: "tcp" },
  ],
};

/** A cycle whose probes are all on their way, and they. */
function underWay(plan: EgressPlan): {
  readonly round: EgressRound;
  readonly packets: readonly Uint8Array[];
} {
  const budget = new EgressBudget();
  budget.configure(plan.ratePerS, plan.destinationRatePerS, new Set(), 0);
  const round = new EgressRound({
    plan,
    matcher: new EgressMatcher(plan),
    source: {
      text: "2001:db8:a::1",
      octets: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    },
    budget,
    backOffs: new Map(),
    cycle: 1,
    startUs: AT_US,
    tokens: new Uint32Array(plan.cells * (plan.probes + 1)).fill(TOKEN),
  });
  const packets: Uint8Array[] = [];
  let nowUs: number | undefined = AT_US;
  for (let i = 0; i < 1_000 && nowUs !== undefined; i++, nowUs = round.nextUs(nowUs + 1)) {
    const probe = round.next(nowUs);
    if (probe === undefined) continue;
    round.sent(probe, AT_US);
    packets.push(probe.packet);
  }
  return { round, packets };
}

const PLAN = planEgress(MEASURE);
const RUNNING = underWay(PLAN).round;

/** What targets, and routers on the way, say to the probes. */
function answers(): readonly Uint8Array[] {
  const { packets } = underWay(PLAN);
  const errors = [
    [1, 0],
    [1, 4],
    [2, 0],
  ].flatMap(([type = 0, code = 0]) =>
    packets
      .slice(0, 9)
      .map((packet) => Uint8Array.from([type, code, 0, 0, 0, 0, 5, 0, ...packet.subarray(0, 400)])),
  );
  const echoes = packets
    .filter((packet) => packet[6] === 41 && packet[46] === 58)
    .map((packet) => Uint8Array.from([129, ...packet.subarray(81)]));
  const reset = Uint8Array.from([
    1, 187, 239, 200, 0, 0, 0, 0, 0x76, 0x51, 0x76, 0x53, 0x50, 0x14, 0, 0, 0, 0, 0, 0,
  ]);
  return [...echoes, ...errors, reset];
}

/** Whatever was answered, a cycle is told in messages that the contract takes. */
function tell(round: EgressRound): void {
  const { plan, ledger } = round;
  for (const { from, to } of shardsOf(plan)) {
    const rows = rowsOf({ plan, ledger, isBackedOff: () => false }, from, to);
    const peers = plan.peers.map(({ name }) => name);
    const message = {
      version: 1,
      node: "x",
      instance: "a",
      cycle: 1,
      shard: 0,
      shards: 1,
      startMs: 0,
      ageMs: 0,
      peers,
      rows,
    };
    parseUp("egress", Buffer.from(JSON.stringify(message)));
  }
}

export function egressTargets(parts: readonly Uint8Array[]): readonly FuzzTarget[] {
  return [
    {
      name: "egress-answers",
      throws: [Icmp6DecodeError],
      seeds: answers(),
      run: (bytes) => {
        const segment = decodeSynAnswer(bytes);
        if (segment !== undefined) RUNNING.answered(identifyTcp("2001:db8:99::3", segment), AT_US + 9);
        const evidence = identifyIcmp6(TARGET, decodeIcmp6(bytes));
        if (evidence !== undefined) RUNNING.answered(evidence, AT_US + 9);
        tell(RUNNING);
        RUNNING.judge();
      },
      cost: 10,
    },
    {
      name: "egress-plan",
      throws: [MessageError],
      seeds: parts,
      run: (bytes) => {
        const measure = parsePart("probes", bytes).egress?.measure;
        if (measure === undefined) return;
        const { round } = underWay(planEgress(measure));
        tell(round);
      },
      json: true,
      cost: 20,
    },
  ];
}
