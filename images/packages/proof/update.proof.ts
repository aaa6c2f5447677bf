import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { buildPackage } from "../build.ts";
import { PROGRAMS } from "../program.ts";
import { run } from "../tools.ts";
import { DebianRoot } from "./debian-root.ts";
import { SPOILS, type Spoil } from "./spoiled.ts";

/**
 * `vsix-agent update` in a Debian 12 that boots with its own systemd: a good version stays, spoiled ones go back by themselves, the machine is
 * killed in the middle. Some minutes; on demand: `node --test images/packages/proof/update.proof.ts`, as root. Steps build on each other.
 */

const REPOSITORY = join(import.meta.dirname, "../../..");
const [V1, V2] = ["0.1.0~update1", "0.1.0~update2"] as const;
const CONFIG = ["--config", "/etc/vsix/agent.json"] as const;
const TERMS = ["--within", "25", "--hold", "5"] as const;
/** For a version that is to stay, on a machine that has other things to do. */
const PATIENT = ["--within", "120", "--hold", "5"] as const;
const output = mkdtempSync(join(tmpdir(), "vsix-proof-"));
let root: DebianRoot;

/**
 * Forwarding by this machine between two hosts, and a tunnel to a far end that answers only our own address, which the agent gives it. VXLAN, for
 * that is what more kernels have than IPv6 in IPv6.
 */
const NETWORK = `set -e
sysctl -qw net.ipv6.conf.all.forwarding=1
for name in to-blue-sfc to-green-sfc; do
	ip link add $name type veth peer name p-$name
	ip link set p-$name up
	ip link set $name up
done
for host in a b far; do
	ip netns add $host
	ip link add to-$host type veth peer name net0 netns $host
	ip link set to-$host up
	ip -n $host link set lo up
	ip -n $host link set net0 up
	ip -n $host address add fe80::2/64 dev net0 nodad
	ip address add fe80::1/64 dev to-$host nodad
	ip -n $host route add default via fe80::1 dev net0
done
ip -n a address add 2001:db8:a::2/128 dev lo
ip -n b address add 2001:db8:b::2/128 dev lo
ip -n far address add 2001:db8:f::1/128 dev lo
ip -6 -n far route del default
ip -n far route add 2001:db8:1::/48 via fe80::1 dev net0
ip route add 2001:db8:a::2 via fe80::2 dev to-a
ip route add 2001:db8:b::2 via fe80::2 dev to-b
ip route add 2001:db8:f::1 via fe80::2 dev to-far
ip -6 route add default via fe80::2 dev to-far metric 5000
ip link add t6 type vxlan id 6 local 2001:db8:1::1 remote 2001:db8:f::1 dstport 4789
ip link set t6 up
`;
const UNIT = `[Unit]
Before=vsix-agent.service vsix-agent-update.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /srv/network.sh
[Install]
WantedBy=multi-user.target
`;

before(async () => {
  const debs: string[] = [];
  for (const [program, version] of [
    [PROGRAMS["agent"], V1],
    [PROGRAMS["agent"], V2],
    [PROGRAMS["controller"], V1],
  ] as const) {
    assert.ok(program);
    const settings = { root: REPOSITORY, program, version, output, architecture: "amd64" } as const;
    debs.push((await buildPackage({ ...settings, progress: () => undefined })).file);
  }
  const [first = "", good = "", controller = ""] = debs;
  for (const spoil of SPOILS) debs.push(spoiled(good, spoil));
  root = await DebianRoot.boot(REPOSITORY);
  for (const file of debs) copyFileSync(file, join(root.path, "srv", basename(file)));
  writeFileSync(join(root.path, "srv/network.sh"), NETWORK);
  writeFileSync(join(root.path, "etc/systemd/system/proof-network.service"), UNIT);
  root.do("systemctl", "enable", "--now", "proof-network");
  root.do("dpkg", "-i", ...[first, controller].map((file) => `/srv/${basename(file)}`));
  copyFileSync(join(REPOSITORY, "examples/quick.yaml"), join(root.path, "srv/quick.yaml"));
  root.do("vsixctl", "apply", "/srv/quick.yaml");
  root.do("vsixctl", "node", "enrol", "edge-1", "--out", "/srv/edge-1.token");
  root.do("vsixctl", "node", "bundle", "edge-1", "--out", "/etc/vsix/bundle.json");
  root.do("chmod", "644", "/etc/vsix/bundle.json");
  root.do("cp", "/usr/share/doc/vsix-agent/examples/agent.json", "/etc/vsix/agent.json");
  root.do("vsix-agent", "enrol", ...CONFIG, "--token-file", "/srv/edge-1.token");
  root.do("systemctl", "start", "vsix-agent");
  await settled();
});
after(async () => {
  await root?.[Symbol.asyncDispose]();
  rmSync(output, { recursive: true });
});

