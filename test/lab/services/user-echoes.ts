import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { inNamespace, run } from "../run.ts";

export interface EchoFigures {
  readonly sent: number;
  readonly received: number;
}

/** So many echoes, one after the other, whether they are answered or not. What is on its way at the end has 10 s. */
export async function sendEchoes(
  lab: Lab,
  from: string,
  source: string,
  target: string,
  { count, everyS }: { readonly count: number; readonly everyS: number },
): Promise<EchoFigures> {
  const words = ["-6", "-n", "-q", "-c", `${count}`, "-i", `${everyS}`, "-W", "10", "-I", source, target];
  const [file = "ip", ...args] = inNamespace(namespaceName(lab.name, from), ["ping", ...words]);
  const { stdout, stderr } = await run(file, args, { timeoutMs: (count * everyS + 60) * 1000 });
  const [, sent, received] = /^(\d+) packets transmitted, (\d+) received/m.exec(stdout) ?? [];
  if (sent === undefined || received === undefined)
    throw new LabError("lab/command-failed", `ping ${words.join(" ")} from ${from}: ${stderr.trim()}`);
  return { sent: Number(sent), received: Number(received) };
}

/** Sends echoes until one comes back; whether one does in so many seconds. */
export async function hasEcho(
  lab: Lab,
  from: string,
  source: string,
  target: string,
  patienceS: number,
): Promise<boolean> {
  const endMs = performance.now() + patienceS * 1000;
  const at = namespaceName(lab.name, from);
  for (;;) {
    const leftS = Math.ceil((endMs - performance.now()) / 1000);
    if (leftS <= 0) return false;
    // With a deadline, `-c` counts what comes back, and a network that answers with an error ends it (ping(8)).
    const words = ["-6", "-n", "-q", "-c", "1", "-i", "0.2", "-w", `${leftS}`, "-I", source, target];
    const [file = "ip", ...args] = inNamespace(at, ["ping", ...words]);
    const { code } = await run(file, args, { timeoutMs: (leftS + 60) * 1000 });
    if (code === 0) return true;
    await sleep(200);
  }
}
