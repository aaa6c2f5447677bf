import { join } from "node:path";
import type { OutcomesAnswer, PairView, TailAnswer } from "@vsix/controller/dns/questions.ts";
import { killProgram, programsOf, startProgram, stopProgram, waitRestarted } from "../faults.ts";
import type { Lab } from "../lab.ts";
import { NODE, namespaceName } from "../names.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { CLIENT_NODE, clientEdge } from "../services/outside.ts";
import { NAMES } from "../services/zones.ts";
import { beginCapture, checkCounted, checkReport, lostPairs } from "./dns-counted.ts";
import { controllerNodeName } from "./pick.ts";

/** What is asked, and what the controller has to count it as. */
const ASKED: Readonly<Record<string, string>> = {
  [`AAAA/${NAMES.native}`]: "outcome.native",
  [`AAAA/${NAMES.onlyA}`]: "outcome.translated",
  [`AAAA/${NAMES.chainToA}`]: "outcome.translated",
  [`AAAA/${NAMES.nodata}`]: "outcome.nodata",
  [`AAAA/${NAMES.nxdomain}`]: "outcome.nxdomain",
  [`AAAA/${NAMES.servfail}`]: "outcome.servfail",
  [`A/${NAMES.onlyA}`]: "type.1",
  [`HTTPS/${NAMES.native}`]: "type.65",
};
/** Where nobody answers. */
const NOBODY = "2001:db8:53::9999";
const TIMES = 40;
const LONE: Readonly<Record<string, string>> = { [`AAAA/${NAMES.native}`]: "outcome.unanswered" };

type Counts = Record<string, number>;

/** Asks everything so many times from the client; adds to what is to be counted. */
async function askAll(lab: Lab, server: string, expected: Counts): Promise<number> {
  const script = join(import.meta.dirname, "../services/ask-count.ts");
  let all = 0;
  for (const [to, questions] of [
    [server, ASKED],
    [NOBODY, LONE],
  ] as const) {
    const words = [script, to, String(TIMES), "10", ...Object.keys(questions)];
    const [file = NODE, ...args] = inNamespace(namespaceName(lab.name, CLIENT_NODE), [NODE, ...words]);
    const { sent } = JSON.parse(await mustRun(file, args)) as { readonly sent: Counts };
    for (const [question, count] of Object.entries(sent)) {
      const name = questions[question] ?? "?";
      expected[name] = (expected[name] ?? 0) + count;
      all += count;
    }
  }
  return all;
}

const stored: Scenario = {
  name: "dns-stored",
  summary:
    "captured DNS is what was sent, outcome by outcome, at two capture points counted once; controller away: nothing lost; agent killed: no more than what passed while it was dead and the moment before, which is told",
  fabric: "examples/dns64.yaml",
  long: true,
  run: async (context) => {
    const { lab } = context;
    const edge = clientEdge(lab.fabric).name;
    const noc = controllerNodeName(lab.fabric);
    const [server = ""] = lab.fabric.services?.resolver?.anycast ?? [];
    const from = await beginCapture(context, edge);
    const expected: Counts = {};

    context.step("every outcome");
    let sent = await askAll(lab, server, expected);
    const first = await checkCounted(context, from, expected, "in peace");
    const duplicates = first?.total["duplicates"] ?? 0;
    context.check(duplicates > 0, "blue-sfc saw nothing of what the Edge saw: nothing was there twice");

    const report = await checkReport(context, from, expected, [NAMES.onlyA, NAMES.chainToA, NAMES.nodata]);

    context.step("the controller is away");
    await stopProgram(lab, noc, "controller");
    sent += await askAll(lab, server, expected);
    await context.sleep(15_000);
    await startProgram(lab, noc, "controller");
    await context.converge();
    const second = await checkCounted(context, from, expected, "after the controller was away");
    const lostThen = lostPairs(second);
    context.check(lostThen === 0, `${lostThen} pairs were lost while the controller was away`);

    const seenThere = (answer: OutcomesAnswer | undefined) => ({
      seen: answer?.points[`${edge}/lan`]?.["client.pairs"] ?? 0,
      missing: answer?.capture[edge]?.["missingPairs"] ?? 0,
    });
    context.step(`the agent of ${edge} is killed when all is asked, and nothing of it sealed`);
    const restarted = async (kill: () => Promise<void>): Promise<void> => {
      const starts = (await programsOf(lab, edge)).find(({ program }) => program === "agent")?.starts ?? 0;
      await kill();
      await waitRestarted(lab, edge, "agent", starts);
      await context.converge();
      await context.sleep(5_000);
    };
    sent += await askAll(lab, server, expected);
    await restarted(() => killProgram(lab, edge, "agent"));
    const third = await checkCounted(context, from, expected, "after the agent was killed");
    const then = seenThere(third);
    context.check(then.seen === sent, `${edge}: ${then.seen} stored of ${sent} sent before it was killed`);
    context.check(then.missing === 0, `${edge}: ${then.missing} are said to be lost`);

    context.step(`the agent of ${edge} is killed amid the questions`);
    let killedMs = 0;
    const asking = askAll(lab, server, expected);
    await context.sleep(1_500);
    await restarted(async () => {
      killedMs = Date.now();
      await killProgram(lab, edge, "agent");
    });
    sent += await asking;
    sent += await askAll(lab, server, expected);
    const last = await checkCounted(context, from, expected, "after the agent was killed amid questions");
    const { seen, missing } = seenThere(last);
    const gap = last?.gaps.find(({ node, toMs }) => node === edge && toMs > killedMs);
    context.check(gap !== undefined, `nothing tells that ${edge} captured nothing for a while`);
    const passed = gap === undefined ? [] : await passedIn(context, gap.fromMs, gap.toMs);
    const lost = sent - seen - missing;
    context.check(
      lost <= passed.length,
      `${edge}: ${lost} lost and not counted, ${passed.length} passed while it captured nothing`,
    );
    return {
      flows: [],
      other: {
        "report in peace": { ...report, series: undefined, points: undefined },
        sent,
        counted: last?.total["client.pairs"],
        outcomes: expected,
        duplicates: last?.total["duplicates"],
        "of resolvers": last?.total["authority.pairs"],
        "stored of those asked before it was first killed": then.seen,
        [`stored of ${edge}`]: seen,
        "lost with its agent, counted": missing,
        "lost with its agent, in the time that is told": lost,
        "of them before it was killed, at most": passed.filter(({ timeMs }) => timeMs <= killedMs).length,
        "ms of capture lost before it was killed": gap === undefined ? null : killedMs - gap.fromMs,
        "ms without capture": gap === undefined ? null : gap.toMs - gap.fromMs,
      },
    };
  },
};

/** What blue-sfc saw of users' questions in a time. */
async function passedIn(
  context: ScenarioContext,
  fromMs: number,
  toMs: number,
): Promise<readonly PairView[]> {
  const [from, to] = [Math.floor(fromMs), Math.ceil(toMs)].map((ms) => new Date(ms).toISOString());
  const words = ["dns", "tail", "--from", from ?? "", "--to", to ?? "", "--limit", "10000"];
  const { pairs } = (await context.ctlJson(...words)) as TailAnswer;
  return pairs.filter((pair) => pair.node === "blue-sfc" && pair.class === "client");
}

export const DNS_STORED_SCENARIOS: readonly Scenario[] = [stored];
