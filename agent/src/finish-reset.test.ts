import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type AgentConfig, ConfigError } from "./config.ts";
import { resetSteps } from "./finish-reset.ts";
import { decideReset, isResetPending, ResetError } from "./io/reset-marker.ts";
import { resetCommand } from "./reset-command.ts";

const root = mkdtempSync(join(tmpdir(), "vsix-reset-"));
after(() => rmSync(root, { recursive: true, force: true }));

interface Machine {
  readonly config: AgentConfig;
  readonly claim: string;
  readonly capture: string;
  readonly trigger: string;
  readonly kernel: { here: boolean };
}

let count = 0;
/** A router that has enrolled, with all that one may have. */
function machine(): Machine {
  const folder = join(root, String(++count));
  const [stateDir, runDir, capture] = [join(folder, "state"), join(folder, "run"), join(folder, "dns")];
  const identity = join(stateDir, "identity");
  for (const one of [identity, join(stateDir, "documents"), runDir, capture])
    mkdirSync(one, { recursive: true });
  const claim = join(folder, "claim");
  const trigger = join(folder, "vsix-reset");
  for (const file of [
    join(identity, "identity.json"),
    join(identity, "pending.json"),
    join(stateDir, "documents", "document"),
    join(stateDir, "advertised.json"),
    join(runDir, "unbound.conf"),
    join(capture, "lan.dns"),
    claim,
    trigger,
  ])
    writeFileSync(file, "of before");
  const config = {
    node: "home-1",
    stateDir,
    runDir,
    lan: ["lan0"],
    controller: { identity },
    gobgp: { socket: "x" },
  };
  return { config, claim, capture, trigger, kernel: { here: true } };
}

const stepsOf = ({ config, kernel }: Machine) =>
  resetSteps(config, async () => {
    kernel.here = false;
  });

function assertFresh({ config, claim, capture, kernel }: Machine): void {
  assert.deepEqual(readdirSync(config.stateDir), ["reset-done"]);
  assert.deepEqual([existsSync(claim), existsSync(capture), kernel.here], [false, false, false]);
  assert.deepEqual(readdirSync(config.runDir ?? ""), []);
}

test("cut off after any step, the next one who comes finishes it", async () => {
  const all = stepsOf(machine()).length;
  for (let cut = 0; cut <= all; cut++) {
    const one = machine();
    decideReset(one.config.stateDir, [one.claim, one.capture]);
    for (const step of stepsOf(one).slice(0, cut)) await step.do();
    assert.equal(isResetPending(one.config.stateDir), cut < all, "it is known that it is not finished");
    if (cut < all) for (const step of stepsOf(one)) await step.do();
    assertFresh(one);
  }
});

test("a step that fails leaves it unfinished", async () => {
  const one = machine();
  decideReset(one.config.stateDir, []);
  const steps = resetSteps(one.config, () => Promise.reject(new Error("EPERM")));
  await assert.rejects(async () => {
    for (const step of steps) await step.do();
  }, /EPERM/);
  assert.ok(isResetPending(one.config.stateDir));
});

test("a claim that came after the reset was decided is of another seed, and stays", async () => {
  const one = machine();
  decideReset(one.config.stateDir, [one.claim]);
  writeFileSync(one.claim, "of another seed");
  for (const step of stepsOf(one)) await step.do();
  assert.ok(existsSync(one.claim));
});

test("an identity beside the state goes too, and nothing else in its folder", async () => {
  const one = machine();
  const identity = join(one.config.stateDir, "..", "keys");
  mkdirSync(identity);
  for (const name of ["identity.json", "identity.json.new", "somebody-else.pem"])
    writeFileSync(join(identity, name), "x");
  decideReset(one.config.stateDir, []);
  for (const step of resetSteps({ ...one.config, controller: { identity } }, async () => undefined))
    await step.do();
  assert.deepEqual(readdirSync(identity), ["somebody-else.pem"]);
});

/** The command, as far as it goes before the kernel is touched. */
async function command(config: object, ...more: readonly string[]): Promise<{ code: number; said: string }> {
  const file = join(root, `${++count}.json`);
  writeFileSync(file, JSON.stringify(config));
  let said = "";
  const code = await resetCommand(["--config", file, ...more], {
    out: (text) => {
      said += text;
    },
    ask: async () => "no",
  });
  return { code, said };
}

test("nobody asked, somebody says no, nobody can be asked, no home router: nothing happens", async () => {
  const { config } = machine();
  const missing = join(root, "missing");
  assert.deepEqual(await command(config, "--yes", "--trigger", missing), {
    code: 0,
    said: "nobody asked for a reset\n",
  });
  assert.deepEqual(await command(config), { code: 1, said: "nothing has been changed\n" });
  const file = join(root, "unasked.json");
  writeFileSync(file, JSON.stringify(config));
  await assert.rejects(resetCommand(["--config", file], { out: () => {}, ask: undefined }), ConfigError);
  const { lan: _lan, ...edge } = config;
  await assert.rejects(command(edge, "--yes"), /only a home router/);
  assert.ok(!isResetPending(config.stateDir));
  assert.equal(readdirSync(config.stateDir).length, 3);
});

test("a trigger that cannot be taken away would reset for ever: nothing happens", async () => {
  const { config } = machine();
  // Nobody may unlink what the kernel shows.
  await assert.rejects(command(config, "--yes", "--trigger", "/proc/version"), ResetError);
  assert.ok(!isResetPending(config.stateDir));
  assert.equal(readdirSync(config.stateDir).length, 3);
});
