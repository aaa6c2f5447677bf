import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import { type Diagnosis, diagnose } from "../../core/health/diagnose.ts";
import type { AdvertisementFacts, LocalFacts, Outcome, Result } from "../../core/health/model.ts";
import { planChecks } from "../../core/health/plan.ts";
import { type Due, HealthRun } from "../../core/health/run.ts";
import { readLocalFacts } from "./local-facts.ts";
import { solicitRouter } from "./solicit.ts";
import { HealthTools } from "./tools.ts";

/** Checks at once: what is measured must not be our own crowd. */
const AT_ONCE = 12;
/** Of one check, and of all together. */
const CHECK_MS = 20_000;
const RUN_MS = 90_000;

export interface HealthOptions {
  readonly part: HealthPart;
  /** Of each check as it ends, in that order. */
  readonly onResult?: (result: Result) => void;
  readonly signal?: AbortSignal;
}

export interface HealthFindings {
  readonly diagnosis: Diagnosis;
  readonly results: readonly Result[];
  readonly tookMs: number;
}

/** Looks at this machine, makes all checks and says what is wrong. @throws NetlinkError, the signal's reason. */
export async function runHealth({ part, onResult, signal }: HealthOptions): Promise<HealthFindings> {
  const startedMs = performance.now();
  const stop = AbortSignal.any([AbortSignal.timeout(RUN_MS), ...(signal === undefined ? [] : [signal])]);
  const local = await readLocalFacts(part, stop);
  const facts: LocalFacts = { ...local, advertisement: await advertisementOf(local, stop) };
  await using tools = new HealthTools(facts);
  const plan = planChecks(part, facts);
  const run = new HealthRun(part, facts, plan);
  await carryOut(run, (due, until) => tools.make(due, until), onResult, stop);
  // Only the machine's own end stops a run; one that takes too long tells what it has.
  signal?.throwIfAborted();
  const { results } = run;
  return { diagnosis: diagnose(part, facts, results), results, tookMs: performance.now() - startedMs };
}

async function advertisementOf(
  { port, route }: Omit<LocalFacts, "advertisement">,
  signal: AbortSignal,
): Promise<AdvertisementFacts | undefined> {
  if (port === undefined || !port.carrier) return undefined;
  const expected = route === undefined || route.by === "advertisement";
  return solicitRouter(port.index, expected, signal);
}

/** Makes what is due until nothing is left, several at once. Exported for tests, which have no network. */
export async function carryOut(
  run: HealthRun,
  make: (due: Due, signal: AbortSignal) => Promise<Outcome>,
  onResult: ((result: Result) => void) | undefined,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<string>();
  const tell = (): void => {
    for (const result of run.results) {
      if (told.has(result.check.id)) continue;
      told.add(result.check.id);
      onResult?.(result);
    }
  };
  const waiting: Due[] = [];
  const underWay = new Set<Promise<void>>();
  for (;;) {
    waiting.push(...run.due());
    tell();
    while (underWay.size < AT_ONCE) {
      const due = waiting.shift();
      if (due === undefined) break;
      const one = makeOne(run, make, due, signal).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    if (underWay.size === 0) return;
    await Promise.race(underWay);
  }
}

async function makeOne(
  run: HealthRun,
  make: (due: Due, signal: AbortSignal) => Promise<Outcome>,
  due: Due,
  signal: AbortSignal,
): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(CHECK_MS)]);
  try {
    until.throwIfAborted();
    run.done(due.check, await make(due, until));
  } catch (error) {
    const why = until.aborted ? "it took too long" : error instanceof Error ? error.message : String(error);
    run.failed(due.check, why);
  }
}
