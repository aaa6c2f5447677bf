import { isOnline, lookInto, placeRouter, waitFor } from "../machines/place-router.ts";
import type { Firmware } from "../machines/virtual-machine.ts";
import { namespaceName } from "../names.ts";
import { observePlanes } from "../observe.ts";
import { inNamespace, run } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";

const BOOT_MS = 1_200_000;
const ECHOES = 300;

async function takePlace(context: ScenarioContext, firmware: Firmware): Promise<Figures> {
  const { lab, check } = context;
  const edge = ownEdge(lab.fabric);
  await using machine = await placeRouter(context, edge.name, [], firmware);
  const timesMs: Record<string, number> = {};
  const since = (): number => Math.round(performance.now() - machine.startedMs);
  // Signing in costs a translated processor seconds each time: what the controller says is asked until it is so, the machine only once.
  await waitFor(context, machine, "the controller hears it", BOOT_MS, () => isOnline(context, edge.name));
  timesMs["power to the controller"] = since();
  await context.converge(BOOT_MS);
  timesMs["power to an Edge as the controller wants it"] = since();

  const upstream = anUpstream(lab.fabric);
  const from = namespaceName(lab.name, upstream.name);
  context.step(`echoes from ${upstream.name}, and a move to the other plane`);
  const { home, away } = planesOf(lab.fabric, edge);
  const echo = run(
    ...split(
      inNamespace(from, ["ping", "-6", "-q", "-n", "-i", "0.02", "-c", String(ECHOES), edge.loopback]),
    ),
  );
  await context.sleep(1_000);
  const before = await observePlanes(lab, edge.name);
  await context.ctl("edge", "steer", edge.name, "--plane", away);
  await context.sleep(2_000);
  const after = await observePlanes(lab, edge.name);
  const received = Number(/(\d+) received/.exec((await echo).stdout)?.[1] ?? 0);
  check(received === ECHOES, `${ECHOES - received} of ${ECHOES} echoes were lost`);
  check(before.outbound === home && before.inbound === home, `before: ${JSON.stringify(before)}`);
  check(after.outbound === away && after.inbound === away, `after: ${JSON.stringify(after)}`);

  context.step("a look into the machine");
  const { stdout } = await machine.do(
    "cloud-init status --wait --long; sudo test ! -e /etc/vsix/claim && echo claim gone; test -d /sys/firmware/efi && echo by UEFI",
    BOOT_MS,
  );
  check(/^status: done$/m.test(stdout), `cloud-init: ${stdout.trim()}`);
  check(/^claim gone$/m.test(stdout), "the claim is still there");
  const booted = /^by UEFI$/m.test(stdout) ? "uefi" : "bios";
  check(booted === firmware, `it was booted by ${booted}`);
  return {
    flows: [],
    timesMs,
    planes: { before, after },
    other: { echoes: `${received} of ${ECHOES}`, machine: await lookInto(machine) },
  };
}

const split = ([file = "", ...args]: readonly string[]): [string, readonly string[]] => [file, args];

const ON_MACHINES = { fabric: "test/lab/fixtures/machines.yaml", long: true } as const;

export const IMAGE_ROUTER_SCENARIOS: readonly Scenario[] = [
  {
    ...ON_MACHINES,
    name: "image-router",
    summary:
      "the router image boots in QEMU on an Edge's cables, enrols by a claim and takes the Edge's place: echoes pass and it is steered; on demand, needs images/build router",
    run: (context) => takePlace(context, "bios"),
  },
  {
    ...ON_MACHINES,
    name: "image-uefi",
    summary:
      "image-router, booted by UEFI (OVMF) instead of a BIOS; on demand, needs images/build router and ovmf",
    run: (context) => takePlace(context, "uefi"),
  },
];
