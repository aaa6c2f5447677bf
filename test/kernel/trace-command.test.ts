import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { test } from "node:test";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { agentMain } from "../programs/bundles.ts";
import { insideNamespace } from "./in-namespace.ts";
import { A, B, BLACKHOLE, R1, SOURCE, startTraceNetwork, TARGET } from "./trace-network.ts";

const MAIN = agentMain();

if (await insideNamespace("tracecmd", import.meta.url)) {
  startTraceNetwork();
  const command = (...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [MAIN, "trace", ...args], { encoding: "utf8" });

  test("the command shows a path to people", () => {
    const { status, stdout, stderr } = command(TARGET, "--protocol", "udp", "--mtu", "--probes", "2");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, new RegExp(`^trace to ${TARGET} from ${SOURCE} by udp port 33434\n`));
    assert.match(stdout, new RegExp(`\n {2}1 {2}${R1} +0 % +2 `));
    assert.match(stdout, new RegExp(`\n {2}2 {2}(${A}|${B}) `));
    assert.match(stdout, /\nreached at hop 4\n\npath MTU 1500\n$/);
  });

  test("the command gives a trace to programs, from the address and by the port that were asked for", () => {
    const args = ["--from", SOURCE, "--protocol", "tcp", "--port", "179", "--flows", "3", "--json"];
    const { status, stdout } = command(TARGET, ...args);
    assert.equal(status, 0);
    const trace = JSON.parse(stdout) as Trace;
    assert.deepEqual([trace.version, trace.sourceAddress, trace.protocol], [1, SOURCE, "tcp"]);
    assert.equal(trace.flows.length, 3);
    assert.ok(
      trace.flows.every(({ destinationPort, end }) => destinationPort === 179 && end.kind === "reached"),
    );
    assert.ok(trace.endedAt >= trace.startedAt && trace.startedAt > 1.7e12);
  });

  test("ways are looked for until it is sure that there are no more", () => {
    const { status, stdout } = command(TARGET, "--all-paths", "--probes", "1");
    assert.equal(status, 0, stdout);
    assert.match(stdout, /\n2 paths seen by \d+ flows; that these are all: 9[5-9]\.\d %\n$/);
  });

  test("a machine with two ways of its own uses both, by flow label", () => {
    const router = ["netns", "exec", `vt-tracer1-${process.pid}`];
    const args = [
      process.execPath,
      MAIN,
      "trace",
      TARGET,
      "--from",
      R1,
      "--flows",
      "24",
      "--probes",
      "1",
      "--json",
    ];
    const { stdout } = spawnSync("ip", [...router, ...args], { encoding: "utf8" });
    const { flows } = JSON.parse(stdout) as Trace;
    assert.equal(flows.length, 24);
    // A probe of one flow may be lost where the machine is busy; there are a dozen of each way.
    const first = new Set(flows.flatMap(({ hops }) => hops[0]?.answers.map(({ address }) => address) ?? []));
    assert.deepEqual([...first].sort(), [A, B]);
  });

  test("the exit status says whether the target was reached", () => {
    assert.equal(command(BLACKHOLE, "--probes", "1").status, 4);
    const failed = command(TARGET, "--from", "2001:db8:fff::1");
    assert.equal(failed.status, 1);
    assert.match(failed.stdout, /\nfailed: .*\(E[A-Z]+\)\n/);
  });

  test("wrong usage is told from what failed", () => {
    for (const args of [
      [],
      [TARGET, TARGET],
      [TARGET, "--protocol", "sctp"],
      [TARGET, "--port", "0"],
      [TARGET, "--flows", "65"],
      [TARGET, "--from", "nobody"],
      [TARGET, "--nothing"],
    ]) {
      const { status, stderr } = command(...args);
      assert.deepEqual([status, stderr.split("\n").length], [2, 2], `${args.join(" ")}: ${stderr}`);
    }
    const { status, stderr } = command("fe80::1%lo");
    assert.deepEqual(
      [status, stderr],
      [1, "vsix-agent: fe80::1%lo is one link away: there is no path to it\n"],
    );
  });

  test("without CAP_NET_RAW it says what is missing", () => {
    const without = ["--bounding-set", "-net_raw", "--inh-caps", "-net_raw"];
    const { status, stderr } = spawnSync("setpriv", [...without, process.execPath, MAIN, "trace", TARGET], {
      encoding: "utf8",
    });
    assert.deepEqual([status, stderr], [1, "vsix-agent: raw sockets need root or CAP_NET_RAW\n"]);
  });
}
