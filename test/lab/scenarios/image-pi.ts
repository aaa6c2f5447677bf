import { join } from "node:path";
import type { AdvertisementFacts } from "@vsix/agent/core/health/model.ts";
import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import { parseAddress4 } from "@vsix/shared/net/ip4.ts";
import { embedText, WELL_KNOWN_PREFIX } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { LabError } from "../lab-error.ts";
import { ENDPOINT, HOST_NODE, type Home, startHome } from "../machines/home.ts";
import { checkUnits, resetByCard, statusPage } from "../machines/look-at-home.ts";
import { lookInto, placeRouter, waitFor } from "../machines/place-router.ts";
import type { VirtualMachine } from "../machines/virtual-machine.ts";
import { NODE, namespaceName } from "../names.ts";
import { controllerNode, enrolUrl } from "../programs.ts";
import { inNamespace, mustRun, run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { ask } from "../services/client.ts";
import { GLOBAL4, NAMES } from "../services/zones.ts";

/** Two processors that translate another machine's code take minutes. */
const PATIENCE_MS = 1_500_000;

const inHome = ({ lab }: ScenarioContext, ...words: readonly string[]): [string, readonly string[]] => {
  const [file = NODE, ...args] = inNamespace(namespaceName(lab.name, HOST_NODE), words);
  return [file, args];
};

interface Enrolled {
  readonly home: Home;
  readonly access: string;
  readonly token: string;
  /** Of the host in its LAN. */
  readonly address: string | undefined;
  readonly timesMs: Record<string, number>;
  readonly since: () => number;
  readonly page: object;
}

/** Power until a host in the LAN has an address, and what the status page says then. */
async function enrolHome(context: ScenarioContext, architecture: "arm64" | "amd64"): Promise<Enrolled> {
  const { lab } = context;
  const point = lab.fabric.services?.access?.[0];
  const [access] = point?.routers ?? [];
  if (access === undefined) throw new LabError("lab/fabric", "an access point is wanted");
  const pool = ["--purpose", "tunnel", "--prefix", "2001:db8:e000::/40"];
  await context.ctl("pool", "create", point?.name ?? "", ...pool);
  await context.ctl("service", "set", "generic-tunneling", "--approval", "auto");
  await context.ctl("user", "create", "alice");
  const wish = ["--device", "pi", "--endpoint", ENDPOINT];
  const { id, prefixes } = (await context.ctlJson(
    ...["application", "create", "alice", "generic-tunneling"],
    ...wish,
  )) as ApplicationAnswer;
  const at = enrolUrl(controllerNode(lab.fabric).loopback);
  const { token } = (await context.ctlJson("application", "claim", String(id), "--at", at)) as {
    token: string;
  };
  const home = await startHome(context, token, architecture);
  const { machine } = home;
  const timesMs: Record<string, number> = {};
  const since = (): number => Math.round(performance.now() - machine.startedMs);
  try {
    context.step("it boots, enrols and gets its document");
    const network = (prefixes[0] ?? "").replace(/::\/\d+$/, "");
    const words = ["ip", "-6", "-o", "address", "show", "dev", "net0", "scope", "global"];
    let address: string | undefined;
    const hasOne = async (): Promise<boolean> => {
      const shown = await mustRun(...inHome(context, ...words));
      address = new RegExp(`inet6 (${network}\\S*)/64`).exec(shown)?.[1];
      return address !== undefined;
    };
    await waitFor(context, machine, "the host has an address", PATIENCE_MS, hasOne);
    timesMs["power to an address for the host"] = since();
    context.step("the status page, without an access router");
    const page = await statusPage(context);
    return { home, access, token, address, timesMs, since, page };
  } catch (error) {
    await home[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whether the claim is gone, what runs with how much memory, units and a reset. */
async function lookAtAll(context: ScenarioContext, machine: VirtualMachine, token: string): Promise<object> {
  const { check } = context;
  context.step("a look into the machine");
  const { stdout } = await machine.do(
    "cloud-init status --wait --long; sudo cat /boot/firmware/user-data",
    PATIENCE_MS,
  );
  check(/^status: done$/m.test(stdout), `cloud-init: ${stdout.slice(0, 2000)}`);
  check(!stdout.includes(token), "the claim is still on the boot partition");
  const page = await statusPage(context);
  const inside = await lookInto(machine);
  const units = await checkUnits(context, machine);
  context.step("a factory reset by a file on its card");
  return { inside, page, units, reset: await resetByCard(context, machine) };
}

const pi: Scenario = {
  name: "image-pi",
  summary:
    "the Raspberry Pi image boots in QEMU behind a provider, enrols by its claim and gets its document; a host behind it gets an address, a DNS64 answer and a ping through, by an access router that is the router image; the status page tells it, and a file on the card resets it; on demand, needs images/build pi and router",
  fabric: "test/lab/fixtures/pi.yaml",
  long: true,
  run: async (context) => {
    const { lab, check } = context;
    const enrolled = await enrolHome(context, "arm64");
    await using home = enrolled.home;
    const { machine } = home;
    const { access, timesMs, since } = enrolled;

    context.step(`${access} becomes a machine that has ip6tnl`);
    // Only now: two machines at once would share two processors.
    await using router = await placeRouter(context, access, []);
    const script = join(import.meta.dirname, "../services/hear-router.ts");
    const heard = JSON.parse(await mustRun(...inHome(context, NODE, script, "net0"))) as AdvertisementFacts;
    const [resolver = ""] = heard.said?.resolvers ?? [];
    check(heard.said?.pref64.join() === WELL_KNOWN_PREFIX, `told Pref64 ${heard.said?.pref64.join()}`);
    const prefix = parsePrefix(WELL_KNOWN_PREFIX);
    if (prefix === undefined) throw new LabError("lab/scenario", "no prefix");
    const host = embedText(prefix, parseAddress4(GLOBAL4) ?? 0);
    const echo = (to: string, count: number) =>
      run(...inHome(context, "ping", "-6", "-n", "-q", "-c", String(count), "-i", "0.2", "-W", "2", to));
    context.step("a ping through, and DNS64");
    await waitFor(
      context,
      machine,
      "a ping through",
      PATIENCE_MS,
      async () => (await echo(resolver, 1)).code === 0,
    );
    timesMs["power to a ping through"] = since();
    const [asked] = await ask(lab, resolver, [`AAAA/${NAMES.globalA}`], HOST_NODE);
    check(asked?.answers.join() === host, `${NAMES.globalA} is ${JSON.stringify(asked)}, not ${host}`);
    const pinged = (await echo(host, 10)).stdout;
    check(/ 10 received/.test(pinged), `translated echoes: ${pinged}`);
    const looked = await lookAtAll(context, machine, enrolled.token);
    return {
      flows: [],
      timesMs,
      other: {
        address: enrolled.address,
        told: heard.said,
        dns64: asked,
        pinged: pinged.split("\n").slice(-3),
        pageBefore: enrolled.page,
        ...looked,
        router: await lookInto(router),
      },
    };
  },
};

const onRouter: Scenario = {
  name: "image-home",
  summary:
    "the seed of a Raspberry Pi on the router image, whose Debian and units are the same: it enrols, a host gets an address, the status page answers, no unit fails, and a file on the card resets it; on demand, needs images/build router",
  fabric: "test/lab/fixtures/pi.yaml",
  long: true,
  run: async (context) => {
    const { home, address, token, timesMs, page } = await enrolHome(context, "amd64");
    await using taken = home;
    const looked = await lookAtAll(context, taken.machine, token);
    return { flows: [], timesMs, other: { address, pageBefore: page, ...looked } };
  },
};

export const IMAGE_PI_SCENARIOS: readonly Scenario[] = [pi, onRouter];
