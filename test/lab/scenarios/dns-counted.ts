import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventReport, ReportDns } from "@vsix/controller/core/report/model.ts";
import type { OutcomesAnswer } from "@vsix/controller/dns/questions.ts";
import { runCtl } from "../ctl.ts";
import type { ScenarioContext } from "../scenario-context.ts";

/** What scenarios of captured DNS have in common: begin to capture, and hold what is counted against what was sent. */

/** Segments are sealed every 10 s, minutes counted once nothing has come for 20 s, and the machine may be busy. */
const COUNTED_MS = 150_000;

/** Captures at an Edge's LAN and, the same packets again, at blue-sfc; returns since when, as `--from` takes it. */
export async function beginCapture(context: ScenarioContext, edge: string): Promise<string> {
  const { lab } = context;
  const file = join(lab.stateDir, "telescreen.yaml");
  const section = `telescreen:\n  timeoutMs: 2000\n  nodes:\n    ${edge}: { interfaces: [lan], rate: home }\n    blue-sfc: { rate: home }\n`;
  await writeFile(file, `${await readFile(lab.file, "utf8")}\n${section}`);
  context.step(`DNS is captured at ${edge} and, the same again, at blue-sfc`);
  await context.ctl("apply", file);
  await context.converge();
  await context.sleep(3_000);
  return new Date().toISOString();
}

async function outcomes({ lab, signal }: ScenarioContext, from: string): Promise<OutcomesAnswer | undefined> {
  const { code, stdout } = await runCtl(lab, ["dns", "outcomes", "--from", from, "--json"], { signal });
  return code === 0 ? (JSON.parse(stdout) as OutcomesAnswer) : undefined;
}

/**
 * Waits until as much is counted as was asked, then holds every figure against what was sent.
 * @param questions sent in all; the sum of `expected` unless told
 */
export async function checkCounted(
  context: ScenarioContext,
  from: string,
  expected: Readonly<Record<string, number>>,
  when: string,
  questions?: number,
): Promise<OutcomesAnswer | undefined> {
  const wanted = questions ?? Object.values(expected).reduce((sum, count) => sum + count, 0);
  const begun = performance.now();
  let answer: OutcomesAnswer | undefined;
  do {
    await context.sleep(2_000);
    answer = await outcomes(context, from);
  } while ((answer?.total["client.pairs"] ?? 0) < wanted && performance.now() - begun < COUNTED_MS);
  const total = answer?.total ?? {};
  context.check(
    total["client.pairs"] === wanted,
    `${when}: ${total["client.pairs"]} counted of ${wanted} sent`,
  );
  for (const [name, count] of Object.entries(expected))
    context.check(
      (total[`client.${name}`] ?? 0) === count,
      `${when}: ${name} is ${total[`client.${name}`] ?? 0}, ${count} were sent`,
    );
  return answer;
}

/** Holds what `vsixctl report` tells of DNS against what was sent: every figure of an event's report that comes from packets. */
export async function checkReport(
  context: ScenarioContext,
  from: string,
  expected: Readonly<Record<string, number>>,
  withoutAaaa: readonly string[],
): Promise<ReportDns | null> {
  const to = new Date(Date.now() + 1_000).toISOString();
  const { dns } = (await context.ctlJson("report", "--from", from, "--to", to)) as EventReport;
  const of = (name: string): number => expected[name] ?? 0;
  const outcomes = (["native", "translated", "nodata", "nxdomain", "servfail", "unanswered"] as const).map(
    (name) => [name, dns?.outcomes[name], of(`outcome.${name}`)] as const,
  );
  const aaaa = outcomes.reduce((sum, [, , count]) => sum + count, 0);
  const [native, translated] = [of("outcome.native"), of("outcome.translated")];
  for (const [name, told, sent] of [
    ...outcomes,
    ["A", dns?.a, of("type.1")],
    ["AAAA", dns?.aaaa, aaaa],
    ["HTTPS", dns?.https, of("type.65")],
    ["questions", dns?.questions, aaaa + of("type.1") + of("type.65")],
    ["translated share", dns?.translatedShare, translated / (native + translated)],
    ["drop rate", dns?.capture.dropRate, 0],
    ["lost pairs", dns?.capture.lostPairs, 0],
  ] as const)
    context.check(told === sent, `the report tells ${name} ${told}, ${sent} is what was sent`);
  context.check((dns?.capture.packets ?? 0) > 0, "the report knows of no captured packet");
  const names = (dns?.withoutAaaa ?? []).map(({ name }) => name.replace(/\.$/, "")).sort();
  context.check(
    names.join() === [...withoutAaaa].sort().join(),
    `the report's names without AAAA: ${names.join()}, not ${withoutAaaa.join()}`,
  );
  return dns;
}

/** Captured, and lost before the controller had it; over all nodes. */
export function lostPairs(answer: OutcomesAnswer | undefined): number {
  return Object.values(answer?.capture ?? {}).reduce((sum, { missingPairs = 0 }) => sum + missingPairs, 0);
}
