import { isDeepStrictEqual } from "node:util";
import type { EventReport } from "@vsix/controller/core/report/model.ts";
import type { ApplicationAnswer } from "@vsix/controller/http/schemas-account.ts";
import { crashNode } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import {
  type CampUser,
  fewAtATime,
  joinByTunnel,
  joinByVpn,
  type TunnelWish,
  type VpnWish,
} from "../services/camp-users.ts";
import { countUsers, type UserCounts, type Way } from "../services/count-users.ts";
import { type EchoFigures, sendEchoes } from "../services/user-echoes.ts";
import { createHost } from "../services/user-hosts.ts";

/** What the report tells of its event, Camp-Net: 14 new users, 11 tunnels (176 /64), 30 VPN devices. */
const ACCOUNTS = 14;
const TUNNELS = 11;
const DEVICES = 30;
/** Of the tunnels, so many at the first point. */
const BY_NGN = 6;

/** Echoes of each user while all are there, and while a router dies. */
const ECHOES = { count: 20, everyS: 0.5 };
const DYING = { count: 70, everyS: 1 };
/**
 * How many of those the death of his router may cost a user. By tunnel: until BGP leads elsewhere. By VPN: also until the device notices,
 * after 15 s of silence (WireGuard's KEEPALIVE_TIMEOUT and REKEY_TIMEOUT). Both with room for a guest of one slow processor.
 */
const LOST_AT_MOST = { "generic-tunneling": 20, "remote-access-vpn": 45 };
/** Clients at work at the same time: each of them is a program that starts. */
const AT_A_TIME = 5;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const received = (all: readonly EchoFigures[]): number => sum(all.map((one) => one.received));
const lostOf = ({ sent, received: back }: EchoFigures): number => sent - back;

/** From the beginning of an application (for a VPN: of its key), stage by stage: the least, the middle and the most of all users of a service. */
function timesOf(users: readonly CampUser[], service: CampUser["service"]): Readonly<Record<string, number>> {
  const all = users.filter((user) => user.service === service).map(({ timesMs }) => timesMs);
  const stages = ["answered", "connected", "served"] as const;
  const told = stages.flatMap((stage) => {
    const sorted = all.map((times) => times[stage]).toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? -1;
    const name = `${service}, ${stage}`;
    return [
      [`${name}: best`, at(0)],
      [`${name}: median`, at(0.5)],
      [`${name}: worst`, at(1)],
    ] as const;
  });
  return Object.fromEntries(told);
}

/** Users come: accounts, applications, tunnels and VPN devices, all of it as they do it themselves. */
async function come(context: ScenarioContext, world: string): Promise<readonly CampUser[]> {
  const points = pointsOf(context);
  for (const { name, site, pool } of [
    { name: "ngn", site: "fujisawa", pool: "2001:db8:e000::/40" },
    { name: "wide", site: "note", pool: "2001:db8:c000::/40" },
  ])
    await context.ctl("pool", "create", name, "--purpose", "tunnel", "--prefix", pool, "--site", site);
  await context.ctl("pool", "create", "vpn", "--purpose", "vpn-address", "--prefix", points.vpnPool);
  for (const service of ["generic-tunneling", "remote-access-vpn"])
    await context.ctl("service", "set", service, "--approval", "auto", "--per-user", "50");
  const names = Array.from({ length: ACCOUNTS }, (_, n) => `user${n + 1}`);
  context.step(`${ACCOUNTS} users`);
  await fewAtATime(names, AT_A_TIME, (name) => context.ctl("user", "create", name));

  const tunnels = Array.from({ length: TUNNELS }, (_, n): TunnelWish => {
    const byNgn = n < BY_NGN;
    return {
      user: names[n] ?? "",
      host: `home-${n + 1}`,
      upstream: byNgn ? "ngn" : "wide",
      network: `3fff:${byNgn ? 251 : 250}:a${(n + 1).toString(16)}::`,
      site: byNgn ? "fujisawa" : "note",
      point: byNgn ? points.ngn : points.wide,
    };
  });
  const devices = Array.from({ length: DEVICES }, (_, n): VpnWish => {
    const network = `3fff:250:b${(n + 1).toString(16).padStart(2, "0")}::`;
    const user = names[n % ACCOUNTS] ?? "";
    return { user, host: `phone-${n + 1}`, upstream: "wide", network, point: points.wide.name };
  });
  context.step(`${TUNNELS + DEVICES} hosts`);
  await fewAtATime([...tunnels, ...devices], AT_A_TIME, ({ upstream, host, network }) =>
    createHost(context.lab, upstream, host, network),
  );
  const told = (user: CampUser): CampUser => {
    context.note(`${user.host}: ${JSON.stringify(user.timesMs)} ms`);
    return user;
  };
  context.step(`${TUNNELS} tunnels`);
  const byTunnel = await fewAtATime(tunnels, AT_A_TIME, async (wish) =>
    told(await joinByTunnel(context, wish, world)),
  );
  context.step(`${DEVICES} VPN devices`);
  const byVpn = await fewAtATime(devices, AT_A_TIME, async (wish) =>
    told(await joinByVpn(context, wish, world)),
  );
  return [...byTunnel, ...byVpn];
}

