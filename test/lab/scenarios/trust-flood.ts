import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditVerdictAnswer } from "../../../controller/src/http/schemas.ts";
import { vsixctlMain } from "../../programs/bundles.ts";
import type { Flood, Flooded } from "../flooder.ts";
import { type Lab, namespaceOf } from "../lab.ts";
import { NODE } from "../names.ts";
import { API_PORT, caFile, controllerNode, nodeDirectory } from "../programs.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

const FLOODER = join(import.meta.dirname, "../flooder.ts");
/** As the controller's limits are by default. */
const FAILURES_PER_MINUTE = 20;
const CONNECTIONS_PER_ADDRESS = 64;

/** TCP_ESTABLISHED (include/net/tcp_states.h) in /proc/net/tcp6. */
const ESTABLISHED = "01";

/**
 * Connections to the API that a program on this node has accepted, as its kernel says. What waits to be accepted has no inode yet: an
 * attacker believes that it is open, and nobody holds it.
 */
async function acceptedAt(lab: Lab, node: string): Promise<number> {
  const [cat = "cat", ...args] = inNamespace(namespaceOf(lab, node), ["cat", "/proc/net/tcp6"]);
  const port = `:${API_PORT.toString(16).toUpperCase().padStart(4, "0")}`;
  return (await mustRun(cat, args)).split("\n").filter((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(port) && state === ESTABLISHED && inode !== "0";
  }).length;
}

/**
 * Packets that this machine has dropped because more waited for a processor than it lets wait (net.core.netdev_max_backlog, one queue for each
 * processor and for all namespaces together; second column of /proc/net/softnet_stat): a flood fills it, and no router can help that.
 */
async function droppedByMachine(): Promise<number> {
  const rows = (await readFile("/proc/net/softnet_stat", "latin1")).trim().split("\n");
  return rows.reduce((sum, row) => sum + Number.parseInt(row.split(/\s+/)[1] ?? "0", 16), 0);
}

/** What flows had of such drops at most: of a hundred packets that wait then hardly one is theirs. */
const SHARE = 1 / 50;

/** Looks in a row, two seconds apart: a controller that waits for a processor closes late what it has accepted to close. */
const LOOKS = 8;

/** The most that so many looks in a row all saw. */
function heldOf(counts: readonly number[]): number {
  const ends = counts.slice(LOOKS - 1).keys();
  return Math.max(0, ...[...ends].map((at) => Math.min(...counts.slice(at, at + LOOKS))));
}

/** One machine of an Edge against the API, while the operator steers that Edge by the socket and by a token. */
const flood: Scenario = {
  name: "trust-flood",
  summary:
    "10,000 connections, guessed tokens and a body of 100 MB at the API: operators steer as ever, nothing is lost",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const host = controllerNode(lab.fabric).loopback;
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    const tokenFile = join(nodeDirectory(lab.name, edge.name), "api.token");
    await context.ctl("token", "create", "operator", "--scope", "read,steer", "--out", tokenFile);

    const droppedBefore = await droppedByMachine();
    context.step(`${edge.name} floods the API at [${host}]:${API_PORT}`);
    const attack: Flood = {
      host,
      port: API_PORT,
      connections: 10_000,
      guesses: 200,
      bodyOctets: 100_000_000,
    };
    const [file = NODE, ...args] = inNamespace(namespaceOf(lab, edge.name), [NODE, FLOODER]);
    const flooding = mustRun(file, args, { input: JSON.stringify(attack), timeoutMs: 120_000 });
    let over = false;
    const end = (): void => {
      over = true;
    };
    flooding.then(end, end);
    const watching = (async () => {
      const counts: number[] = [];
      while (!over) {
        counts.push(await acceptedAt(lab, controllerNode(lab.fabric).name));
        await context.sleep(250);
      }
      return counts;
    })();
    const tookMs: number[] = [];
    for (let moves = 0; !over && moves < 60; moves++) {
      const begunMs = performance.now();
      await context.ctl("edge", "steer", edge.name, "--plane", moves % 2 === 0 ? away : home);
      tookMs.push(performance.now() - begunMs);
    }
    const flooded = JSON.parse(await flooding) as Flooded;
    await context.ctl("edge", "release", edge.name);

    const { open, answers, bodyTaken } = flooded;
    const held = heldOf(await watching);
    context.check(tookMs.length >= 2, "nothing was steered while the flood went on");
    context.check(held <= CONNECTIONS_PER_ADDRESS, `${held} connections were held`);
    context.check(answers["401"] === FAILURES_PER_MINUTE, `answers to guesses: ${JSON.stringify(answers)}`);
    context.check(answers["429"] === attack.guesses - FAILURES_PER_MINUTE, "guesses were not slowed down");
    // What is not read lies in buffers of the two kernels.
    context.check(bodyTaken < attack.bodyOctets / 4, `${bodyTaken} octets of the body were taken`);

    context.step("the same address, with a good token");
    const [ctl = NODE, ...ctlArgs] = inNamespace(namespaceOf(lab, edge.name), [
      NODE,
      vsixctlMain(),
      ...["status", "--json", "--url", `https://[${host}]:${API_PORT}`],
      ...["--token-file", tokenFile, "--ca", caFile(lab.name)],
    ]);
    const status = JSON.parse(await mustRun(ctl, ctlArgs)) as { readonly ready: boolean };
    context.check(typeof status.ready === "boolean", "a good token was held back");
    const verdict = (await context.ctlJson("audit", "verify")) as AuditVerdictAnswer;
    context.check(verdict.broken === null, "the audit log is not whole");
    await checkPlansEmpty(context);
    const dropped = (await droppedByMachine()) - droppedBefore;
    return {
      flows: await context.account(flows, Math.ceil(dropped * SHARE)),
      timesMs: { "slowest steer meanwhile": Math.round(Math.max(...tookMs)) },
      other: { steers: tookMs.length, held, open, bodyTaken, "dropped by the machine": dropped, ...answers },
    };
  },
};

export const TRUST_FLOOD_SCENARIOS: readonly Scenario[] = [flood];
