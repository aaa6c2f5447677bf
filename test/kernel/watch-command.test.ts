import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { PathNotice } from "@vsix/shared/notify/notice.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { HookReceiver } from "../lab/hook-receiver.ts";
import { insideNamespace } from "./in-namespace.ts";
import { A, B, R1, R2_FROM_A, SOURCE, startTraceNetwork, TARGET } from "./trace-network.ts";
import { MAIN, PORT, SECRET, WatchFolder, WatchProcess } from "./watch-process.ts";

if (await insideNamespace("watchcmd", import.meta.url)) {
  const network = startTraceNetwork();
  const goBy = (router: string): void => {
    network.ip("r1", "-6", "route", "replace", "default", "via", router);
  };
  const command = (...args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [MAIN, "watch", "--source", "home", ...args], {
      encoding: "utf8",
      timeout: 60_000,
    });
  const pathsTaken = (receiver: HookReceiver): readonly PathNotice[] =>
    receiver.taken("/hook", SECRET).filter((notice) => notice.kind === "path");
  const routersOf = (trace: Trace | undefined): readonly (string | undefined)[] =>
    (trace?.flows[0]?.hops ?? []).map(({ answers }) => answers[0]?.address);
  /** Every cycle is a second: so many looks in which nothing may happen. */
  const QUIET_MS = 3_000;

  test("a path that changes is told once, with the traces before and after, and so is its return", async ({
    signal,
  }) => {
    goBy(A);
    using folder = new WatchFolder();
    await using receiver = await HookReceiver.startHere(PORT);
    const args = ["--expected", folder.expected(["r1", "a", "r2"]), "--notify", folder.notify()];
    await using watch = new WatchProcess(args);
    await watch.until("a good beginning", () => watch.events[0]?.after.kind === "as-expected");
    goBy(B);
    assert.ok(await receiver.until(() => pathsTaken(receiver).length > 0, 60_000, signal));
    const [told] = pathsTaken(receiver);
    const { type, level, source, target, before, after } = told?.event ?? assert.fail();
    assert.deepEqual([type, level, source, target], ["changed", "alarm", "home", "far"]);
    assert.deepEqual([before?.kind, after.kind], ["as-expected", "plane-changed"]);
    assert.deepEqual(routersOf(before?.trace), [R1, A, R2_FROM_A, TARGET]);
    assert.deepEqual(routersOf(after.trace).slice(0, 2), [R1, B]);
    assert.deepEqual([before?.planes, after.planes], [["blue"], ["green"]]);
    goBy(A);
    assert.ok(await receiver.until(() => pathsTaken(receiver).length > 1, 60_000, signal));
    await sleep(QUIET_MS);
    assert.deepEqual(
      pathsTaken(receiver).map(({ event }) => event.type),
      ["changed", "recovered"],
    );
    assert.equal(await watch.end(), 0);
    assert.deepEqual([watch.said.at(-1)?.kind, watch.stderr], ["ended", ""]);
  });

  test("a receiver that is down is told later, once, and a restart in between changes nothing", async ({
    signal,
  }) => {
    goBy(A);
    using folder = new WatchFolder();
    await using receiver = await HookReceiver.startHere(PORT);
    const notify = folder.notify();
    const args = [
      "--expected",
      folder.expected(["r1", "a", "r2"]),
      "--notify",
      notify,
      "--state",
      folder.state,
    ];
    receiver.answer("refuse");
    {
      await using watch = new WatchProcess(args);
      await watch.until("a good beginning", () => watch.events.length > 0);
      goBy(B);
      await watch.until("a refused notice", () => watch.said.some(({ kind }) => kind === "receiver"));
      assert.equal(watch.events.filter(({ withheld }) => withheld === undefined).length, 1);
      // Not in order: what is remembered was written before the notice was sent.
      await watch.end("SIGKILL");
    }
    const refused = receiver.requests.map(({ body }) => (JSON.parse(body) as PathNotice).id);
    receiver.answer("take");
    await using watch = new WatchProcess(args);
    assert.ok(await receiver.until(() => pathsTaken(receiver).length > 0, 60_000, signal));
    await sleep(QUIET_MS);
    const [told, ...more] = pathsTaken(receiver);
    assert.deepEqual([more, told?.id], [[], refused[0]]);
    assert.equal(routersOf(told?.event.before?.trace)[1], A);
    assert.deepEqual(watch.events, [], "what people know is no event");
    assert.equal(await watch.end(), 0);
  });

  test("acknowledgement, silence and what people were told outlive a restart", async ({ signal }) => {
    goBy(A);
    using folder = new WatchFolder();
    await using receiver = await HookReceiver.startHere(PORT);
    const expected = folder.expected(["r1", "a", "r2"]);
    const args = ["--expected", expected, "--notify", folder.notify(), "--state", folder.state];
    {
      await using watch = new WatchProcess(args);
      await watch.until("a good beginning", () => watch.events.length > 0);
      const early = command("ack", "far", "--state", folder.state);
      assert.deepEqual(
        [early.status, early.stderr],
        [1, "vsix-agent: nobody was told that the path to far is wrong\n"],
      );
      const second = command("--expected", expected, "--state", folder.state);
      assert.equal(second.status, 1);
      assert.match(second.stderr, /another agent is running with this state directory/);
      goBy(B);
      assert.ok(await receiver.until(() => pathsTaken(receiver).length > 0, 60_000, signal));
      assert.equal(command("ack", "far", "--state", folder.state, "--note", "on it").status, 0);
      assert.equal(command("silence", "*", "--for", "1h", "--state", folder.state).status, 0);
      await watch.until("the order on disk", () =>
        readFileSync(join(folder.state, "watch.json"), "utf8").includes("on it"),
      );
      assert.equal(await watch.end(), 0);
    }
    await using watch = new WatchProcess(args);
    await watch.until("a beginning", () => watch.said.length > 0);
    goBy(A);
    await watch.until("the return", () => watch.events.some(({ type }) => type === "recovered"));
    // A later look on a busy machine may find a hop silent: then the list says so, until the next look.
    let listed = command("list", "--state", folder.state);
    for (let i = 0; i < 10 && listed.status !== 0; i++) {
      await sleep(QUIET_MS);
      listed = command("list", "--state", folder.state);
    }
    assert.equal(listed.status, 0, listed.stdout + listed.stderr);
    assert.match(listed.stdout, /far .* as expected; silenced until /);
    const returned = watch.events.find(({ type }) => type === "recovered");
    assert.equal(returned?.withheld, "silenced");
    assert.equal(returned?.acknowledged?.note, "on it");
    assert.equal(command("unsilence", "*", "--state", folder.state).status, 0);
    assert.ok(await receiver.until(() => pathsTaken(receiver).length > 1, 60_000, signal));
    await sleep(QUIET_MS);
    assert.deepEqual(
      pathsTaken(receiver).map(({ event }) => event.type),
      ["changed", "recovered"],
    );
    assert.equal(command("list", "--state", join(folder.path, "elsewhere")).status, 3);
    assert.equal(statSync(join(folder.state, "watch.json")).mode & 0o777, 0o600);
  });

  test("files are read again at SIGHUP; one with a fault changes nothing, and heartbeats go on", async ({
    signal,
  }) => {
    goBy(A);
    using folder = new WatchFolder();
    await using receiver = await HookReceiver.startHere(PORT);
    const args = [
      "--expected",
      folder.expected(["r1", "a", "r2"]),
      "--notify",
      folder.notify(", heartbeatS: 1"),
    ];
    await using watch = new WatchProcess(args);
    await watch.until("a good beginning", () => watch.events.length > 0);
    folder.file("expected.yaml", "version: 1\npaths: nothing\n");
    watch.signal("SIGHUP");
    await watch.until("a fault", () =>
      watch.said.some(({ words }) => /expected\.yaml:2:8: /.test(words ?? "")),
    );
    folder.expected(["r1", "b", "r2"]);
    watch.signal("SIGHUP");
    await watch.until("the alarm", () => watch.events.some(({ level }) => level === "alarm"));
    const beats = (): number =>
      receiver.taken("/hook", SECRET).filter(({ kind }) => kind === "heartbeat").length;
    const before = beats();
    assert.ok(await receiver.until(() => beats() > before + 1, 60_000, signal));
    assert.equal(await watch.end(), 0);
  });

  test("one look says what is so by its exit status, and several make a notice", async ({ signal }) => {
    goBy(A);
    using folder = new WatchFolder();
    await using receiver = await HookReceiver.startHere(PORT);
    const expected = folder.expected(["r1", "a", "r2"]);
    const good = command("--once", "--expected", expected);
    assert.deepEqual([good.status, good.stderr], [0, ""]);
    // A busy machine may answer late: then a hop counts as silent, or a probe as lost.
    assert.match(
      good.stdout,
      /^(fine|notice) +home to far, blue: .*as expected.*; \d+ % lost, \d+\.\d ms\n$/,
    );
    const notify = ["--notify", folder.notify(), "--state", folder.state];
    const once = (): number | null => command("--once", "--expected", expected, ...notify).status;
    assert.deepEqual([once(), once()], [0, 0]);
    goBy(B);
    assert.deepEqual([once(), once(), once()], [4, 4, 4]);
    // The line of the receiver, another process, comes a little later.
    assert.ok(await receiver.until(() => pathsTaken(receiver).length > 0, 60_000, signal));
    assert.deepEqual(
      pathsTaken(receiver).map(({ event }) => event.type),
      ["changed"],
    );
    const lonely = command("--once", "--expected", expected, "--notify", folder.notify());
    assert.equal(lonely.status, 2);
  });

  test("what was learned is what is expected", () => {
    goBy(A);
    using folder = new WatchFolder();
    const known = folder.expected(["..."]);
    const bare = command("--learn", "--target", `far=${TARGET}`, "--flows", "3");
    assert.deepEqual([bare.status, bare.stderr], [0, ""]);
    assert.match(bare.stdout, new RegExp(`\\[${JSON.stringify(R1)}, "${A}", "${R2_FROM_A}"\\]`));
    const named = command("--learn", "--expected", known);
    assert.match(named.stdout, /\n {6}- \[r1, a, r2\]\n/);
    for (const { stdout } of [bare, named]) {
      const file = folder.file("learned.yaml", stdout);
      assert.equal(command("--once", "--expected", file).status, 0);
    }
    goBy(B);
    assert.equal(command("--once", "--expected", folder.file("learned.yaml", named.stdout)).status, 4);
    const lost = command("--learn", "--target", "nowhere=2001:db8:72::1", "--flows", "1");
    assert.equal(lost.status, 4);
    assert.match(lost.stdout, /NOT REACHED/);
  });

  test("the way of alarms is proven, or where it ends is said", async () => {
    using folder = new WatchFolder();
    const notify = folder.notify(", heartbeatS: 1");
    {
      await using receiver = await HookReceiver.startHere(PORT);
      const { status, stdout } = await spawned("--test", "--notify", notify);
      assert.deepEqual([status, stdout], [0, "hook: arrived\n"]);
      assert.deepEqual(
        receiver.taken("/hook", SECRET).map((notice) => (notice.kind === "test" ? notice.from : notice.kind)),
        ["home"],
      );
    }
    const { status, stdout } = await spawned("--test", "--notify", notify);
    assert.deepEqual([status, stdout], [4, "hook: not arrived (ECONNREFUSED)\n"]);
  });

  test("bad files and wrong usage are told with their line, and nothing begins", () => {
    using folder = new WatchFolder();
    const good = folder.expected(["r1", "a", "r2"]);
    const misspelt = folder.file("bad.yaml", readFileSync(good, "utf8").replace('"r2"', '"r3"'));
    const open = folder.file("open.yaml", readFileSync(folder.notify(), "utf8"));
    folder.file("hook.secret", SECRET);
    spawnSync("chmod", ["644", join(folder.path, "hook.secret")]);
    for (const [args, said] of [
      [["--expected", misspelt], /bad\.yaml:11:\d+: no node r3 is known/],
      [["--expected", good, "--notify", open], /open\.yaml:3:\d+: .*mode 644/],
      [["--expected", good, "--source", "nobody"], /no path begins at nobody; there are paths from home/],
      [["--expected", good, "--source", "Not A Name"], /no name of a node/],
      [["--expected", good, "--interval", "0"], /--interval: a whole number from 1 to 3600/],
      [["--expected", good, "--once", "--test"], /one of --once and --test at a time/],
      [["--learn"], /--learn wants --target/],
      [["--learn", "--target", "far"], /NAME=ADDRESS/],
      [["--test"], /--notify FILE/],
      [["silence", "far", "--state", folder.state], /--for/],
      [["dance", "--state", folder.state], /watch knows list/],
      [[], /--expected FILE/],
    ] as const) {
      const { status, stdout, stderr } = command(...args);
      assert.deepEqual([status, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, said);
    }
  });

  test("absurd files are refused in bounded time and memory", () => {
    using folder = new WatchFolder();
    spawnSync("mkfifo", [join(folder.path, "pipe")]);
    const long = folder.file("long", "");
    truncateSync(long, 8 * 2 ** 30);
    const deep = folder.file("deep.yaml", "[".repeat(100_000));
    const bomb = folder.file(
      "bomb.yaml",
      `a: &a [x, x]\n${[..."bcdefghijklmnop"].map((name, i) => `${name}: &${name} [*${"abcdefghijklmno"[i]}, *${"abcdefghijklmno"[i]}]`).join("\n")}\n`,
    );
    const many = folder.file(
      "many.yaml",
      ["version: 1", "paths:"]
        .concat(
          Array.from(
            { length: 5000 },
            (_, i) =>
              `  - { source: home, target: { name: t${i}, address: "2001:db8::${i.toString(16)}" }, allowed: [[]] }`,
          ),
        )
        .join("\n"),
    );
    for (const file of ["/dev/zero", join(folder.path, "pipe"), long, deep, bomb, many, folder.path])
      for (const option of ["--expected", "--notify"]) {
        if (option === "--notify" && file.endsWith(".yaml")) continue;
        const rest = option === "--notify" ? ["--test"] : [];
        const { status, stderr } = command(option, file, ...rest);
        assert.equal(status, 2, `${file}: ${stderr.slice(0, 500)}`);
        assert.ok(stderr.length < 16_384, `${file}: ${stderr.length}`);
      }
  });

  test("thousands of paths are looked at as often as the rate allows, and none is said to be gone", async () => {
    using folder = new WatchFolder();
    const paths = Array.from(
      { length: 2000 },
      (_, i) =>
        `  - { source: "*", target: { name: t${i}, address: "2001:db8:6::${(i + 16).toString(16)}" }, allowed: [[...]] }`,
    );
    const file = folder.file(
      "many.yaml",
      ["version: 1", "defaults: { flows: 64 }", "paths:", ...paths].join("\n"),
    );
    await using watch = new WatchProcess(["--expected", file, "--state", folder.state]);
    await watch.until("a beginning", () => watch.said.length > 0);
    await sleep(QUIET_MS);
    const [started] = watch.said as unknown as { readonly everyS: readonly number[] }[];
    assert.deepEqual(
      started?.everyS,
      [6144, 6144],
      "2000 paths × 64 flows × 3 probes × 8 hops / 500 a second",
    );
    assert.ok(!watch.events.some(({ after }) => after.kind === "not-measured"));
    assert.equal(await watch.end(), 0);
  });

  test("a damaged memory is said and begins anew", async () => {
    goBy(A);
    using folder = new WatchFolder();
    const args = ["--expected", folder.expected(["r1", "a", "r2"]), "--state", folder.state];
    {
      await using watch = new WatchProcess(args);
      await watch.until("a good beginning", () => watch.events.length > 0);
      assert.equal(await watch.end(), 0);
    }
    for (const name of ["watch.json", "watch.json.previous"]) truncateSync(join(folder.state, name), 100);
    await using watch = new WatchProcess(args);
    await watch.until("a good beginning", () => watch.events[0]?.type === "first");
    assert.match(watch.said[0]?.words ?? "", /watch\.json/);
    assert.equal(await watch.end(), 0);
  });

  test("without CAP_NET_RAW it says what is missing; with it alone and another user it is enough", () => {
    goBy(A);
    using folder = new WatchFolder();
    const expected = folder.expected(["r1", "a", "r2"]);
    const args = [process.execPath, MAIN, "watch", "--source", "home", "--once", "--expected", expected];
    const without = ["--bounding-set", "-net_raw", "--inh-caps", "-net_raw"];
    const refused = spawnSync("setpriv", [...without, ...args], { encoding: "utf8" });
    assert.deepEqual(
      [refused.status, refused.stderr],
      [1, "vsix-agent: raw sockets need root or CAP_NET_RAW\n"],
    );
    const only = ["--bounding-set=-all,+net_raw", "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"];
    const alone = spawnSync("setpriv", ["--no-new-privs", ...only, "--", ...args, "--from", SOURCE], {
      encoding: "utf8",
    });
    assert.deepEqual([alone.status, alone.stderr], [0, ""]);
  });

  /** Beside a receiver whose lines this process has to read meanwhile. */
  async function spawned(...args: readonly string[]): Promise<{ status: number | null; stdout: string }> {
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, [MAIN, "watch", "--source", "home", ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { status, stdout };
  }
}