function pointsOf({ lab: { fabric } }: ScenarioContext) {
  const pointOf = (name: string) => {
    const point = fabric.services?.access?.find((one) => one.name === name);
    const address = point?.tunnel?.address;
    if (point === undefined || address === undefined)
      throw new LabError("lab/fabric", `an access point ${name} with tunnels is wanted`);
    return { ...point, address };
  };
  const [ngn, wide] = [pointOf("ngn"), pointOf("wide")];
  const [device] = wide.wireguard;
  if (device === undefined) throw new LabError("lab/fabric", "access point wide with a VPN is wanted");
  return { ngn, wide, vpnPool: device.pools[0] ?? "" };
}

/** What is wrong with the report's figures for access, against what was done; empty: nothing. */
function wrongIn({ access }: EventReport): readonly string[] {
  if (access === null) return ["the report knows of no access service"];
  const of = <T extends { readonly service: string }>(rows: readonly T[], service: string) =>
    rows.find((row) => row.service === service);
  const told = (service: string) => {
    const { made, refused, revoked, living } = of(access.applications, service) ?? {};
    const { issued, active } = of(access.prefixes, service) ?? {};
    return { made, refused, revoked, living, issued, active };
  };
  const did = (count: number, equivalents64: number) => {
    const prefixes = { count, equivalents64 };
    return { made: count, refused: 0, revoked: 0, living: count, issued: prefixes, active: prefixes };
  };
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["accounts", access.accounts, { all: ACCOUNTS, fresh: ACCOUNTS, removed: 0 }],
    ["generic-tunneling", told("generic-tunneling"), did(TUNNELS, TUNNELS * 16)],
    ["remote-access-vpn", told("remote-access-vpn"), did(DEVICES, 0)],
    ["tunnels at once", access.peakTunnels, TUNNELS],
    ["VPN devices at once", access.peakPeers, DEVICES],
  ];
  return pairs.flatMap(([what, is, was]) =>
    isDeepStrictEqual(is, was)
      ? []
      : [`the report tells ${what} ${JSON.stringify(is)}, it was ${JSON.stringify(was)}`],
  );
}

/** Asks for the report until its figures are right: minutes are told when they are over. */
async function reportOf(context: ScenarioContext): Promise<EventReport> {
  for (let attempt = 0; ; attempt++) {
    const report = (await context.ctlJson("report", "--last", "3h", "--event", "Camp")) as EventReport;
    const wrong = wrongIn(report);
    if (wrong.length === 0 || attempt === 20) {
      for (const one of wrong) context.check(false, one);
      return report;
    }
    await context.sleep(5_000);
  }
}

