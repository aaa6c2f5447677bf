import { crashNode } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { countUsers } from "../services/count-users.ts";
import { V4_NODE } from "../services/outside.ts";
import { createHost, createHost4 } from "../services/user-hosts.ts";
import { applyForVpn, connectVpn, type VpnDevice } from "../services/vpn-devices.ts";
import type { FlowFigures } from "../traffic.ts";
import { timeEchoes, timeUntilCut, waitCounted, waitServed } from "./served.ts";

/** Packets a second, each way. */
const RATE = 100;
/**
 * What the death of a router may cost a VPN device, in seconds of packets: it notices that nobody answers after 15 s (WireGuard's
 * KEEPALIVE_TIMEOUT and REKEY_TIMEOUT), shakes hands with the next router, and has room for a busy machine.
 */
const MOVE_S = 30;

/** Counts WireGuard's packets that pass the IPv4 Internet, to the published address and from it. */
async function countV4(
  { lab }: ScenarioContext,
  address: string,
  port: number,
): Promise<() => Promise<{ readonly to: number; readonly from: number }>> {
  const nft = (...args: readonly string[]): Promise<string> => {
    const [file = "ip", ...words] = inNamespace(namespaceName(lab.name, V4_NODE), ["nft", ...args]);
    return mustRun(file, words);
  };
  const rules = [
    "add table ip vtvpn",
    "add counter ip vtvpn to",
    "add counter ip vtvpn from",
    "add chain ip vtvpn seen { type filter hook forward priority 0; }",
    `add rule ip vtvpn seen ip daddr ${address} udp dport ${port} counter name to`,
    `add rule ip vtvpn seen ip saddr ${address} udp sport ${port} counter name from`,
  ];
  await nft(rules.join("; "));
  const read = async (name: string): Promise<number> =>
    Number(/packets (\d+)/.exec(await nft("list", "counter", "ip", "vtvpn", name))?.[1] ?? -1);
  return async () => ({ to: await read("to"), from: await read("from") });
}

