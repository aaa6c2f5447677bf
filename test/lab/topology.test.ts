import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { healCable, killProgram, programsOf, pullCable, silenceCable, waitRestarted } from "./faults.ts";
import { attachLab, type Lab, namespaceOf, removeLab } from "./lab.ts";
import { stateDirectory } from "./names.ts";
import { labNamespaces } from "./namespaces.ts";
import { portCounters, routeGet, trace } from "./observe.ts";
import { inNamespace, mustRun, run } from "./run.ts";
import { supervisorPidFile } from "./supervisor-protocol.ts";
import { startFlow } from "./traffic.ts";
import { upLab } from "./up.ts";

const FABRIC = join(import.meta.dirname, "fixtures/cables.yaml");
const NAME = `t${process.pid}`;
const OTHER = `t${process.pid}other`;

let lab: Lab;

before(async () => {
  lab = await upLab(FABRIC, { name: NAME, until: "cables" });
  await waitForRoute(lab, "far", "3fff:252::1");
  await waitForRoute(lab, "lossy", "3fff:251::1");
});

after(async () => {
  await removeLab(NAME);
  await removeLab(OTHER);
});

/** BGP has brought the route; at most 20 s. */
async function waitForRoute(where: Lab, node: string, destination: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if ((await routeGet(where, node, destination))?.gateway !== undefined) return;
    await sleep(100);
  }
  throw new Error(`no route from ${node} to ${destination} in 20 s`);
}

async function carrier(node: string, interfaceName: string): Promise<boolean> {
  const [file = "ip", ...args] = ["ip", "-n", namespaceOf(lab, node), "-j", "link", "show", interfaceName];
  const [row] = JSON.parse(await mustRun(file, args)) as { readonly flags: readonly string[] }[];
  return row?.flags.includes("LOWER_UP") === true;
}

async function ping(from: string, to: string, count: number): Promise<number> {
  const command = ["ping", "-6", "-q", "-c", String(count), "-i", "0.01", "-W", "1", to];
  const [file = "ip", ...args] = inNamespace(namespaceOf(lab, from), command);
  const { stdout } = await run(file, args);
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
}

/** What the kernel puts into every new namespace: `lo`, and sit0, ip6tnl0 and the like where such tunnels are loaded. */
async function devicesOfNewNamespace(): Promise<readonly string[]> {
  const name = `vt-topology-${process.pid}`;
  await mustRun("ip", ["netns", "add", name]);
  try {
    const rows = JSON.parse(await mustRun("ip", ["-n", name, "-j", "link", "show"])) as { ifname: string }[];
    return rows.map((row) => row.ifname);
  } finally {
    await mustRun("ip", ["netns", "del", name]);
  }
}

test("every node has a namespace with the interfaces of the fabric file, and our own nodes have nothing more", async () => {
  const always = await devicesOfNewNamespace();
  for (const node of lab.fabric.nodes) {
    const rows = JSON.parse(
      await mustRun("ip", ["-n", namespaceOf(lab, node.name), "-j", "address", "show"]),
    ) as {
      readonly ifname: string;
      readonly addr_info: readonly { readonly family: string; readonly scope: string }[];
    }[];
    const wanted = lab.fabric.links.flatMap((l) => l.ends).filter((end) => end.node === node.name);
    assert.deepEqual(
      rows.map((row) => row.ifname).sort(),
      [...always, ...wanted.map((end) => end.interface)].sort(),
    );
    if (node.software === "vsix")
      assert.ok(
        rows.every((row) => row.addr_info.every((a) => a.scope === "host")),
        `${node.name} has addresses nobody gave it`,
      );
  }
});

test("hosts of BIRD nodes reach each other through a third, hop by hop", async () => {
  assert.ok((await ping("far", "3fff:252::1", 20)) > 5);
  const hops = (await trace(lab, "lossy", "3fff:250::1")).map((hop) => hop.node);
  assert.equal(hops.at(-1), "wide");
});

