import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { agentMain } from "../../programs/bundles.ts";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName } from "../names.ts";
import { addNamespaces } from "../namespaces.ts";
import { inNamespace, ipBatch, mustRun, run } from "../run.ts";
import { CLIENT_NODE, clientAddresses, clientEdge, V4_NODE, WEB_PORT } from "./outside.ts";

/** A translator that is nobody's of ours: tayga between an upstream and the IPv4 Internet. */
export const TRANSLATOR = "translator";
export const PREF64 = "3fff:250:64::/96";
const UPSTREAM = "wide";
const POOL = "192.0.2.0/24";

/** A program in a namespace of the lab, which a scenario ends and starts again. */
export class Daemon implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #node: string;
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;

  constructor(lab: Lab, node: string, command: readonly string[]) {
    this.#lab = lab;
    this.#node = node;
    this.#command = command;
  }

  async start(): Promise<void> {
    const [file = NODE, ...args] = inNamespace(namespaceName(this.#lab.name, this.#node), this.#command);
    this.#child = spawn(file, args, { stdio: "ignore" });
    await sleep(400);
    if (this.#child.exitCode !== null)
      throw new LabError("lab/command-failed", `${this.#command.join(" ")} ended at once`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export interface Home extends AsyncDisposable {
  readonly translator: Daemon;
  readonly page: Daemon;
  /** `vsix-agent health --json` at the client. */
  look(): Promise<{ readonly code: number; readonly health: Health }>;
}

/** Makes the client one of router advertisements, and puts a translator and a page with IPv6 outside. */
export async function createHome(lab: Lab): Promise<Home> {
  const stack = new AsyncDisposableStack();
  const at = (node: string): string => namespaceName(lab.name, node);
  await addNamespaces([at(TRANSLATOR)]);
  await ipBatch(undefined, [
    `link add eth0 netns ${at(TRANSLATOR)} type veth peer name to-xlat netns ${at(UPSTREAM)}`,
    `link add v4 netns ${at(TRANSLATOR)} type veth peer name xlat netns ${at(V4_NODE)}`,
  ]);
  await ipBatch(at(UPSTREAM), [
    "address add 3fff:250:65::1/64 dev to-xlat nodad",
    "link set to-xlat up",
    `route add ${PREF64} via 3fff:250:65::2`,
  ]);
  await ipBatch(at(V4_NODE), [
    "address add 172.31.9.1/30 dev xlat",
    "link set xlat up",
    `route add ${POOL} via 172.31.9.2`,
  ]);
  await ipBatch(at(TRANSLATOR), [
    "link set lo up",
    "address add 3fff:250:65::2/64 dev eth0 nodad",
    "link set eth0 up",
    "route add default via 3fff:250:65::1",
    "address add 172.31.9.2/30 dev v4",
    "link set v4 up",
    "route add default via 172.31.9.1",
  ]);
  const inside = (node: string, ...command: readonly string[]): Promise<string> => {
    const [file = NODE, ...args] = inNamespace(at(node), command);
    return mustRun(file, args);
  };
  await inside(TRANSLATOR, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1");
  const directory = join(lab.stateDir, TRANSLATOR);
  await mkdir(directory, { recursive: true });
  const config = join(directory, "tayga.conf");
  await writeFile(
    config,
    `tun-device nat64\nipv4-addr 192.0.2.1\nipv6-addr 3fff:250:65::6464\nprefix ${PREF64}\ndynamic-pool ${POOL}\ndata-dir ${directory}\n`,
  );
  await inside(TRANSLATOR, "tayga", "-c", config, "--mktun");
  await ipBatch(at(TRANSLATOR), [
    "link set nat64 up",
    `route add ${POOL} dev nat64`,
    `route add ${PREF64} dev nat64`,
  ]);
  const translator = stack.use(new Daemon(lab, TRANSLATOR, ["tayga", "-d", "-c", config]));
  await translator.start();
  const web = join(import.meta.dirname, "web-host.ts");
  const page = stack.use(new Daemon(lab, UPSTREAM, [NODE, web, "3fff:250::80", String(WEB_PORT)]));
  await page.start();
  await advertise(lab, stack);
  const file = join(directory, "health.yaml");
  await writeFile(file, await healthFile(lab));
  return {
    translator,
    page,
    look: async () => {
      const main = agentMain();
      const [command = NODE, ...args] = inNamespace(at(CLIENT_NODE), [
        NODE,
        main,
        "health",
        "--config",
        file,
        "--json",
      ]);
      const { code, stdout, stderr } = await run(command, args);
      if (stdout === "") throw new LabError("lab/command-failed", `health said nothing: ${stderr}`);
      return { code, health: JSON.parse(stdout) as Health };
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** The client forgets what it was given by hand, and takes what its router tells. */
async function advertise(lab: Lab, stack: AsyncDisposableStack): Promise<void> {
  const { client, router } = clientAddresses(lab.fabric);
  const inside = namespaceName(lab.name, CLIENT_NODE);
  const edge = clientEdge(lab.fabric).name;
  const [link] = JSON.parse(
    await mustRun("ip", ["-n", namespaceName(lab.name, edge), "-j", "link", "show", "dev", "lan"]),
  ) as readonly { readonly ifindex: number }[];
  const [anycast = ""] = lab.fabric.services?.resolver?.anycast ?? [];
  await ipBatch(inside, [`route del default via ${router}`, `address del ${client}/64 dev eth0`]);
  const script = join(import.meta.dirname, "advertise.ts");
  const words = ["lan", String(link?.ifindex ?? 0), `${router.replace(/1$/, "")}/64`, anycast, PREF64];
  const router6 = stack.use(new Daemon(lab, edge, [NODE, script, ...words]));
  await router6.start();
  for (let i = 0; i < 40; i++) {
    const routes = await mustRun("ip", ["-n", inside, "-6", "route", "show", "default"]);
    const addresses = await mustRun("ip", ["-n", inside, "-6", "address", "show", "scope", "global"]);
    if (routes.includes("proto ra") && addresses.includes("inet6") && !addresses.includes("tentative"))
      return;
    await sleep(250);
  }
  throw new LabError("lab/scenario", "the client takes no router advertisement");
}

/** What the client's file says: what its router cannot tell. */
async function healthFile({ fabric }: Lab): Promise<string> {
  const edge = clientEdge(fabric).name;
  const planes = fabric.planes.map(({ name }) => {
    const targets = fabric.links.flatMap(({ ends: [a, b] }) =>
      [
        [a, b],
        [b, a],
      ].flatMap(([own, far]) => {
        const router = fabric.nodes.find((node) => node.name === far?.node && node.plane === name);
        return own?.node === edge && router !== undefined ? [`${router.name}: "${far?.address}"`] : [];
      }),
    );
    return `${name}: { ${targets.join(", ")} }`;
  });
  return [
    'targets: { outside: "3fff:250::80" }',
    'web: { page: "http://native.v6.example/" }',
    'translated: { old: "http://only-a.v4.example/" }',
    `pref64: [{ prefix: "${PREF64}", at: note }]`,
    "ownResolvers: false",
    `planes: { ${planes.join(", ")} }`,
    "",
  ].join("\n");
}
