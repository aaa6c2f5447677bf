import { join } from "node:path";
import { kernelMakes } from "../kernel/in-guest.ts";
import { programInGuest } from "../lab/guest.ts";
import { mustRun } from "../lab/run.ts";
import type { BenchCase, Figure } from "./bench-case.ts";

const RUNNER = join(import.meta.dirname, "access-runner.ts");
const PEERS = 10_000;
const TUNNELS = 5_000;
const LIMIT_S = 500;

interface Answer {
  readonly kernel: string;
  readonly residentMB: number;
  readonly times: Readonly<Record<string, number>>;
}

/** Ours, theirs (the name of what does the same), and what we aim at. */
const ROWS: readonly (readonly [string, string | undefined, string?])[] = [
  ["peers: all", "wg setconf: all"],
  ["peers: look again, nothing to do", "wg syncconf: nothing to do"],
  ["peers: plan again without a dump", undefined],
  ["peers: one more", "wg set: one more"],
  ["peers: revoke one", "wg set: remove one", "in effect within 1 s"],
  ["tunnels: all", "ip -batch: all"],
  ["tunnels: look again, nothing to do", undefined],
  ["tunnels: one more", "ip: one more"],
  ["tunnels: revoke one", "ip: remove one", "in effect within 1 s"],
  ["srv6: all", "tunnels: all"],
  ["srv6: look again, nothing to do", "tunnels: look again, nothing to do"],
  ["srv6: one more", "tunnels: one more"],
  ["srv6: revoke one", "tunnels: revoke one", "in effect within 1 s"],
];

/** What ten thousand VPN peers and five thousand tunnels cost one access router. */
export const wireguardPeersCase: BenchCase = {
  name: "wireguard-peers",
  summary: `${PEERS} WireGuard peers and ${TUNNELS} tunnels with their routes, against wg and ip -batch, and as many users by SRv6`,
  async run({ progress, signal, count }) {
    const peers = count ?? PEERS;
    const tunnels = Math.ceil(peers / 2);
    const here = kernelMakes("wireguard") && kernelMakes("ip6tnl", "remote", "::1");
    progress.step(here ? "on this kernel" : "in a guest kernel");
    const args = [String(peers), String(tunnels)];
    const output = here
      ? await mustRun("unshare", ["-n", process.execPath, RUNNER, ...args], {
          timeoutMs: LIMIT_S * 1000,
          signal,
        })
      : await programInGuest(RUNNER, args, LIMIT_S, signal);
    const line = /^BENCH (.*)$/m.exec(output)?.[1];
    if (line === undefined) throw new Error(`no figures: ${output.slice(-500)}`);
    const { kernel, residentMB, times } = JSON.parse(line) as Answer;
    const figures = ROWS.map(([name, peer, aim]): Figure => {
      const theirs = peer === undefined ? undefined : times[peer];
      return {
        name,
        unit: "ms",
        value: times[name] ?? Number.NaN,
        ...(peer === undefined || theirs === undefined ? {} : { peer: { name: peer, value: theirs } }),
        ...(aim === undefined ? {} : { aim }),
      };
    });
    const memory = ["tunnels: kernel memory", "srv6: kernel memory"].map(
      (name): Figure => ({ name, unit: "MB", value: times[name] ?? Number.NaN }),
    );
    return {
      figures: [...figures, ...memory, { name: "resident in the end", unit: "MB", value: residentMB }],
      setting: { kernel, peers, tunnels, guest: here ? "no" : "yes" },
      notes: [
        "Ours: dump, plan, apply by netlink, in one process that runs anyway. Theirs: one program a line, for wg with its file written before.",
        ...(here
          ? []
          : ["A User-Mode Linux: system calls and the start of a program cost a multiple of a machine's."]),
      ],
    };
  },
};
