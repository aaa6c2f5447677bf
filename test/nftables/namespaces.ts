import { execFileSync, spawnSync } from "node:child_process";

/** A few network namespaces with veths between them, gone when disposed. */
export class Namespaces implements Disposable {
  readonly #prefix: string;
  readonly #names: string[] = [];

  constructor(topic: string) {
    this.#prefix = `vt-nft-${process.pid}-${topic}`;
  }

  /** Makes a forwarding namespace with `lo` up and gives its full name. */
  add(name: string): string {
    const full = `${this.#prefix}-${name}`;
    run("ip", "netns", "add", full);
    this.#names.push(full);
    run("ip", "-n", full, "link", "set", "lo", "up");
    for (const key of ["all/forwarding=1", "all/seg6_enabled=1", "default/seg6_enabled=1"]) {
      run("ip", "netns", "exec", full, "sysctl", "-qw", `net.ipv6.conf.${key.replaceAll("/", ".")}`);
    }
    return full;
  }

  [Symbol.dispose](): void {
    for (const name of this.#names.splice(0)) spawnSync("ip", ["netns", "del", name], { timeout: 10_000 });
  }
}

export interface End {
  readonly ns: string;
  readonly port: string;
  /** With prefix length. */
  readonly address: string;
}

/** A veth between two namespaces, addressed and up. */
export function link(a: End, b: End): void {
  run("ip", "-n", a.ns, "link", "add", a.port, "type", "veth", "peer", "name", b.port, "netns", b.ns);
  for (const end of [a, b]) {
    run("ip", "-n", end.ns, "addr", "add", end.address, "dev", end.port, "nodad");
    run("ip", "-n", end.ns, "link", "set", "dev", end.port, "up");
  }
}

/** An address on `lo`: a live host of that namespace. */
export function host(ns: string, address: string): void {
  run("ip", "-n", ns, "addr", "add", `${address}/128`, "dev", "lo", "nodad");
}

export function route(ns: string, ...words: readonly string[]): void {
  run("ip", "-n", ns, "-6", "route", "replace", ...words);
}

/** Runs a program to its end, 20 s at most, and gives what it printed; throws when it fails. */
export function run(file: string, ...args: readonly string[]): string {
  return execFileSync(file, args, { encoding: "utf8", timeout: 20_000, stdio: ["ignore", "pipe", "pipe"] });
}

/** nft in a namespace, as the driver wants it. */
export function nftIn(ns: string): readonly ["ip", ...string[]] {
  return ["ip", "netns", "exec", ns, "nft"];
}

/** Sends `count` echo requests and says how many were answered, with everything ping said. */
export function ping(
  ns: string,
  from: string,
  to: string,
  count = 2,
): { readonly answered: number; readonly text: string } {
  const args = ["netns", "exec", ns, "ping", "-6", "-n", "-c", String(count), "-i", "0.1", "-W", "0.3"];
  const { stdout } = spawnSync("ip", [...args, "-I", from, to], { encoding: "utf8", timeout: 20_000 });
  return { answered: Number(/(\d+) received/.exec(stdout)?.[1] ?? Number.NaN), text: stdout };
}

/** Waits, 10 s at most, until a host is reached: fresh veths lose their first packets. */
export function settle(ns: string, from: string, to: string): void {
  for (let attempt = 0; attempt < 30; attempt++) if (ping(ns, from, to, 1).answered === 1) return;
  throw new Error(`${to} cannot be reached from ${from} in ${ns}`);
}

const FORGE = new URL("../kernel/fixtures/bfd-forge.ts", import.meta.url).pathname;

/** Sends `count` packets of one octet to UDP port 3784 with this hop limit, from the address the kernel chooses. */
export function sendBfd(ns: string, to: string, hopLimit: number, count: number): void {
  const args = ["netns", "exec", ns, process.execPath, FORGE, to];
  const input = `${hopLimit} 20\n`.repeat(count);
  const { stdout } = spawnSync("ip", args, { encoding: "utf8", timeout: 20_000, input });
  if (stdout !== "1\n".repeat(count)) throw new Error(`not all were sent: ${stdout.slice(0, 200)}`);
}

const CONNECT = `
const [localAddress, host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ localAddress, host, port: Number(port) });
const end = (what) => { console.log(what); process.exit(0); };
socket.on("connect", () => end("connected")).on("error", (error) => end(error.code));
setTimeout(() => end("silence"), 500);
`;

/** What becomes of a TCP connection: `connected`, an errno name, or `silence` within half a second. */
export function connect(ns: string, from: string, to: string, port: number): string {
  const args = ["netns", "exec", ns, process.execPath, "-e", CONNECT, "--", from, to, String(port)];
  return run("ip", ...args).trim();
}
