import { appendFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, namespaceOf } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { birdConfigFile, birdSocket } from "./programs.ts";
import { mustRun } from "./run.ts";

/** More-specifics of 3fff::/20, the documentation prefix (RFC 9637), beside those that the examples use. */
export const OUTSIDE = "3fff:8";

/** The `i`th prefix that announceTable makes, without its length of 48. */
export function outsidePrefix(i: number): string {
  return `${OUTSIDE}${(i >> 16).toString(16).padStart(2, "0")}:${(i & 0xffff).toString(16)}::`;
}

/** Lets an upstream's BIRD announce `count` prefixes /48 more, and waits until an Edge's kernel has them. */
export async function announceTable(
  lab: Lab,
  upstream: string,
  count: number,
  edge: string,
  signal: AbortSignal,
): Promise<void> {
  const routes = Array.from({ length: count }, (_, i) => `  route ${outsidePrefix(i)}/48 unreachable;`);
  await appendFile(
    birdConfigFile(lab.name, upstream),
    `protocol static outside {\n  ipv6;\n${routes.join("\n")}\n}\n`,
  );
  await mustRun("birdc", ["-s", birdSocket(lab.name, upstream), "configure"]);
  for (let attempt = 0; attempt < 240; attempt++) {
    const text = await mustRun("ip", ["-n", namespaceOf(lab, edge), "-6", "route", "show", "proto", "118"]);
    if (text.split("\n").filter((line) => line.startsWith(OUTSIDE)).length >= count) return;
    await sleep(500, undefined, { signal });
  }
  throw new LabError("lab/scenario", `${edge} did not get ${count} routes within two minutes`);
}
