import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { ip } from "./in-namespace.ts";

export const OURS = "2001:db8::";
export const THEIRS = "2001:db8::1";
export const PORT = "v0";

/** A neighbour in a namespace of its own, with a real BIRD that speaks BFD to us, 100 ms x 4. */
export interface BfdNeighbourHost extends AsyncDisposable {
  /** The line of `show bfd sessions` for us; empty when there is none. */
  session(): string;
  /** Polls {@link session} for 10 s at most. */
  until(pattern: RegExp): Promise<string>;
  /** Every packet either way is dropped there; and no more. */
  silence(): void;
  speak(): void;
  signalBird(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Sends octets as that neighbour would; resolves when they have left. */
  forge(hopLimit: number, octets: Uint8Array): Promise<void>;
  /** Listens there; `packet` is what tcpdump says of the first that fits, or nothing after 5 s. */
  capture(filter: string): Promise<{ readonly packet: Promise<string> }>;
}

export async function startBfdNeighbour(): Promise<BfdNeighbourHost> {
  const namespace = `vt-bfdn-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), "vt-bfd-"));
  const socket = join(folder, "bird.ctl");
  const children: ChildProcess[] = [];
  const inside = (args: readonly string[]): string[] => ["netns", "exec", namespace, ...args];
  const clean = (): void => {
    for (const child of children) child.kill("SIGKILL");
    spawnSync("ip", ["netns", "del", namespace], { stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", clean);
  ip(["netns", "add", namespace]);
  ip(["link", "add", PORT, "type", "veth", "peer", "name", "n0", "netns", namespace]);
  ip(["addr", "add", `${OURS}/127`, "dev", PORT, "nodad"]);
  ip(["-n", namespace, "addr", "add", `${THEIRS}/127`, "dev", "n0", "nodad"]);
  ip(["link", "set", PORT, "up"]);
  for (const device of ["lo", "n0"]) ip(["-n", namespace, "link", "set", device, "up"]);
  writeFileSync(
    join(folder, "bird.conf"),
    `router id 10.0.0.1;
protocol device {}
protocol bfd {
  interface "n0" { interval 100 ms; multiplier 4; };
  neighbor ${OURS} dev "n0" local ${THEIRS};
}
`,
  );
  const bird = spawn("ip", inside(["bird", "-f", "-c", join(folder, "bird.conf"), "-s", socket]), {
    stdio: "ignore",
  });
  const forger = spawn(
    "ip",
    inside([process.execPath, join(import.meta.dirname, "fixtures/bfd-forge.ts"), OURS]),
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  children.push(bird, forger);
  const answers = createInterface({ input: forger.stdout })[Symbol.asyncIterator]();
  const nft = (...args: readonly string[]): void => void ip(inside(["nft", ...args]));
  const session = (): string => {
    const { stdout } = spawnSync("birdc", ["-s", socket, "show", "bfd", "sessions"], { encoding: "utf8" });
    return (stdout ?? "").split("\n").find((line) => line.startsWith(`${OURS} `)) ?? "";
  };
  return {
    session,
    until: async (pattern) => {
      for (let i = 0; i < 600; i++) {
        if (pattern.test(session())) return session();
        await sleep(100);
      }
      throw new Error(`BIRD's session is not ${pattern}: ${session()}`);
    },
    silence: () => {
      nft("add table netdev silent");
      nft("add chain netdev silent in { type filter hook ingress device n0 priority 0; policy drop; }");
    },
    speak: () => nft("delete table netdev silent"),
    signalBird: (signal) => bird.kill(signal),
    forge: async (hopLimit, octets) => {
      forger.stdin.write(`${hopLimit} ${Buffer.from(octets).toString("hex")}\n`);
      const { value, done } = await answers.next();
      if (done === true || Number(value) !== octets.length) throw new Error(`not sent: ${value}`);
    },
    capture: async (filter) => {
      const args = inside(["timeout", "60", "tcpdump", "-i", "n0", "-lnv", "-c", "1", filter]);
      const dump = spawn("ip", args, { stdio: ["ignore", "pipe", "pipe"] });
      children.push(dump);
      let text = "";
      dump.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      const packet = once(dump, "close").then(() => text);
      let said = "";
      for await (const chunk of dump.stderr.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
        said += chunk;
        if (said.includes("listening on")) break;
      }
      dump.stderr.resume();
      return { packet };
    },
    [Symbol.asyncDispose]: async () => {
      process.removeListener("exit", clean);
      const gone = Promise.all(
        children.map((child) => (child.exitCode === null ? once(child, "exit") : undefined)),
      );
      bird.kill("SIGCONT");
      clean();
      await gone;
    },
  };
}
