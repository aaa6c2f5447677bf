import { killProgram, programsOf, waitRestarted } from "../faults.ts";
import { namespaceOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { mustRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { type StreamFigures, startAskStream } from "../services/client.ts";
import { clientEdge } from "../services/outside.ts";
import { questionsAt, signalService } from "../services/program.ts";
import { NAMES } from "../services/zones.ts";

const EVERY_MS = 20;
/** Of silence, at most: two looks of 0.5 s, the patience of the second, and BGP. */
const SILENCE_MS = 3_000;
const HANG_MS = 6_000;

/** Where a router of the client's site sends what is for an address. */
async function wayOf(context: ScenarioContext, router: string, address: string): Promise<string> {
  const namespace = namespaceOf(context.lab, router);
  const said = await mustRun("ip", ["-n", namespace, "-6", "route", "get", address]).catch(() => "");
  return /dev (\S+)/.exec(said)?.[1] ?? "nowhere";
}

/** Milliseconds until that router sends it by another port; -1 where it does not. */
async function timeWay(
  context: ScenarioContext,
  router: string,
  address: string,
  is: (port: string) => boolean,
  patienceMs: number,
): Promise<number> {
  const begunMs = performance.now();
  while (performance.now() - begunMs < patienceMs) {
    if (is(await wayOf(context, router, address))) return Math.round(performance.now() - begunMs);
    await context.sleep(20);
  }
  return -1;
}

/** What is asked while something happens; from half a second before it. */
async function during(
  context: ScenarioContext,
  server: string,
  act: () => Promise<void>,
): Promise<StreamFigures> {
  await using stream = startAskStream(context.lab, server, NAMES.wild, EVERY_MS);
  await context.sleep(1000);
  await act();
  return await stream.stop();
}

const anycast: Scenario = {
  name: "dns64-anycast",
  summary:
    "the nearest resolver is killed, hangs and comes back under 50 questions a second: withdrawn, the other site answers; its agent is killed and nothing is lost",
  fabric: "examples/dns64.yaml",
  run: async (context) => {
    const { lab } = context;
    const { nodes, services } = lab.fabric;
    const [server = ""] = services?.resolver?.anycast ?? [];
    const edge = clientEdge(lab.fabric);
    const near = nodes.find(({ service, site }) => service === "resolver" && site === edge.site);
    const far = nodes.find(({ service, site }) => service === "resolver" && site !== edge.site);
    const router = nodes.find(
      ({ role, site, plane }) => role === "plane" && site === edge.site && plane === edge.prefers,
    );
    if (near === undefined || far === undefined || router === undefined)
      throw new LabError("lab/fabric", "a resolver at the client's site and one elsewhere are wanted");
    const home = await wayOf(context, router.name, server);
    context.check(home === `to-${near.name}`, `before: by ${home}, not to ${near.name}`);
    const isHome = (port: string): boolean => port === home;
    const isAway = (port: string): boolean => port !== home && port !== "nowhere";

    context.step(`unbound on ${near.name} is killed`);
    const times: Record<string, number> = {};
    const killed = await during(context, server, async () => {
      await signalService(lab, near.name, "resolver", "SIGKILL");
      times["killed, withdrawn"] = await timeWay(context, router.name, server, isAway, 5_000);
      times["killed, back"] = await timeWay(context, router.name, server, isHome, 20_000);
    });
    context.check(times["killed, withdrawn"] !== -1, "a killed resolver was not withdrawn");
    context.check(times["killed, back"] !== -1, "a restarted resolver was not announced again");

    context.step(`unbound on ${near.name} hangs for ${HANG_MS / 1000} s`);
    const farBefore = await questionsAt(lab, far.name);
    const hung = await during(context, server, async () => {
      await signalService(lab, near.name, "resolver", "SIGSTOP");
      times["hung, withdrawn"] = await timeWay(context, router.name, server, isAway, HANG_MS);
      await context.sleep(Math.max(0, HANG_MS - (times["hung, withdrawn"] ?? 0)));
      await signalService(lab, near.name, "resolver", "SIGCONT");
      times["hung, back"] = await timeWay(context, router.name, server, isHome, 30_000);
    });
    const atFar = (await questionsAt(lab, far.name)) - farBefore;
    const withdrawnMs = times["hung, withdrawn"] ?? -1;
    context.check(withdrawnMs >= 0 && withdrawnMs <= SILENCE_MS, `a hung resolver: ${withdrawnMs} ms`);
    context.check(times["hung, back"] !== -1, "a resolver that answers again was not announced again");
    context.check(atFar > 50, `${far.name} was asked ${atFar} times only while ${near.name} hung`);

    context.step(`the agent of ${near.name} is killed`);
    const restarted = await during(context, server, async () => {
      const starts =
        (await programsOf(lab, near.name)).find(({ program }) => program === "agent")?.starts ?? 0;
      await killProgram(lab, near.name, "agent");
      await waitRestarted(lab, near.name, "agent", starts);
      await context.sleep(2_000);
    });
    context.check(restarted.lost === 0, `${restarted.lost} questions lost while the agent was restarted`);
    context.check(isHome(await wayOf(context, router.name, server)), `${near.name} was not kept`);
    for (const [what, { lost, longestGapMs }] of Object.entries({ killed, hung })) {
      context.check(longestGapMs <= SILENCE_MS, `${what}: ${longestGapMs} ms without an answer`);
      context.check(lost <= SILENCE_MS / EVERY_MS, `${what}: ${lost} questions lost`);
    }
    return { flows: [], timesMs: times, other: { killed, hung, [`asked at ${far.name}`]: atFar, restarted } };
  },
};

export const DNS64_ANYCAST_SCENARIOS: readonly Scenario[] = [anycast];
