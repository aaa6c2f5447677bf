import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import { crashNode, killProgram, restoreNode, startProgram, stopProgram } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import type { Scenario } from "../scenario.ts";
import { createSrv6Home } from "../services/users.ts";
import type { FlowFigures } from "../traffic.ts";
import { tryStrangers } from "./access-strangers.ts";
import { controllerNodeName } from "./pick.ts";
import { timeEchoes, timeUntilCut, type UserUse, waitCounted, waitServed } from "./served.ts";

const POOL = "2001:db8:e100::/40";
/** Packets a second, each way. */
const RATE = 200;
/** What the death of a router may cost a user: BFD, BGP, and room for a busy machine. */
const MOVE_MS = 3_000;

const srv6: Scenario = {
  name: "access-srv6",
  summary:
    "users apply for SRv6 access and packets flow; strangers get no further than the borders; one is revoked and cut off; controller, agent and a whole router die, the other user stays",
  fabric: "examples/access.yaml",
  run: async (context) => {
    const { lab } = context;
    const point = lab.fabric.services?.access?.find(({ name }) => name === "east");
    if (point?.srv6 === undefined) throw new LabError("lab/fabric", "access point east with SRv6 is wanted");
    const { sid } = point.srv6;
    const otherSid = lab.fabric.services?.access?.find(({ name }) => name !== "east")?.srv6?.sid;
    if (otherSid === undefined) throw new LabError("lab/fabric", "a second point with SRv6 is wanted");
    const [first = "", second = ""] = point.routers;
    const timesMs: Record<string, number> = {};
    const flows: FlowFigures[] = [];
    await context.ctl("pool", "create", "east", "--purpose", "srv6", "--prefix", POOL);
    await context.ctl("service", "set", "srv6-access", "--approval", "auto");
    const homes = [await createSrv6Home(lab, 1), await createSrv6Home(lab, 2)] as const;
    const users: { id: number; address: string }[] = [];
    for (const [i, home] of homes.entries()) {
      const user = `user${i + 1}`;
      await context.ctl("user", "create", user);
      context.step(`${user} applies`);
      const begunMs = performance.now();
      const args = [
        "application",
        "create",
        user,
        "srv6-access",
        "--device",
        "home",
        "--endpoint",
        home.endpoint,
      ];
      const { id, prefixes } = (await context.ctlJson(...args)) as ApplicationAnswer;
      const address = await home.settle(prefixes[0] ?? "", sid);
      const reached = await timeEchoes(context, "edge-1", address, true, 10_000);
      context.check(reached >= 0, `${user} was not reached`);
      timesMs[`${user}: command to echo`] = Math.round(performance.now() - begunMs);
      users.push({ id, address });
    }
    const [alice, bob] = users;
    if (alice === undefined || bob === undefined) throw new LabError("lab/scenario", "two users are wanted");
    for (const { id } of users) await waitServed(context, id, point.routers);

    const both = async (label: string) => [
      await context.flow("edge-1", homes[0].host, RATE, {
        destination: alice.address,
        label: `to the user, ${label}`,
      }),
      await context.flow(homes[0].host, "edge-1", RATE, {
        source: alice.address,
        label: `from the user, ${label}`,
      }),
    ];
    const strangers = await tryStrangers(context, {
      ...{ sid, otherSid, routers: point.routers },
      user: { ...homes[0], address: alice.address },
      other: { ...homes[1], address: bob.address },
    });

    context.step("user2 is revoked while user1's packets flow");
    const others = await both("another is revoked");
    await context.sleep(500);
    await context.ctl("application", "revoke", String(bob.id));
    timesMs["revoked, after the command"] = await timeEchoes(context, "edge-1", bob.address, false, 10_000);
    timesMs["nothing from him, after that"] = await timeUntilCut(
      context,
      homes[1].host,
      "edge-1",
      bob.address,
      10_000,
    );
    const cut = await context.flow(homes[1].host, "edge-1", RATE, {
      source: bob.address,
      label: "from the revoked",
    });
    await context.sleep(500);
    const revoked = await cut.stop();
    context.check(revoked.received === 0, `${revoked.received} packets of a revoked user came through`);
    flows.push(...(await context.account(others)));

    context.step("the controller is stopped for five seconds");
    const noc = controllerNodeName(lab.fabric);
    const alone = await both("without controller");
    await context.sleep(300);
    await stopProgram(lab, noc, "controller");
    await context.sleep(5_000);
    context.step(`without a controller the agent of ${first} is killed`);
    await killProgram(lab, first, "agent");
    await context.sleep(4_000);
    await startProgram(lab, noc, "controller");
    await context.converge(60_000);
    flows.push(...(await context.account(alone)));
    await waitServed(context, alice.id, point.routers);

    context.step(`${first} dies`);
    const moving = await both(`${first} dies`);
    await context.sleep(500);
    await crashNode(lab, first);
    await context.sleep(MOVE_MS + 2_000);
    const moved = await context.account(moving, (RATE * MOVE_MS) / 1000);
    for (const { label, maxGapMs } of moved) {
      timesMs[`longest silence ${label}`] = Math.round(maxGapMs);
      context.check(maxGapMs <= MOVE_MS, `${label}: ${maxGapMs} ms of silence`);
    }
    flows.push(...moved);
    context.step(`${first} comes back`);
    await restoreNode(lab, first);
    await context.converge(90_000);
    await waitServed(context, alice.id, [first, second]);
    const passed = (use: UserUse): boolean => (use.rxPackets ?? 0) > 0 && (use.txPackets ?? 0) > 0;
    const shown = await waitCounted(context, alice.id, passed);
    context.check((shown.use?.rxPackets ?? 0) > 0, "nothing was counted from the user");
    context.check((shown.use?.txPackets ?? 0) > 0, "nothing was counted to the user");
    return { flows, timesMs, other: { use: shown.use, routers: shown.routers, strangers } };
  },
};

export const ACCESS_SRV6_SCENARIOS: readonly Scenario[] = [srv6];