const vpn: Scenario = {
  name: "access-vpn",
  summary:
    "VPN devices by vsixctl and wg-quick, one of them with IPv4 only through SIIT-DC: packets both ways; one is revoked and cut off; the router dies, the other device goes on by the next",
  fabric: "test/lab/fixtures/vpn.yaml",
  run: async (context) => {
    const { lab, check } = context;
    const [point] = lab.fabric.services?.access ?? [];
    const [device] = point?.wireguard ?? [];
    const published = lab.fabric.services?.siitDc?.mappings.find(({ v6 }) => v6 === device?.endpoint);
    const world = lab.fabric.nodes.find(({ role }) => role === "upstream");
    if (point === undefined || device === undefined || published === undefined || world === undefined)
      throw new LabError("lab/fabric", "an upstream and a VPN endpoint that is published are wanted");
    const [first = "", second = ""] = point.routers;
    const timesMs: Record<string, number> = {};
    const flows: FlowFigures[] = [];
    await context.ctl("pool", "create", "vpn", "--purpose", "vpn-address", "--prefix", device.pools[0] ?? "");
    await context.ctl("service", "set", "remote-access-vpn", "--approval", "auto");
    await createHost(lab, world.name, "laptop", "3fff:250:b1::");
    await createHost4(lab, "phone");
    const seenV4 = await countV4(context, published.v4, device.port);

    const connect = async (user: string, host: string, words: readonly string[]): Promise<VpnDevice> => {
      await context.ctl("user", "create", user);
      context.step(`${user} makes a key, applies and connects`);
      const begunMs = performance.now();
      const one = await applyForVpn(context, user, host);
      await connectVpn(context, one, { words });
      const reached = await timeEchoes(context, world.name, one.address, true, 20_000);
      check(reached >= 0, `${user} was not reached`);
      timesMs[`${user}: from keygen to echo`] = Math.round(performance.now() - begunMs);
      await waitServed(context, one.id, point.routers);
      return one;
    };
    const laptop = await connect("alice", "laptop", []);
    const phone = await connect("bob", "phone", ["--ipv4", "--keepalive", "25"]);
    const passed = await Promise.all(
      [first, second].map((router) => countUsers(lab, router, "forward", [laptop.address, phone.address])),
    );
    const both = async ({ host, address }: VpnDevice, label: string) => [
      await context.flow(world.name, host, RATE, { destination: address, label: `to ${host}, ${label}` }),
      await context.flow(host, world.name, RATE, { source: address, label: `from ${host}, ${label}` }),
    ];

    context.step("packets both ways, by IPv6 and by IPv4");
    const v4Before = await seenV4();
    const served = [...(await both(laptop, "served")), ...(await both(phone, "served"))];
    await context.sleep(3_000);
    const counted = await context.account(served);
    const v4After = await seenV4();
    flows.push(...counted);
    const [toPhone, fromPhone] = counted.filter(({ label }) => label.includes("phone"));
    const v4 = { to: v4After.to - v4Before.to, from: v4After.from - v4Before.from };
    check(
      v4.to >= (fromPhone?.sent ?? Infinity) && v4.from >= (toPhone?.sent ?? Infinity),
      `by IPv4 went ${v4.to} and came ${v4.from}, fewer than the phone's packets`,
    );

    context.step("alice is revoked while bob's packets flow");
    const others = await both(phone, "another is revoked");
    const mine = await context.flow(laptop.host, world.name, RATE, {
      source: laptop.address,
      label: "from laptop, until revoked",
    });
    await context.sleep(500);
    const begunMs = performance.now();
    await context.ctl("application", "revoke", `${laptop.id}`);
    timesMs["the command that revokes"] = Math.round(performance.now() - begunMs);
    timesMs["revoked, after the command"] = await timeEchoes(
      context,
      world.name,
      laptop.address,
      false,
      10_000,
    );
    flows.push(await mine.stop());
    timesMs["nothing from him, after that"] = await timeUntilCut(
      context,
      laptop.host,
      world.name,
      laptop.address,
      10_000,
    );
    const cut = await context.flow(laptop.host, world.name, RATE, {
      source: laptop.address,
      label: "from the revoked",
    });
    await context.sleep(1_000);
    const revoked = await cut.stop();
    check(revoked.sent > 0 && revoked.received === 0, `${revoked.received} packets of a revoked device came`);
    flows.push(revoked, ...(await context.account(others)));

    context.step(`${first} dies`);
    const moving = await both(phone, `${first} dies`);
    await context.sleep(500);
    const [, atSecond] = passed;
    const beforehand = (await atSecond?.())?.get(phone.address);
    check(beforehand === 0, `${beforehand} packets went by ${second} while ${first} worked`);
    await crashNode(lab, first);
    for (let look = 0; look < MOVE_S * 2 && (await atSecond?.())?.get(phone.address) === 0; look++)
      await context.sleep(500);
    await context.sleep(1_000);
    const moved = await context.account(moving, RATE * MOVE_S);
    for (const { label, maxGapMs } of moved) timesMs[`longest silence ${label}`] = Math.round(maxGapMs);
    flows.push(...moved);
    const after = await both(phone, `by ${second}`);
    await context.sleep(2_000);
    flows.push(...(await context.account(after)));

    const { use } = await waitCounted(context, phone.id, (told) => told.handshakeAt !== null);
    check(typeof use?.handshakeAt === "string", "no router tells of a handshake");
    check((use?.rxOctets ?? 0) > 0, "no router has counted what the phone sent");
    const byRouter = await Promise.all(passed.map((read) => read()));
    check((byRouter[1]?.get(phone.address) ?? 0) > 0, `nothing of the phone went by ${second}`);
    return {
      flows,
      timesMs,
      other: {
        "the phone's packets by IPv4": v4,
        "passed on for the phone": Object.fromEntries(
          point.routers.map((router, i) => [router, byRouter[i]?.get(phone.address)]),
        ),
        use,
      },
    };
  },
};

export const ACCESS_VPN_SCENARIOS: readonly Scenario[] = [vpn];
