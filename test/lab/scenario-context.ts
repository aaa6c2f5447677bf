import { setTimeout as sleep } from "node:timers/promises";
import { askApi } from "./api.ts";
import { type ConvergeOptions, waitConverged } from "./converge.ts";
import { ctlEnvironment, outputOf, runCtl } from "./ctl.ts";
import { CtlProcess } from "./ctl-process.ts";
import { insideGuest } from "./guest.ts";
import type { Lab } from "./lab.ts";
import type { Progress } from "./progress.ts";
import type { RunResult } from "./run.ts";
import { type Flow, type FlowFigures, type FlowKind, startFlow, startFlows, stopFlows } from "./traffic.ts";

/** What a scenario works with: its lab, and an account of what failed. Faults and observations take `lab`. */
export interface ScenarioContext extends AsyncDisposable {
  readonly lab: Lab;
  readonly signal: AbortSignal;
  /** Says what is being done. */
  step(text: string): void;
  /** Says what is worth keeping and is no failure. */
  note(text: string): void;
  /** Records a failure unless `holds`; the scenario goes on, to count the rest. */
  check(holds: boolean, reason: string): void;
  readonly failures: readonly string[];
  /** Two flows, both ways, between the hosts of two nodes; ended with the scenario if not before. */
  flows(one: string, other: string, ratePerS?: number): Promise<readonly Flow[]>;
  flow(from: string, to: string, ratePerS?: number, more?: FlowKind): Promise<Flow>;
  /** Stops flows together and checks that each lost at most `lostAtMost` packets (0) and none came twice. */
  account(flows: readonly Flow[], lostAtMost?: number): Promise<readonly FlowFigures[]>;
  /** Stops what still flows and counts it, checking nothing: for a scenario that failed half way. */
  salvage(): Promise<readonly FlowFigures[]>;
  /** Runs vsixctl to its end, whatever its exit status. In a guest kernel one process does all of them, for starting one takes seconds there. */
  runCtl(...args: readonly string[]): Promise<RunResult>;
  /** Runs vsixctl; throws when it fails. */
  ctl(...args: readonly string[]): Promise<string>;
  ctlJson(...args: readonly string[]): Promise<unknown>;
  /** The answer to `GET PATH` of the controller: for what is asked until it is so, where a vsixctl each time would take a processor. */
  ask<T>(path: string): Promise<T>;
  /** Waits until every node has converged; milliseconds. */
  converge(timeoutMs?: number): Promise<number>;
  sleep(ms: number): Promise<void>;
}

export const DEFAULT_RATE_PER_S = 1000;
const ANSWER_MS = 20_000;

export function createContext(lab: Lab, progress: Progress, signal: AbortSignal): ScenarioContext {
  const failures: string[] = [];
  const open = new Set<Flow>();
  const check = (holds: boolean, reason: string): void => {
    if (holds) return;
    failures.push(reason);
    progress.note(`FAILED: ${reason}`);
  };
  const keep = <T extends readonly Flow[]>(flows: T): T => {
    for (const flow of flows) open.add(flow);
    return flows;
  };
  const commands = insideGuest() ? new CtlProcess(ctlEnvironment(lab)) : undefined;
  const run = (args: readonly string[]): Promise<RunResult> =>
    commands?.run(args, signal) ?? runCtl(lab, args, { signal });
  const ctl = async (args: readonly string[]): Promise<string> => outputOf(args, await run(args));
  return {
    lab,
    signal,
    failures,
    check,
    step: (text) => progress.step(text),
    note: (text) => progress.note(text),
    flows: async (one, other, ratePerS = DEFAULT_RATE_PER_S) =>
      keep(await startFlows(lab, one, other, ratePerS)),
    flow: async (from, to, ratePerS = DEFAULT_RATE_PER_S, more = {}) => {
      const flow = await startFlow({ lab, from, to, ratePerS, ...more });
      open.add(flow);
      return flow;
    },
    account: async (flows, lostAtMost = 0) => {
      const figures = await stopFlows(flows);
      for (const flow of flows) open.delete(flow);
      for (const { label, sent, lost, duplicates } of figures) {
        check(lost <= lostAtMost, `${label}: ${lost} of ${sent} packets lost, at most ${lostAtMost} allowed`);
        check(duplicates === 0, `${label}: ${duplicates} packets came twice`);
      }
      return figures;
    },
    salvage: async () => {
      const flows = [...open];
      const figures = await stopFlows(flows);
      open.clear();
      return figures;
    },
    runCtl: (...args) => run(args),
    ctl: (...args) => ctl(args),
    ctlJson: async (...args) => JSON.parse(await ctl([...args, "--json"])),
    ask: (path) => askApi(lab.name, path, ANSWER_MS),
    converge: (timeoutMs) => {
      const options: ConvergeOptions = { progress, signal };
      return waitConverged(lab, timeoutMs === undefined ? options : { ...options, timeoutMs });
    },
    sleep: (ms) => sleep(ms, undefined, { signal }),
    [Symbol.asyncDispose]: async () => {
      for (const flow of open) await flow[Symbol.asyncDispose]();
      await commands?.[Symbol.asyncDispose]();
    },
  };
}
