import { join } from "node:path";
import { kernelMakes } from "../kernel/in-guest.ts";
import { programInGuest } from "../lab/guest.ts";
import { mustRun } from "../lab/run.ts";
import { tool } from "../lab/tools.ts";
import type { BenchCase, Figure } from "./bench-case.ts";
import { median } from "./statistics.ts";

const RUNNER = join(import.meta.dirname, "access-forward-runner.ts");
const SECONDS = 3;
const ROUNDS = 3;
const OCTETS = 1280;
const LIMIT_S = 150;

interface Answer {
  readonly kernel: string;
  readonly rates: Readonly<Record<string, readonly number[]>>;
}

/** Packets a second to one user by each way in. */
export const accessForwardCase: BenchCase = {
  name: "access-forward",
  summary: `packets of ${OCTETS} octets forwarded to a user: plain, by a tunnel, by SRv6, by WireGuard`,
  async run({ progress, signal, count }) {
    const here = kernelMakes("wireguard") && kernelMakes("ip6tnl", "remote", "::1");
    progress.step(here ? "on this kernel" : "in a guest kernel");
    const rounds = count ?? ROUNDS;
    const args = [await tool("traffic"), String(SECONDS), String(rounds), String(OCTETS)];
    const output = here
      ? await mustRun("unshare", ["-n", process.execPath, RUNNER, ...args], {
          timeoutMs: LIMIT_S * 1000,
          signal,
        })
      : await programInGuest(RUNNER, args, LIMIT_S, signal);
    const line = /^BENCH (.*)$/m.exec(output)?.[1];
    if (line === undefined) throw new Error(`no figures: ${output.slice(-500)}`);
    const { kernel, rates } = JSON.parse(line) as Answer;
    const of = (way: string): readonly number[] => rates[way] ?? [];
    const figures = Object.keys(rates).map((way): Figure => {
      const all = of(way);
      const [name, value] =
        way === "tunnel" ? ["plain", median(of("plain"))] : ["tunnel", median(of("tunnel"))];
      return {
        ...{ name: `forwarded, ${way}`, unit: "packets/s", value: median(all) },
        ...{ samples: all.length, min: Math.min(...all), max: Math.max(...all) },
        peer: { name, value },
      };
    });
    return {
      figures,
      setting: { kernel, octets: OCTETS, seconds: SECONDS, rounds, guest: here ? "no" : "yes" },
      notes: [
        "Sender, router and the user's own router (which takes the packet out again) share the processor: a rate is of all three. Ways take turns in each round.",
        ...(here
          ? []
          : [
              "A User-Mode Linux of one processor: rates are a fraction of a machine's, their ratios are what counts.",
            ]),
      ],
    };
  },
};