/** The good package with another beginning of its program; its version says how it is spoiled. */
function spoiled(deb: string, { name, code }: Spoil): string {
  const tree = join(output, name);
  run("dpkg-deb", ["--raw-extract", deb, tree]);
  const control = join(tree, "DEBIAN/control");
  writeFileSync(control, readFileSync(control, "utf8").replace(V2, `${V2}+${name}`));
  rmSync(join(tree, "DEBIAN/md5sums"));
  const home = join(tree, "usr/lib/vsix-agent");
  renameSync(join(home, "main.js"), join(home, "real-main.js"));
  writeFileSync(join(home, "main.js"), `${code}\nawait import("./real-main.js");\n`);
  chmodSync(join(home, "main.js"), 0o644);
  const file = join(output, `vsix-agent_${V2}+${name}_amd64.deb`);
  run("dpkg-deb", ["--root-owner-group", "-Zzstd", "-z1", "--build", tree, file]);
  rmSync(tree, { recursive: true });
  return file;
}

interface State {
  readonly phase: string;
  readonly before: readonly string[];
  readonly reason?: string;
}
interface Reach {
  readonly converged: boolean;
  readonly conditions: readonly {
    readonly object: string;
    readonly state: string;
    readonly reason: string;
  }[];
}
const state = (): State =>
  JSON.parse(root.do("vsix-agent", "update", "status", ...CONFIG, "--json")) as State;
const report = (): Reach => JSON.parse(root.do("vsix-agent", "report", ...CONFIG)) as Reach;
const installed = (): string =>
  root.do("dpkg-query", "-W", "-f", "$" + "{db:Status-Status} $" + "{Version}", "vsix-agent");
const deb = (version: string): string => `/srv/vsix-agent_${version}_amd64.deb`;
const over = (phase: string): boolean => phase === "kept" || phase === "returned";

/** The agent has done all, and speaks to its controller. */
async function settled(): Promise<void> {
  await root.until("the controller hears it, and it is as it should be", () => {
    const online = /^edge-1 +edge +sfc +yes/m.test(root.do("vsixctl", "node", "list"));
    return online && report().conditions.every(({ state: is }) => is === "done");
  });
}

/** Nothing of an update is left but what is told of it: by the controller too. */
async function cleared(told: RegExp): Promise<void> {
  await root.until("what it needed is gone", () => {
    const left = root.do("ls", "/var/lib/vsix/update").replace("state.json.previous\n", "");
    return (
      left === "state.json\n" && !existsSync(join(root.path, "etc/systemd/system/vsix-agent-update.service"))
    );
  });
  await root.until("the controller tells of it", () =>
    told.test(root.do("vsixctl", "node", "show", "edge-1")),
  );
}

/** Echoes from one host to the other through this machine, until stopped: sent and received. */
function forwarding(): () => Promise<{ readonly sent: number; readonly received: number }> {
  const ping = root.from("a", "ping", "-6", "-n", "-q", "-i", "0.1", "2001:db8:b::2");
  let said = "";
  ping.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return async () => {
    const ended = new Promise((resolve) => ping.once("close", resolve));
    ping.kill("SIGINT");
    await ended;
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
    return { sent: Number(sent), received: Number(received) };
  };
}

