import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseUp } from "@vsix/shared/contract/parse.ts";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import type { Egress, EgressCell } from "@vsix/shared/contract/up-egress.ts";
import {
  type EgressNetwork,
  LOOPBACK,
  measured,
  PORT,
  type RunningProgram,
  SEGMENT,
  SLOW_US,
  SMALL_MTU,
  said,
  startEgressNetwork,
  startProber,
  TARGETS,
} from "./egress-network.ts";
import { insideNamespace } from "./in-namespace.ts";

const [ECHO, TCP, UDP, CLOSED, SILENT, LIAR, ELSEWHERE] = [1, 2, 3, 4, 5, 6, 7].map((i) => `${TARGETS}${i}`);
const PROBES = 4;

const MEASURE = {
  cycleMs: 2_500,
  probes: PROBES,
  timeoutMs: 800,
  size: 104,
  fullSize: 1500,
  maxPacketsPerS: 1_000,
  maxPacketsPerDestinationPerS: 100,
} as const;

/** From another node: over SIDs; towards m with a segment on the way. */
const OVER_SIDS: EgressMeasure["peers"] = [
  { name: "x/f", segments: [SEGMENT.f] },
  { name: "x/g", segments: [SEGMENT.g] },
  { name: "x/m", segments: [SEGMENT.p, SEGMENT.m] },
];
/** From the External Edge itself. */
const OWN: EgressMeasure["peers"] = (["f", "g", "m"] as const).map((peer) => ({
  name: `x/${peer}`,
  ...PORT[peer],
}));

const DESTINATIONS: EgressMeasure["destinations"] = [
  { address: ECHO ?? "", protocol: "icmp6" },
  { address: TCP ?? "", protocol: "tcp", port: 8080 },
  { address: UDP ?? "", protocol: "udp" },
];

/** The first cycle that fits, checked as its reader checks it. */
async function cycleOf(program: RunningProgram, fits: (message: Egress) => boolean): Promise<Egress> {
  for await (const message of measured(program)) {
    parseUp("egress", Buffer.from(JSON.stringify(message)));
    if (fits(message)) return message;
  }
  throw new Error("the prober ended");
}

function cellsOf(message: Egress, address: string | undefined): readonly EgressCell[] {
  const row = message.rows.find((each) => each.address === address);
  assert.ok(row !== undefined, `${address} is not told of`);
  return row.cells;
}

function least(cell: EgressCell | undefined): number {
  return Math.min(...(cell?.rttsUs.filter((rtt) => rtt >= 0) ?? []));
}

/** All leave by their own peer, whatever BGP would choose: the delays tell. */
function assertByPeer(message: Egress, what: string): void {
  for (const { address } of DESTINATIONS) {
    const [f, g, m] = cellsOf(message, address);
    for (const cell of [f, g, m]) {
      assert.deepEqual([cell?.sent, cell?.lost, cell?.unsent], [PROBES, 0, 0], `${what} ${address}`);
      assert.equal(cell?.stray, undefined, `${what} ${address}`);
      assert.ok((cell?.hopLimit ?? 0) > 32, `${what} ${address}: came with hop limit ${cell?.hopLimit}`);
    }
    assert.ok(least(g) >= SLOW_US && least(g) < 10 * SLOW_US, `${what} ${address} by g: ${g?.rttsUs}`);
    assert.ok(least(f) < SLOW_US && least(m) < SLOW_US, `${what} ${address}: ${f?.rttsUs} ${m?.rttsUs}`);
    assert.deepEqual([f?.full, g?.full], ["arrived", "arrived"], `${what} ${address}`);
    assert.deepEqual([m?.full, m?.fullMtu], ["too-big", SMALL_MTU], `${what} ${address}`);
  }
}

const counted = (network: EgressNetwork, device: string): number =>
  (
    JSON.parse(network.ip("x", "-j", "-s", "link", "show", "dev", device)) as readonly {
      readonly stats64: { readonly tx: { readonly packets: number } };
    }[]
  )[0]?.stats64.tx.packets ?? 0;

