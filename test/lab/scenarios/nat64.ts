import { contains4, parseAddress4, parsePrefix4 } from "@vsix/shared/net/ip4.ts";
import { embedText } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { type Lab, namespaceOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { observePlanes } from "../observe.ts";
import { run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { ask, type FetchFigures, fetchBytes, fetchWho } from "../services/client.ts";
import { CLIENT_NODE, clientEdge, startWeb, V4_NODE, WEB_PORT } from "../services/outside.ts";
import { signalService } from "../services/program.ts";
import { NAMES, WEB4 } from "../services/zones.ts";
import { planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

const RATE = 1_000_000;

function translated(lab: Lab, address: string): string {
  const prefix = parsePrefix(lab.fabric.services?.nat64?.prefix ?? "");
  if (prefix === undefined) throw new LabError("lab/fabric", "no NAT64 in this fabric");
  return embedText(prefix, parseAddress4(address) ?? 0);
}

function faultOf({ octets, wrong, error }: FetchFigures, count: number): string | undefined {
  if (error !== null) return `the connection ended: ${error}, after ${octets} octets`;
  if (octets !== count) return `${octets} octets came, not ${count}`;
  return wrong === 0 ? undefined : `${wrong} octets were not what was sent`;
}

/** Between Edges of one site the plane is that of whoever sends. */
async function checkSends(context: ScenarioContext, edge: string, plane: string): Promise<void> {
  let { outbound } = await observePlanes(context.lab, edge);
  for (let look = 1; look < 6 && outbound !== plane; look++)
    ({ outbound } = await observePlanes(context.lab, edge));
  context.check(outbound === plane, `${edge} sends by ${outbound}, not ${plane}`);
}

/** Ports by which the planes' routers at the site of the second translator lead to it; none, while the first works. */
async function ledToSecond(context: ScenarioContext, address: string): Promise<readonly string[]> {
  const { nodes, services } = context.lab.fabric;
  const second = nodes.find(({ name }) => name === services?.nat64?.prefer[1]);
  const near = nodes.filter(({ role, site }) => role === "plane" && site === second?.site);
  const ways = await Promise.all(
    near.map(async ({ name }) => {
      const namespace = namespaceOf(context.lab, name);
      const { stdout } = await run("ip", ["-n", namespace, "-6", "route", "get", address]);
      return { name, port: /dev (\S+)/.exec(stdout)?.[1] };
    }),
  );
  return ways.filter(({ port }) => port === `to-${second?.name}`).map(({ name }) => name);
}

const steer: Scenario = {
  name: "nat64-steer",
  summary:
    "a connection through DNS64 and NAT64 goes on while its Edge and then the translator move to the other plane and back, and while tayga is restarted",
  fabric: "examples/dns64.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = clientEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const [server = ""] = lab.fabric.services?.resolver?.anycast ?? [];
    const [first = ""] = lab.fabric.services?.nat64?.prefer ?? [];
    const host = translated(lab, WEB4);
    const [asked] = await ask(lab, server, [`AAAA/${NAMES.onlyA}`]);
    context.check(asked?.answers[0] === host, `${NAMES.onlyA} is ${asked?.answers.join(", ")}, not ${host}`);
    const wrong = await ledToSecond(context, host);
    context.check(wrong.length === 0, `${wrong.join(", ")}: to the second translator while the first works`);
    const seenBefore = await fetchWho(lab, CLIENT_NODE, `[${host}]`);
    const count = 14 * RATE;
    context.step(`${count} octets to the client, ${RATE} a second`);
    const flow = fetchBytes(lab, CLIENT_NODE, `[${host}]`, count, RATE);
    await context.sleep(1000);
    for (const [who, plane] of [
      [edge.name, away],
      [first, away],
      [edge.name, home],
      [first, home],
    ] as const) {
      context.step(`${who} to ${plane}`);
      await context.ctlJson("edge", "steer", who, "--plane", plane);
      await checkSends(context, who, plane);
    }
    const moved = await flow;
    const fault = faultOf(moved, count);
    context.check(fault === undefined, `steered: ${fault}`);
    const seenAfter = await fetchWho(lab, CLIENT_NODE, `[${host}]`);
    context.check(seenBefore === seenAfter, `the client was ${seenBefore} outside and is ${seenAfter}`);
    context.step(`tayga on ${first} is told to end`);
    const other = fetchBytes(lab, CLIENT_NODE, `[${host}]`, 5 * RATE, RATE);
    await context.sleep(1500);
    await signalService(lab, first, "translator", "SIGTERM");
    const restarted = await other;
    const broken = faultOf(restarted, 5 * RATE);
    context.check(broken === undefined, `tayga restarted: ${broken}`);
    await checkPlansEmpty(context, [first]);
    return {
      flows: [],
      other: { "four moves": moved, "tayga restarted": restarted, "seen outside": seenAfter },
    };
  },
};

/** Whom the web server sees the client as, asked until it is somebody of this prefix; empty where nothing came. */
async function seenAs(context: ScenarioContext, host: string, start: string): Promise<string> {
  let seen = "";
  for (let look = 0; look < 8 && !seen.startsWith(start); look++) {
    seen = await fetchWho(context.lab, CLIENT_NODE, `[${host}]`, 3_000).catch(() => "");
    if (!seen.startsWith(start)) await context.sleep(500);
  }
  return seen;
}

const lost: Scenario = {
  name: "nat64-lost",
  summary:
    "the translator that everybody uses hangs: withdrawn, the second one takes over in both planes; it comes back; nobody from outside is translated",
  fabric: "examples/dns64.yaml",
  run: async (context) => {
    const { lab } = context;
    const { nodes, services } = lab.fabric;
    const [first = "", second = ""] = services?.nat64?.prefer ?? [];
    const host = translated(lab, WEB4);
    const startOf = (name: string): string =>
      (nodes.find((node) => node.name === name)?.pool?.[0] ?? "").replace(/\d+\/\d+$/, "");
    const isOf = (name: string, seen: string): boolean => {
      const pool = parsePrefix4(nodes.find((node) => node.name === name)?.pool?.[0] ?? "");
      const address = parseAddress4(seen);
      return pool !== undefined && address !== undefined && contains4(pool, { address, length: 32 });
    };
    const before = await seenAs(context, host, startOf(first));
    context.check(isOf(first, before), `before: seen as ${before}, not by ${first}`);
    const upstream = nodes.find(({ role }) => role === "upstream")?.name ?? "";
    const stranger = await fetchWho(lab, upstream, `[${host}]`, 2_000).catch(() => "nothing");
    context.check(stranger === "nothing", `a stranger was translated and seen as ${stranger}`);
    context.step(`tayga on ${first} hangs`);
    const begunMs = performance.now();
    await signalService(lab, first, "translator", "SIGSTOP");
    const pick = async (name: string): Promise<number> => {
      for (let look = 0; look < 20; look++) {
        if (isOf(name, await seenAs(context, host, startOf(name)))) break;
        if (look === 19) return -1;
        await context.sleep(200);
      }
      return Math.round(performance.now() - begunMs);
    };
    const movedMs = await pick(second);
    context.check(movedMs !== -1, `nothing came by ${second}`);
    const planes = await ledToSecond(context, host);
    context.check(planes.length === lab.fabric.planes.length, `to ${second} only by ${planes.join(", ")}`);
    context.step(`tayga on ${first} goes on`);
    await signalService(lab, first, "translator", "SIGCONT").catch(() => 0);
    const backMs = await pick(first);
    context.check(backMs !== -1, `${first} did not come back`);
    return {
      flows: [],
      timesMs: { "a new connection by the second": movedMs, back: backMs - movedMs },
      other: { stranger },
    };
  },
};

const publish: Scenario = {
  name: "siit-dc-publish",
  summary:
    "one line of the fabric publishes an Edge's web server to the IPv4 Internet: fetched from there, the client's address kept; nothing else is reached",
  fabric: "examples/dns64.yaml",
  run: async (context) => {
    const { lab } = context;
    const { siitDc } = lab.fabric.services ?? {};
    const [mapping] = siitDc?.mappings ?? [];
    const prefix = parsePrefix(siitDc?.prefix ?? "");
    if (mapping === undefined || prefix === undefined)
      throw new LabError("lab/fabric", "nothing is published in this fabric");
    await startWeb(lab.name, mapping.node, mapping.v6, WEB_PORT);
    await context.sleep(1000);
    const seen = await fetchWho(lab, V4_NODE, mapping.v4);
    const wanted = embedText(prefix, parseAddress4(WEB4) ?? 0);
    context.check(seen === wanted, `the web server saw ${seen}, not ${wanted}`);
    const edge = lab.fabric.nodes.find(({ name }) => name === mapping.node);
    if (edge === undefined) throw new LabError("lab/fabric", `no node ${mapping.node}`);
    const { home, away } = planesOf(lab.fabric, edge);
    const count = 6 * RATE;
    context.step(`${count} octets to the IPv4 Internet while ${edge.name} moves`);
    const flow = fetchBytes(lab, V4_NODE, mapping.v4, count, RATE);
    await context.sleep(1000);
    await context.ctlJson("edge", "steer", edge.name, "--plane", away);
    await context.ctlJson("edge", "steer", edge.name, "--plane", home);
    const moved = await flow;
    const fault = faultOf(moved, count);
    context.check(fault === undefined, `published: ${fault}`);
    const unmapped = mapping.v4.replace(/\d+$/, "200");
    const reached = await fetchWho(lab, V4_NODE, unmapped).then(
      () => true,
      () => false,
    );
    context.check(!reached, `${unmapped}, which is published for nobody, was reached`);
    return { flows: [], other: { mapping, "client seen as": seen, moved } };
  },
};

export const NAT64_SCENARIOS: readonly Scenario[] = [steer, lost, publish];
