import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Condition } from "@vsix/shared/contract/up.ts";
import { insideNamespace, ip, ipJson, veth } from "../kernel/in-namespace.ts";
import { AgentHost } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { AGGREGATE, document, fabricPart, PLANE_PORT, port, SID } from "./documents.ts";
import { dumpKernel, makePorts, nft } from "./kernel-dump.ts";

const BLACKHOLE_METRIC = "4000000";
const OWN = "118";

/** What stands in the way of our own objects, made by somebody else. */
const FOREIGN = {
  route: ["-6", "route", "add", "blackhole", AGGREGATE, "metric", BLACKHOLE_METRIC, "proto", "99"],
  sid: ["-6", "route", "add", `${SID}/128`, "dev", PLANE_PORT, "metric", "1024", "proto", "99"],
} as const;

if (await insideNamespace("agent-kernel", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const conditionOf = (object: string) => (list: readonly Condition[]) =>
    list.find((condition) => condition.object === object);
  const ownRoutes = (): readonly unknown[] =>
    ipJson(["-6", "route", "show", "table", "all", "proto", OWN]).map(({ dst }) => dst);

  test("objects of others in the way are named with errno and reason; all else is made; gone, ours come by themselves", async () => {
    ip(FOREIGN.route);
    const before = ipJson(["-6", "route", "show", "proto", "99"]);
    await host.startGobgpd();
    await host.start();
    await broker.document(document(1));
    const report = await host.reportWhere(
      "the place is taken",
      ({ generation, conditions }) =>
        generation === 1 && conditions.some(({ object }) => object.startsWith("route")),
    );
    assert.equal(report.generation, 1);
    const found = conditionOf(`route 254 ${AGGREGATE} ${BLACKHOLE_METRIC}`)(report.conditions);
    assert.equal(found?.state, "error");
    assert.match(found?.reason ?? "", /not ours.*\(EEXIST\)/);
    assert.equal(report.converged, false);
    const later = await host.reportWhere("everything else", ({ objects }) => (objects["sid"] ?? 0) === 2);
    assert.deepEqual(
      later.conditions.filter(({ state }) => state === "error").map(({ object }) => object),
      [`route 254 ${AGGREGATE} ${BLACKHOLE_METRIC}`],
    );
    assert.deepEqual(ipJson(["-6", "route", "show", "proto", "99"]), before);
    const asked = await host.ask("plan");
    assert.equal(asked.code, 10);
    assert.match(asked.stdout, /\+ route/);
    ip(["-6", "route", "del", "blackhole", AGGREGATE, "metric", BLACKHOLE_METRIC]);
    await host.reportWhere("converged", (now) => now.converged);
    assert.ok(ownRoutes().includes(AGGREGATE));
    assert.deepEqual(await host.plan(), []);
  });

  test("an interface that does not exist is waited for, and used when it comes", async () => {
    const third = port("pc", "2001:db8:1:c::/127", "2001:db8:1:c::1", "plane-internal");
    const fabric = fabricPart();
    await broker.document(document(2, { fabric: { ...fabric, interfaces: [...fabric.interfaces, third] } }));
    const report = await host.reportWhere("generation 2", ({ generation }) => generation === 2);
    const found = conditionOf("link pc")(report.conditions);
    assert.equal(found?.state, "pending");
    assert.match(found?.reason ?? "", /no such interface/);
    assert.deepEqual(await host.plan(), []);
    veth("pc", "pc-far");
    await host.reportWhere(
      "pc is in use",
      ({ conditions }) => conditionOf("link pc")(conditions) === undefined,
    );
    await host.reportWhere("pc has all it needs", ({ objects }) => objects["nexthop"] === 4);
    assert.deepEqual(await host.plan(), []);
    ip(["link", "del", "pc"]);
    await host.reportWhere(
      "pc is missed",
      ({ conditions }) => conditionOf("link pc")(conditions) !== undefined,
    );
    assert.deepEqual(await host.plan(), []);
  });

  test("an MTU that the device refuses is a condition with errno; the rest is applied", async () => {
    ip(["link", "add", "link", PLANE_PORT, "name", "pd", "type", "macvlan"]);
    ip(["link", "set", "pd", "up"]);
    const jumbo = { ...port("pd", "2001:db8:1:d::/127", "2001:db8:1:d::1", "plane-internal"), mtu: 9000 };
    const fabric = fabricPart();
    await broker.document(document(3, { fabric: { ...fabric, interfaces: [...fabric.interfaces, jumbo] } }));
    const report = await host.reportWhere(
      "refused",
      ({ generation, conditions }) =>
        generation === 3 && conditionOf("link pd")(conditions)?.state === "error",
    );
    assert.match(conditionOf("link pd")(report.conditions)?.reason ?? "", /\((ERANGE|EINVAL)\)/);
    await host.reportWhere("its neighbour is there", ({ objects }) => objects["nexthop"] === 4);
    assert.match(ip(["-6", "address", "show", "dev", "pd"]), /2001:db8:1:d::/);
    await broker.document(document(4));
    await host.reportWhere("back", ({ generation, converged }) => generation === 4 && converged);
    ip(["link", "del", "pd"]);
  });

  test("foreign objects survive everything, also a document that takes all of ours away", async () => {
    ip(["-6", "route", "add", "2001:db8:f0::/48", "dev", PLANE_PORT, "proto", "static"]);
    ip(["-6", "route", "add", "blackhole", "2001:db8:f1::/48", "table", "7600", "proto", "99"]);
    ip(["-6", "rule", "add", "priority", "7600", "from", "2001:db8:f2::/48", "lookup", "main"]);
    ip(["-6", "address", "add", "2001:db8:f3::1/128", "dev", "lo", "nodad"]);
    ip(["-6", "address", "add", "2001:db8:f4::1/64", "dev", PLANE_PORT, "nodad"]);
    ip(["nexthop", "add", "id", "7", "blackhole"]);
    nft("add", "table", "inet", "theirs");
    nft("add", "chain", "inet", "theirs", "mine", "{ type filter hook input priority 5 ; }");
    const foreign = (): unknown => {
      const mine = (rows: readonly Record<string, unknown>[]): unknown[] =>
        rows.filter((row) => row["protocol"] !== OWN);
      return {
        routes: mine(ipJson(["-6", "route", "show", "table", "all"])).filter((row) =>
          /2001:db8:f|theirs/.test(JSON.stringify(row)),
        ),
        rules: ipJson(["-6", "rule", "show"]).filter((row) => /2001:db8:f2/.test(JSON.stringify(row))),
        addresses: ip(["-6", "-o", "address", "show"])
          .split("\n")
          .filter((line) => / 2001:db8:f[34]/.test(line)),
        nexthop: ip(["nexthop", "show", "id", "7"]),
        table: nft("list", "table", "inet", "theirs"),
      };
    };
    const before = foreign();
    await host.stop("SIGKILL");
    await host.start();
    await host.reportWhere("taken up again", ({ converged, generation }) => converged && generation === 4);
    assert.deepEqual(foreign(), before);
    const nothing = fabricPart({
      loopbackAddresses: [],
      interfaces: [],
      sids: [],
      blackholes: [],
      overrides: [],
    });
    await broker.document(document(5, { fabric: nothing }));
    await host.reportWhere(
      "empty",
      ({ generation, objects }) =>
        generation === 5 && objects["route"] === 0 && objects["nexthop"] === 0 && objects["rule"] === 0,
    );
    assert.deepEqual(await host.plan(), []);
    assert.deepEqual(ownRoutes(), []);
    assert.deepEqual(foreign(), before);
  });

  test("without nft everything but the filters is made, the reason is told, and no packet filter is lost", async () => {
    await host.stop();
    const bin = join(host.directory, "bin");
    mkdirSync(bin);
    const filters = nft("-s", "list", "ruleset");
    assert.match(filters, /table inet vsix/);
    await host.start({ PATH: bin });
    await broker.document(document(6));
    const report = await host.reportWhere(
      "nft is missed",
      ({ generation, objects, conditions }) =>
        generation === 6 && objects["sid"] === 2 && conditionOf("nftables")(conditions)?.state === "error",
    );
    assert.match(conditionOf("nftables")(report.conditions)?.reason ?? "", /nft is not installed.*nftables/);
    assert.equal(report.objects["rule"], 1);
    assert.equal(report.converged, false);
    assert.deepEqual(await host.plan(), ["! nftables: nft is not installed (Debian package nftables)"]);
    assert.equal(nft("-s", "list", "ruleset"), filters);
    symlinkSync("/usr/sbin/nft", join(bin, "nft"));
    await host.reportWhere("converged with nft", ({ converged }) => converged);
    assert.deepEqual(await host.plan(), []);
  });

  test("a plan changes nothing, whatever it has to say", async () => {
    // Somebody's route in the place of ours: the agent has something to do, and cannot do it while the plan is asked for.
    assert.ok(ownRoutes().includes(AGGREGATE));
    ip(["-6", "route", "replace", ...FOREIGN.route.slice(3)]);
    assert.ok(!ownRoutes().includes(AGGREGATE));
    ip(["-6", "address", "add", "2001:db8:f5::1/128", "dev", "lo", "nodad"]);
    const before = dumpKernel();
    const { code, stdout } = await host.ask("plan");
    const after = dumpKernel();
    assert.deepEqual(after, before);
    assert.equal(code, 10);
    assert.match(stdout, /^\+ route/m);
  });
}
