import { namespaceOf } from "../lab.ts";
import { routeGet } from "../observe.ts";
import { inNamespace, mustRun, run } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { startFlow } from "../traffic.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { encapsulated, into, plainly, steeredCast } from "./epe-cast.ts";
import { planesOf } from "./pick.ts";

/** What an Edge's packets may have. */
const FULL = 1500;
/** What the narrow link leaves of it within one outer header of 40 octets. */
const FITS = 1460;
const IP6_AND_ICMP = 48;
const IP6_AND_UDP = 48;
/** The sender learns by the first one or two. */
const LOST_AT_MOST = 5;
const TCP_OCTETS = 3_000_000;

/** Full packets into a plane whose narrowest link does not carry them encapsulated: who sends them is told, nothing vanishes. */
async function narrow(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const { edge, destination, egress } = steeredCast(lab.fabric);
  const ends = [edge.loopback, destination.loopback] as const;
  await countOnCables(lab, "too-big", into(lab.fabric, edge.name), ["icmpv6", "type", "packet-too-big"]);
  await countOnCables(lab, "steered", into(lab.fabric, egress.node), encapsulated(...ends));
  await countOnCables(lab, "unsteered", into(lab.fabric, egress.node), plainly(...ends));
  const inEdge = (...command: readonly string[]): readonly string[] =>
    inNamespace(namespaceOf(lab, edge.name), command);
  const ping = async (size: number): Promise<string> => {
    const words = ["ping", "-6", "-n", "-c", "1", "-W", "1", "-M", "do", "-s", String(size - IP6_AND_ICMP)];
    const [file = "ip", ...args] = inEdge(...words, "-I", edge.loopback, destination.loopback);
    return (await run(file, args)).stdout;
  };

  const { home } = planesOf(lab.fabric, edge);
  context.step(`until ${edge.name} uses ${home}, whose link is narrow`);
  for (let attempt = 0; attempt < 60; attempt++) {
    await ping(FITS);
    if ((await routeGet(lab, edge.name, destination.loopback))?.dev?.startsWith(`to-${home}`)) break;
    await context.sleep(500);
  }

  context.step("what fits passes, what is too large is answered");
  const before = await cableCounts(lab);
  const fitting = await ping(FITS);
  context.check(/ 1 received/.test(fitting), `a packet of ${FITS} octets was not answered: ${fitting}`);
  const told = await ping(FULL);
  context.check(told.includes(`Packet too big: mtu=${FITS}`), `a packet of ${FULL} octets: ${told}`);
  const asked = counted(before, await cableCounts(lab));
  context.check(asked["too-big"] === 1, `${asked["too-big"]} Packet Too Big came to ${edge.name}, not 1`);
  await forget(inEdge);

  context.step("datagrams of full size");
  const start = await cableCounts(lab);
  const flow = await startFlow({
    lab,
    from: edge.name,
    to: destination.name,
    ratePerS: 200,
    size: FULL - IP6_AND_UDP,
  });
  await context.sleep(2000);
  const [datagrams] = await context.account([flow], LOST_AT_MOST);
  const sent = counted(start, await cableCounts(lab));
  context.check((sent["too-big"] ?? 0) >= 1, "datagrams: no Packet Too Big came");
  await forget(inEdge);

  context.step("a TCP connection");
  const inTcp = await cableCounts(lab);
  const octets = await transfer(context, edge.name, destination.name);
  const tcp = counted(inTcp, await cableCounts(lab));
  context.check(octets === TCP_OCTETS, `TCP: ${octets} of ${TCP_OCTETS} octets arrived`);
  context.check((tcp["too-big"] ?? 0) >= 1, "TCP: no Packet Too Big came");
  context.check(sent["unsteered"] === 0, `${sent["unsteered"]} datagrams went on without the SID`);
  return {
    flows: datagrams === undefined ? [] : [datagrams],
    other: {
      "Packet Too Big at the Edge": {
        echo: asked["too-big"] ?? 0,
        datagrams: sent["too-big"] ?? 0,
        tcp: tcp["too-big"] ?? 0,
      },
      "TCP octets that arrived": octets,
    },
  };
}

/** Path MTUs that the Edge has learned. */
async function forget(inEdge: (...command: readonly string[]) => readonly string[]): Promise<void> {
  const [file = "ip", ...args] = inEdge("ip", "-6", "route", "flush", "cache");
  await mustRun(file, args);
}

const RECEIVE = `
let octets = 0;
const server = require("node:net").createServer((socket) => {
  socket.on("data", (data) => { octets += data.length; });
  socket.on("end", () => { console.log(octets); process.exit(0); });
});
server.listen(7777, process.argv[1]);
setTimeout(() => { console.log(octets); process.exit(0); }, 20000);
`;
const SEND = `
const [localAddress, host, octets] = process.argv.slice(1);
let attempts = 0;
const open = () => {
  const socket = require("node:net").connect({ localAddress, host, port: 7777 }, () => socket.end(Buffer.alloc(Number(octets), 1)));
  socket.on("error", (error) => { if (error.code === "ECONNREFUSED" && attempts++ < 50) setTimeout(open, 100); else throw error; });
};
open();
`;

/** Octets that arrived within 20 s. */
async function transfer(context: ScenarioContext, from: string, to: string): Promise<number> {
  const { lab } = context;
  const [source, target] = [from, to].map((name) => {
    const node = lab.fabric.nodes.find((one) => one.name === name);
    return node?.loopback ?? "";
  });
  const [file = "ip", ...receive] = inNamespace(namespaceOf(lab, to), [
    process.execPath,
    "-e",
    RECEIVE,
    target ?? "",
  ]);
  const [, ...send] = inNamespace(namespaceOf(lab, from), [
    process.execPath,
    "-e",
    SEND,
    source ?? "",
    target ?? "",
    String(TCP_OCTETS),
  ]);
  const [received] = await Promise.all([mustRun(file, receive), run(file, send)]);
  return Number(received.trim());
}

export const EPE_MTU_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-mtu",
    summary:
      "a plane link of 1500 octets: packets too large to be steered are answered Packet Too Big, none vanishes",
    fabric: "test/lab/fixtures/narrow.yaml",
    run: narrow,
  },
];
