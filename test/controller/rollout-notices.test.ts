import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Notice, RolloutNotice } from "@vsix/shared/notify/notice.ts";
import { verifyBody } from "@vsix/shared/notify/sign.ts";
import { until } from "./harness.ts";
import { Network } from "./network.ts";

const SECRET = "a secret that only this test knows";

/** A receiver of webhooks that refuses all until it is well. */
class Hook implements AsyncDisposable {
  readonly taken: RolloutNotice[] = [];
  refused = 0;
  isWell = false;
  readonly #server = createServer((request, response) => {
    void this.#read(request).then((body) => {
      const signature = String(request.headers["vsix-signature"]);
      const isGood = verifyBody(body, signature, [SECRET], Date.now() / 1000) === "good";
      if (!this.isWell) this.refused++;
      const notice = JSON.parse(body) as Notice;
      if (this.isWell && isGood && notice.kind === "rollout") this.taken.push(notice);
      response.writeHead(this.isWell ? 204 : 503).end();
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/noc`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #read(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }
}

test("a receiver that is down disturbs no rollout, and hears all of it afterwards, once, though the controller was killed", async () => {
  await using hook = new Hook();
  const directory = await mkdtemp(join(tmpdir(), "vsix-notify-"));
  await using files = new AsyncDisposableStack();
  files.defer(() => rm(directory, { recursive: true }));
  const notify = join(directory, "notify.yaml");
  await writeFile(join(directory, "secret"), SECRET, { mode: 0o600 });
  const receiver = `{ name: noc, format: json, url: ${await hook.listen()}, secretFile: secret, allowLoopbackHttp: true }`;
  await writeFile(notify, `version: 1\nreceivers:\n  - ${receiver}\n`);
  await using network = await Network.start({ notify });
  const { bench } = network;
  await using watch = bench.spawnVsixctl("watch", "--json");
  for (let planes = ["blue", "green"]; watch.stdout === ""; planes = planes.toReversed())
    await bench.vsixctl("edge", "steer", "edge-9", "--plane", planes[0] ?? "", "--wait", "0");
  const slowly = ["--interval", "10m", "--rehearsal", "1s", "--deadline", "1h"];
  const create = ["rollout", "create", "--to", "green", "--steps", "1,100%", ...slowly];
  // Refused while routers have not converged on what was steered just now.
  await until("a rollout is accepted", async () => (await bench.vsixctl(...create)).code === 0);
  const told = (): readonly Record<string, unknown>[] =>
    watch.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ type }) => type === "rollout");
  await until("whoever watches is told", () => told().length > 0);
  assert.equal(told()[0]?.["turn"], "started");
  await network.stage("step", 1);
  await until("the receiver was tried", () => hook.refused > 0);
  await bench.stop("SIGKILL");
  await bench.start();
  await network.stage("step", 1);
  assert.equal((await bench.vsixctl("rollout", "abort", "--note", "enough")).code, 0);
  await network.stage("aborted");
  assert.equal(hook.taken.length, 0);
  hook.isWell = true;
  await until("the receiver has heard all", () => hook.taken.length >= 3);
  assert.deepEqual(
    hook.taken.map(({ event: { type, level, movedBefore, moved } }) => [type, level, movedBefore, moved]),
    [
      ["started", "notice", 0, 0],
      ["going-back", "alarm", 1, 0],
      ["aborted", "warning", 0, 0],
    ],
  );
  assert.match(hook.taken[1]?.event.words ?? "", /^aborted by \w+: enough$/);
  assert.equal(new Set(hook.taken.map(({ id }) => id)).size, 3);
});
