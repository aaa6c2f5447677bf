import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkStep, ip } from "./fib-check.ts";
import { makePrefixes } from "./fib-routes.ts";
import { FIB_STEPS, type FibStep, type FibTimes, NEXTHOPS, ROUTES, timed } from "./fib-setting.ts";

/** Command files for `ip -batch`, written once: making them is not timed. Returns each one's path. */
export async function writeBatches(directory: string): Promise<Readonly<Record<FibStep, string>>> {
  const prefixes = makePrefixes(ROUTES);
  const [first, second] = NEXTHOPS;
  const lines: Record<FibStep, readonly string[]> = {
    add: prefixes.map((prefix) => `route add ${prefix} nhid ${first.id} proto 118 metric 20`),
    replan: ["route show table main proto 118"],
    replace: prefixes.map((prefix) => `route replace ${prefix} nhid ${second.id} proto 118 metric 20`),
    move: [`nexthop replace id ${second.id} via ${first.via} dev ${first.device} proto 118`],
    delete: prefixes.map((prefix) => `route del ${prefix} proto 118 metric 20`),
  };
  const path = (step: FibStep): string => join(directory, `${step}.batch`);
  for (const step of FIB_STEPS) await writeFile(path(step), `${lines[step].join("\n")}\n`);
  return {
    add: path("add"),
    replan: path("replan"),
    replace: path("replace"),
    move: path("move"),
    delete: path("delete"),
  };
}

/** `ip -batch`'s side, in a namespace: from the start of its process to its end, a few milliseconds of which are both. */
export async function runBatches(
  namespace: string,
  batches: Readonly<Record<FibStep, string>>,
): Promise<FibTimes> {
  for (const { id, via, device } of NEXTHOPS)
    await ip([
      "-n",
      namespace,
      "nexthop",
      "add",
      "id",
      String(id),
      "via",
      via,
      "dev",
      device,
      "proto",
      "118",
    ]);
  const times: Record<FibStep, number> = { add: 0, replan: 0, replace: 0, move: 0, delete: 0 };
  for (const step of FIB_STEPS) {
    times[step] = await timed(() => ip(["-n", namespace, "-6", "-batch", batches[step]]));
    await checkStep(["-n", namespace], step);
  }
  return times;
}