const camp: Scenario = {
  name: "access-camp",
  summary:
    "the report's event: four access routers at three sites, 11 tunnels and 30 VPN devices at once, packets counted per user, a router dies and the next serves its users, the report's figures",
  fabric: "test/lab/fixtures/camp.yaml",
  long: true,
  kernel: {
    makes: [["wireguard"], ["ip6tnl", "remote", "::1"]],
    memory: "4096M",
    limitS: 2400,
    convergeS: 600,
  },
  run: async (context) => {
    const { check } = context;
    const world = context.lab.fabric.nodes.find(({ name }) => name === "wide")?.loopback ?? "";
    const { ngn, wide } = pointsOf(context);
    const begunMs = performance.now();
    const users = await come(context, world);
    const joinedMs = Math.round(performance.now() - begunMs);
    const addresses = users.map(({ address }) => address);
    check(new Set(addresses).size === TUNNELS + DEVICES, "two users were given the same address");
    for (const { host, timesMs } of users) check(timesMs.served >= 0, `${host} does not reach the world`);

    const routers = [...ngn.routers, ...wide.routers];
    const atWorld = await countUsers(context.lab, "wide", "input", addresses);
    const passed = await Promise.all(
      routers.map((router) => countUsers(context.lab, router, "forward", addresses)),
    );
    const passedBy = async (way: Way): Promise<ReadonlyMap<string, UserCounts>> => {
      const counts = await Promise.all(passed.map((read) => read(way)));
      return new Map(routers.map((router, i) => [router, counts[i] ?? new Map()]));
    };
    const routersOf = ({ point }: CampUser): readonly string[] =>
      point === ngn.name ? ngn.routers : wide.routers;

    context.step(`all ${users.length} at once`);
    const together = await Promise.all(
      users.map(({ host, address }) => sendEchoes(context.lab, host, address, world, ECHOES)),
    );
    const arrived = await atWorld();
    const passedFrom = await passedBy("from");
    const passedTo = await passedBy("to");
    for (const [i, user] of users.entries()) {
      const echo = together[i] ?? { sent: 0, received: 0 };
      const [first = "", second = ""] = routersOf(user);
      const seen = arrived.get(user.address) ?? 0;
      check(lostOf(echo) === 0, `${user.host}: ${echo.received} of ${echo.sent} echoes came back`);
      check(seen === echo.sent, `${user.host}: ${seen} of ${echo.sent} packets came to the world`);
      for (const [way, counts, wanted] of [
        ["from", passedFrom, echo.sent],
        ["to", passedTo, echo.received],
      ] as const) {
        const by = [first, second].map((router) => counts.get(router)?.get(user.address) ?? 0);
        check(
          by[0] === wanted && by[1] === 0,
          `${first} passed on ${by[0]} packets ${way} ${user.host} and ${second} ${by[1]}, ${wanted} and 0 wanted`,
        );
      }
    }

    const [dying = "", heir = ""] = wide.routers;
    context.step(`${dying} dies`);
    const moving = Promise.all(
      users.map(({ host, address }) => sendEchoes(context.lab, host, address, world, DYING)),
    );
    await context.sleep(5_000);
    const crash = crashNode(context.lab, dying);
    const moved = await moving;
    await crash;
    const heirFrom = (await passedBy("from")).get(heir);
    const heirTo = (await passedBy("to")).get(heir);
    for (const [i, user] of users.entries()) {
      const lost = lostOf(moved[i] ?? { sent: 1, received: 0 });
      const most = user.point === wide.name ? LOST_AT_MOST[user.service] : 0;
      check(lost <= most, `${user.host} lost ${lost} packets when ${dying} died, at most ${most} allowed`);
      if (user.point !== wide.name) continue;
      check((heirFrom?.get(user.address) ?? 0) > 0, `nothing of ${user.host} went by ${heir}`);
      check((heirTo?.get(user.address) ?? 0) > 0, `nothing to ${user.host} went by ${heir}`);
    }
    context.step(`everybody again, without ${dying}`);
    const after = await Promise.all(
      users.map(({ host, address }) => sendEchoes(context.lab, host, address, world, ECHOES)),
    );
    for (const [i, { host }] of users.entries()) {
      const echo = after[i] ?? { sent: 1, received: 0 };
      check(lostOf(echo) === 0, `${host} by ${heir}: ${echo.received} of ${echo.sent} echoes came back`);
    }

    context.step("vsixctl report");
    const { access } = await reportOf(context);
    const list = (await context.ctlJson("tunnel", "list")) as { applications: readonly ApplicationAnswer[] };
    const told = list.applications.map(({ use }) => use?.rxPackets ?? 0);
    const lostBy = (which: (user: CampUser) => boolean): readonly number[] =>
      users.flatMap((user, i) => (which(user) ? [lostOf(moved[i] ?? { sent: 0, received: 0 })] : []));
    return {
      flows: [],
      timesMs: {
        "all joined": joinedMs,
        ...timesOf(users, "generic-tunneling"),
        ...timesOf(users, "remote-access-vpn"),
      },
      other: {
        access,
        "echoes together": { sent: sum(together.map(({ sent }) => sent)), received: received(together) },
        "lost when a router died": {
          "its tunnels": lostBy(({ point, service }) => point === "wide" && service === "generic-tunneling"),
          "its VPN devices": lostBy(({ service }) => service === "remote-access-vpn"),
          "tunnels of the other point": lostBy(({ point }) => point === "ngn"),
        },
        "echoes by the next router": { sent: sum(after.map(({ sent }) => sent)), received: received(after) },
        "packets from tunnels, by routers' word": sum(told),
      },
    };
  },
};

export const ACCESS_CAMP_SCENARIOS: readonly Scenario[] = [camp];