if (await insideNamespace("egress", import.meta.url)) {
  await using network = await startEgressNetwork();
  for (const address of [ECHO, TCP, UDP, CLOSED, LIAR, ELSEWHERE])
    network.ip("t", "addr", "add", `${address}/128`, "dev", "lo", "nodad");

  await test("by all peers at once each has its own round trips, over SIDs and from the External Edge itself, and no route is touched", async () => {
    const rules = [network.ip("x", "-6", "rule"), network.ip("x", "-6", "route", "show", "table", "all")];
    const before = ["x-f", "x-g", "x-m"].map((device) => counted(network, device));
    await using over = startProber(network, "s", {
      ...MEASURE,
      peers: OVER_SIDS,
      destinations: DESTINATIONS,
    });
    await using own = startProber(network, "x", { ...MEASURE, peers: OWN, destinations: DESTINATIONS });
    // The first cycle may still learn who the neighbours are.
    assertByPeer(await cycleOf(over, ({ cycle }) => cycle === 2), "over SIDs");
    assertByPeer(await cycleOf(own, ({ cycle }) => cycle === 2), "own peers");
    ["x-f", "x-g", "x-m"].forEach((device, i) => {
      const packets = counted(network, device) - (before[i] ?? 0);
      assert.ok(packets >= 2 * 2 * DESTINATIONS.length * PROBES, `${device}: ${packets}`);
    });
    const after = [network.ip("x", "-6", "rule"), network.ip("x", "-6", "route", "show", "table", "all")];
    assert.deepEqual(after, rules);
  });

  await test("over SIDs out of a port each leaves by its own peer too, though no route leads to any SID", async () => {
    network.ip("s", "-6", "route", "add", "blackhole", "2001:db8:5f::/48");
    const port = { interface: "s-p", nextHop: "2001:db8:1::2" };
    await using program = startProber(network, "s", {
      ...MEASURE,
      peers: OVER_SIDS.map((peer) => ({ ...peer, ...port })),
      destinations: DESTINATIONS,
    });
    assertByPeer(await cycleOf(program, ({ cycle }) => cycle === 2), "out of a port");
    network.ip("s", "-6", "route", "del", "blackhole", "2001:db8:5f::/48");
  });

  await test("an outer link of 1500 octets is told with what fits inside, a dropped 'too big' is a loss, and only of the full probe", async () => {
    for (const [node, device] of [
      ["p", "p-x"],
      ["x", "x-p"],
    ] as const)
      network.ip(node, "link", "set", device, "mtu", "1500");
    await using program = startProber(network, "s", {
      ...MEASURE,
      peers: OVER_SIDS,
      destinations: DESTINATIONS,
    });
    const told = await cycleOf(program, ({ cycle }) => cycle === 2);
    for (const { address } of DESTINATIONS) {
      const [f, g, m] = cellsOf(told, address);
      assert.deepEqual(
        [f?.full, f?.fullMtu, g?.full, g?.fullMtu],
        ["too-big", 1460, "too-big", 1460],
        address,
      );
      assert.deepEqual([m?.full, m?.fullMtu], ["too-big", 1436], address);
      for (const cell of [f, g, m]) assert.deepEqual([cell?.sent, cell?.lost], [PROBES, 0], address);
    }
    const table =
      "table ip6 t { chain c { type filter hook output priority 0; icmpv6 type packet-too-big drop; }; }";
    network.nft("p", table);
    const silent = await cycleOf(program, ({ cycle }) => cycle >= 4);
    network.nft("p", "delete table ip6 t");
    for (const { address } of DESTINATIONS)
      for (const cell of cellsOf(silent, address))
        assert.deepEqual(
          [cell.full, cell.fullMtu, cell.sent, cell.lost],
          ["lost", undefined, PROBES, 0],
          address,
        );
    for (const [node, device] of [
      ["p", "p-x"],
      ["x", "x-p"],
    ] as const)
      network.ip(node, "link", "set", device, "mtu", "9000");
  });

  await test("a port that is too small for full packets is told with what fits inside of the outer header", async () => {
    network.ip("s", "link", "set", "s-p", "mtu", "1500");
    await using program = startProber(network, "s", {
      ...MEASURE,
      peers: OVER_SIDS.map((peer) => ({ ...peer, interface: "s-p", nextHop: "2001:db8:1::2" })),
      destinations: DESTINATIONS,
    });
    const told = await cycleOf(program, ({ cycle }) => cycle === 2);
    network.ip("s", "link", "set", "s-p", "mtu", "9000");
    for (const { address } of DESTINATIONS) {
      const [f, , m] = cellsOf(told, address);
      assert.deepEqual([f?.full, f?.fullMtu], ["too-big", 1460], address);
      assert.deepEqual([m?.full, m?.fullMtu], ["too-big", 1436], address);
      assert.deepEqual([f?.sent, f?.lost], [PROBES, 0], address);
    }
  });

  await test("answers from elsewhere, forged, of before and a second time are stray; only the right one is a round trip", async () => {
    network.sysctl("t", "net.ipv6.icmp.echo_ignore_all=1");
    await using liar = network.run("t", "egress-liar.ts", LIAR ?? "", ELSEWHERE ?? "");
    await said(liar, "ready");
    await using program = startProber(network, "s", {
      ...MEASURE,
      peers: OVER_SIDS.slice(0, 2),
      destinations: [{ address: LIAR ?? "", protocol: "icmp6" }],
    });
    const told = await cycleOf(program, ({ cycle }) => cycle === 2);
    network.sysctl("t", "net.ipv6.icmp.echo_ignore_all=0");
    for (const cell of cellsOf(told, LIAR)) {
      assert.deepEqual([cell.sent, cell.lost, cell.full], [PROBES, 0, "arrived"]);
      assert.equal(cell.stray, 4 * (PROBES + 1));
    }
    const [f, g] = cellsOf(told, LIAR);
    assert.ok(least(f) < SLOW_US && least(g) >= SLOW_US, `${f?.rttsUs} ${g?.rttsUs}`);
  });

  await test("who is silent, who refuses and who cannot be reached are told apart; a closed TCP port answers", async () => {
    network.ip("f", "-6", "route", "add", "prohibit", `${SILENT}/128`);
    network.ip("g", "-6", "route", "add", "blackhole", `${SILENT}/128`);
    await using program = startProber(network, "s", {
      ...MEASURE,
      peers: [
        ...OVER_SIDS.slice(0, 2),
        { name: "x/none", segments: ["2001:db8:5f:9::1"] },
        { name: "x/gone", interface: "no-such", nextHop: "2001:db8::1" },
      ],
      destinations: [
        { address: SILENT ?? "", protocol: "icmp6" },
        { address: CLOSED ?? "", protocol: "tcp", port: 4 },
      ],
    });
    const told = await cycleOf(program, ({ cycle }) => cycle === 1);
    const [prohibited, silent, noSid, noPort] = cellsOf(told, SILENT);
    assert.deepEqual([prohibited?.lost, prohibited?.unreachable, prohibited?.full], [PROBES, 1, "lost"]);
    assert.deepEqual([silent?.lost, silent?.unreachable, silent?.full], [PROBES, undefined, "lost"]);
    // x has no route to a SID that is none: its "no route" is about the outer packet.
    assert.deepEqual([noSid?.lost, noSid?.unreachable, noSid?.full], [PROBES, 0, "lost"]);
    assert.deepEqual([noPort?.sent, noPort?.unsent, noPort?.full], [0, PROBES, undefined]);
    const [closed] = cellsOf(told, CLOSED);
    assert.deepEqual([closed?.sent, closed?.lost], [PROBES, 0]);
    program.say("figures");
    for await (const line of program.lines()) {
      const figures = JSON.parse(line) as { readonly fault?: string | null };
      if (!("fault" in figures)) continue;
      assert.match(String(figures.fault), /nobody answers at 2001:db8::1 on no-such/);
      break;
    }
  });

  await test("another part takes over, what it does not ask for stops at once, and none ends it all", async () => {
    await using program = startProber(network, "s", {
      ...MEASURE,
      cycleMs: 60_000,
      peers: OVER_SIDS,
      destinations: DESTINATIONS,
    });
    // Under way for certain once something has left: the minute would be over long after this test's time.
    for (const before = counted(network, "x-g"); counted(network, "x-g") === before; ) await sleep(20);
    program.say(
      JSON.stringify({ ...MEASURE, peers: OVER_SIDS.slice(0, 1), destinations: DESTINATIONS.slice(0, 1) }),
    );
    const cut = await cycleOf(program, () => true);
    assert.deepEqual([cut.cycle, cut.peers.length], [1, 3]);
    const cells = cut.rows.flatMap((row) => row.cells);
    assert.ok(
      cells.some(({ full }) => full !== undefined),
      "what had left is told",
    );
    for (const { sent, lost, unsent } of cells) assert.deepEqual([sent + unsent, lost], [PROBES, 0]);
    assert.ok(
      cells.every(({ unsent }) => unsent > 0),
      "nothing more left",
    );
    const next = await cycleOf(program, () => true);
    assert.deepEqual([next.cycle, next.peers.length], [2, 1]);
    assert.deepEqual(
      next.rows.map(({ address }) => address),
      [ECHO],
    );
    program.say(JSON.stringify({ ...MEASURE, peers: [], destinations: [] }));
    program.say("figures");
    for await (const line of program.lines()) {
      if (!line.startsWith('{"fault"')) continue;
      assert.equal((JSON.parse(line) as { fault: unknown }).fault, null);
      break;
    }
    assert.equal(network.ip("s", "-6", "addr", "show", "dev", "lo").includes(LOOPBACK.s), true);
  });
}