for (const { name, lost } of SPOILS)
  test(`a new version that ${name.replaceAll("-", " ")} goes back by itself; what the machine forwards goes on`, async (t) => {
    await settled();
    const stop = forwarding();
    const startedMs = performance.now();
    assert.equal(root.statusOf("vsix-agent", "update", deb(`${V2}+${name}`), ...CONFIG, ...TERMS), 1);
    t.diagnostic(`${name}: ${Math.round((performance.now() - startedMs) / 1000)} s; ${state().reason}`);
    const { sent, received } = await stop();
    t.diagnostic(`${name}: ${received} of ${sent} echoes forwarded`);
    assert.ok(sent > 200, `${sent} echoes`);
    assert.equal(received, sent);
    assert.equal(installed(), `installed ${V1}`);
    assert.equal(state().phase, "returned");
    assert.match(state().reason ?? "", lost);
    assert.deepEqual(
      ["agent", "controller", "tunnel t6", "far end 2001:db8:f::1 of tunnel t6", "IPv6 default route"].filter(
        (one) => !state().before.includes(one),
      ),
      [],
    );
    await settled();
    assert.match(root.do("journalctl", "--no-pager", "-u", "vsix-agent-update"), /is put back/);
    assert.equal(root.statusOf("dpkg", "--verify", "vsix-agent"), 0);
    assert.match(root.do("vsix-agent", "trace", "2001:db8:f::1"), /reached at hop 1/);
    await cleared(/agent update +done .*runs again/);
  });

test("killed at any point of an update, the machine boots with one whole version and ends it by itself", async (t) => {
  const ends: string[] = [];
  // One point after another, in a version that would stay and in one that would go back.
  for (const [name, at] of [
    [V2, { phase: "installing", afterMs: 300 }],
    [V2, { phase: "installing", afterMs: 1500 }],
    [V2, { phase: "installing", afterMs: 3500 }],
    [V2, { phase: "probation", afterMs: 1000 }],
    [`${V2}+exits-at-once`, { phase: "probation", afterMs: 5000 }],
    [`${V2}+exits-at-once`, { phase: "returning", afterMs: 300 }],
    [`${V2}+exits-at-once`, { phase: "returning", afterMs: 1500 }],
    [`${V2}+exits-at-once`, { phase: "returning", afterMs: 3500 }],
  ] as const) {
    if (installed() !== `installed ${V1}`) root.do("dpkg", "-i", deb(V1));
    await settled();
    const update = ["vsix-agent", "update", deb(name), ...CONFIG, ...(name === V2 ? PATIENT : TERMS)];
    root.do("systemd-run", "--unit=proof-update", "--collect", ...update);
    await root.until(`it is ${at.phase}`, () => state().phase === at.phase);
    await new Promise((resolve) => setTimeout(resolve, at.afterMs));
    const there = installed();
    await root.killAndBoot();
    await root.until("the update is over", () => over(state().phase));
    const { phase } = state();
    ends.push(`${at.phase}+${at.afterMs} ms: ${there || "nothing whole"}, then ${phase}`);
    assert.equal(installed(), `installed ${phase === "kept" ? name : V1}`);
    if (name !== V2) assert.equal(phase, "returned");
    assert.equal(root.statusOf("dpkg", "--verify", "vsix-agent"), 0);
    await settled();
    await cleared(/agent update +done /);
  }
  for (const end of ends) t.diagnostic(end);
});

test("a good version stays, keeps all that was reached, and leaves nothing behind", async (t) => {
  if (installed() !== `installed ${V1}`) root.do("dpkg", "-i", deb(V1));
  await settled();
  const stop = forwarding();
  assert.equal(root.statusOf("vsix-agent", "update", deb(V2), ...CONFIG, ...PATIENT), 0);
  const { sent, received } = await stop();
  t.diagnostic(`good: ${received} of ${sent} echoes forwarded`);
  assert.equal(received, sent);
  assert.equal(installed(), `installed ${V2}`);
  assert.equal(state().phase, "kept");
  await settled();
  await cleared(/agent update +done .*stays in place of/);
});

test("what is no agent for this machine is refused, and nothing is changed", () => {
  assert.throws(
    () => root.do("vsix-agent", "update", `/srv/vsix-controller_${V1}_amd64.deb`, ...CONFIG),
    /vsix-agent for amd64 is wanted/,
  );
  assert.throws(() => root.do("vsix-agent", "update", "/srv/quick.yaml", ...CONFIG), /quick\.yaml/);
  assert.equal(installed(), `installed ${V2}`);
});
