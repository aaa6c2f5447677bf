import { run } from "../lab/run.ts";
import { EXPECTED, type FibStep, NEXTHOPS, ROUTES } from "./fib-setting.ts";

/** Counts with ip(8), outside of what is timed, that the kernel is where a step should have brought it. */
export async function checkStep(ipArgs: readonly string[], step: FibStep): Promise<void> {
  const text = await ip([...ipArgs, "-6", "route", "show", "table", "main", "proto", "118"]);
  const lines = text.split("\n").filter((line) => line !== "");
  const wanted = EXPECTED[step];
  const count = wanted === undefined ? 0 : ROUTES;
  if (lines.length !== count) throw new Error(`after ${step}: ${lines.length} routes, not ${count}`);
  if (wanted === undefined) return;
  const { id, device } = NEXTHOPS[wanted];
  const right = lines.filter((line) => line.includes(` nhid ${id} `)).length;
  if (right !== count) throw new Error(`after ${step}: ${right} of ${count} routes use nexthop ${id}`);
  // Moved as a whole: the object keeps its id and leaves by the other one's device.
  const leaves = step === "move" ? NEXTHOPS[0].device : device;
  const used = await ip([...ipArgs, "-6", "route", "get", lines[0]?.split("/")[0] ?? ""]);
  if (!used.includes(` dev ${leaves} `)) throw new Error(`after ${step}: not by ${leaves}: ${used.trim()}`);
}

/** Runs ip(8); @throws Error with what it said. */
export async function ip(args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run("ip", args, { input });
  if (code !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim().slice(-500)}`);
  return stdout;
}