test("a delayed cable delays each way, and loses and reorders nothing", async () => {
  await using there = await startFlow({ lab, from: "wide", to: "far", ratePerS: 500 });
  await using back = await startFlow({ lab, from: "far", to: "wide", ratePerS: 500 });
  await sleep(1000);
  for (const figures of await Promise.all([there.stop(), back.stop()])) {
    assert.ok(figures.meanDelayMs >= 10, `${figures.label}: ${figures.meanDelayMs} ms`);
    assert.equal(figures.lost, 0);
    assert.equal(figures.duplicates, 0);
    assert.equal(figures.reordered, 0);
  }
});

test("a lossy cable loses about what the file says", async () => {
  await using flow = await startFlow({ lab, from: "wide", to: "lossy", ratePerS: 4000 });
  await sleep(1000);
  const { sent, lost, received } = await flow.stop();
  assert.equal(sent, received + lost);
  assert.ok(lost > sent * 0.05 && lost < sent * 0.15, `${lost} of ${sent}`);
});

test("a pulled cable takes the carrier from both ends, a silent one only the packets, and healing ends both", async () => {
  const ref = { node: "wide", interface: "to-far" };
  await pullCable(lab, ref);
  assert.equal(await carrier("wide", "to-far"), false);
  assert.equal(await carrier("far", "to-wide"), false);
  await healCable(lab, ref);
  await silenceCable(lab, ref);
  assert.equal(await carrier("wide", "to-far"), true);
  const far = lab.fabric.links.flatMap((l) => l.ends).find((e) => e.node === "far")?.address ?? "";
  assert.equal(await ping("wide", far, 5), 0);
  await healCable(lab, ref);
  assert.equal(await ping("wide", far, 5), 5);
});

test("the counters of the cables see a flow on the ports that it passes", async () => {
  const count = async (): Promise<number> =>
    (await portCounters(lab)).find((p) => p.node === "wide" && p.interface === "to-lossy")?.outPackets ?? 0;
  const start = await count();
  await using flow = await startFlow({ lab, from: "wide", to: "lossy", ratePerS: 1000 });
  await sleep(200);
  const { sent } = await flow.stop();
  const passed = (await count()) - start;
  assert.ok(passed >= sent && passed < sent + 50, `${passed} passed, ${sent} sent`);
});

test("a sender without a route loses its packets and goes on", async () => {
  await using flow = await startFlow({
    lab,
    from: "wide",
    to: "far",
    ratePerS: 1000,
    destination: "2001:db8:dead::1",
  });
  await sleep(100);
  const { sent, sendErrors, lost } = await flow.stop(0);
  assert.ok(sent > 10);
  assert.equal(sendErrors, sent);
  assert.equal(lost, sent);
});

test("a program that is killed comes back and is counted", async () => {
  await killProgram(lab, "lossy", "bird");
  await waitRestarted(lab, "lossy", "bird", 1);
  const [bird] = await programsOf(lab, "lossy");
  assert.equal(bird?.deaths, 1);
  assert.equal(bird?.starts, 2);
});

test("a second lab of the same name is refused, one of another name is not disturbed by its removal", async () => {
  await assert.rejects(upLab(FABRIC, { name: NAME, until: "cables" }), { code: "lab/exists" });
  const other = await upLab(FABRIC, { name: OTHER, until: "cables" });
  assert.equal((await labNamespaces(OTHER)).length, other.fabric.nodes.length + 1);
  assert.equal(await removeLab(OTHER), true);
  assert.deepEqual(await labNamespaces(OTHER), []);
  assert.equal((await labNamespaces(NAME)).length, lab.fabric.nodes.length + 1);
  assert.equal((await attachLab(NAME)).fabric.name, "cables");
});

test("a lab is taken away whole after its supervisor was killed, and taking it away twice is fine", async () => {
  await upLab(FABRIC, { name: OTHER, until: "cables" });
  const birds = (await run("ip", ["netns", "pids", `vx-${OTHER}-wide`])).stdout.trim().split("\n");
  const supervisor = Number(await readFile(supervisorPidFile(OTHER), "utf8"));
  process.kill(supervisor, "SIGKILL");
  assert.equal(await removeLab(OTHER), true);
  assert.deepEqual(await labNamespaces(OTHER), []);
  await assert.rejects(access(stateDirectory(OTHER)));
  // A zombie that nobody has waited for yet is dead: it has no command line.
  for (const pid of birds) assert.equal(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""), "");
  assert.equal(await removeLab(OTHER), false);
});
