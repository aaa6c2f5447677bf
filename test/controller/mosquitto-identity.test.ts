import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { MqttClient } from "mqtt";
import { controllerMain } from "../programs/bundles.ts";
import { Bench, freePort, QUICK, run, until } from "./harness.ts";
import { claimToken } from "./identity-bench.ts";
import { type Credentials, enrolRaw, mqttAs } from "./raw-node.ts";

const NAME = "edge-1";
const OTHER = "xe-sfc";

/** A controller and a real mosquitto with nothing but the files that the controller writes. */
class Meeting implements AsyncDisposable {
  readonly bench: Bench;
  readonly url: string;
  #mosquitto: ChildProcess | undefined;

  private constructor(bench: Bench, url: string) {
    this.bench = bench;
    this.url = url;
  }

  static async make(): Promise<Meeting> {
    const [port, enrol] = [await freePort(), await freePort()];
    const url = `mqtts://127.0.0.1:${port}`;
    const bench = await Bench.make(undefined, {});
    const { directory } = bench;
    const files = { directory: join(directory, "mosquitto"), pidFile: join(directory, "mosquitto.pid") };
    const config = {
      stateDir: join(directory, "state"),
      socket: bench.socket,
      tls: { names: ["127.0.0.1"] },
      enrol: { host: "127.0.0.1", port: enrol },
      mqtt: { url, files },
    };
    await writeFile(join(directory, "config.json"), JSON.stringify(config));
    const main = controllerMain();
    const prepared = await run(process.execPath, [
      main,
      "prepare",
      "--config",
      join(directory, "config.json"),
    ]);
    assert.equal(prepared.code, 0, prepared.stderr);
    const lines = [
      `pid_file ${files.pidFile}`,
      "user root",
      "persistence false",
      `listener ${port} 127.0.0.1`,
      `cafile ${files.directory}/ca.crt`,
      `certfile ${files.directory}/server.crt`,
      `keyfile ${files.directory}/server.key`,
      `crlfile ${files.directory}/crl.pem`,
      "require_certificate true",
      "use_subject_as_username true",
      "allow_anonymous false",
      "tls_version tlsv1.3",
      `acl_file ${files.directory}/acl`,
    ];
    await writeFile(join(directory, "mosquitto.conf"), `${lines.join("\n")}\n`);
    const meeting = new Meeting(bench, url);
    await meeting.startBroker();
    await bench.start();
    await bench.vsixctl("apply", QUICK);
    return meeting;
  }

  async startBroker(): Promise<void> {
    const config = join(this.bench.directory, "mosquitto.conf");
    const child = spawn("mosquitto", ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
    this.#mosquitto = child;
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += String(chunk);
    });
    await until("mosquitto runs", () => {
      if (child.exitCode !== null) throw new Error(log);
      return log.includes("running");
    });
  }

  async stopBroker(): Promise<void> {
    const child = this.#mosquitto;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await this.stopBroker();
  }
}

async function connected(url: string, id: string, as: Credentials): Promise<MqttClient> {
  const tried = await mqttAs(url, id, as);
  if (!("client" in tried)) throw new Error(`refused: ${tried.refused}`);
  return tried.client;
}

async function messages(bench: Bench): Promise<{ accepted: number; refused: number }> {
  return (await bench.json<{ messages: { accepted: number; refused: number } }>("status")).messages;
}

/** Whether a beat of a node, said by this client, reaches the controller. */
async function reaches(bench: Bench, client: MqttClient, node: string): Promise<boolean> {
  const before = await messages(bench);
  const alive = { version: 1, node, state: "online", beat: 1, agentVersion: "x", instance: "x" };
  client.publish(`vsix/v1/${node}/alive`, JSON.stringify(alive), { qos: 1 }, () => {});
  for (let i = 0; i < 10; i++) {
    const now = await messages(bench);
    if (now.accepted + now.refused > before.accepted + before.refused) return true;
  }
  return false;
}

test("a real mosquitto lets nodes in by our files, to their own topics only, and drops who is withdrawn", async () => {
  await using meeting = await Meeting.make();
  const { bench, url } = meeting;
  const mine = await enrolRaw(await claimToken(bench, NAME));
  assert.equal(mine.answer.brokerUrl, url);
  const others = await enrolRaw(await claimToken(bench, OTHER));
  assert.ok("refused" in (await mqttAs(url, "none", undefined)), "no certificate");

  const client = await connected(url, `vsix-agent-${NAME}`, mine);
  const other = await connected(url, `vsix-agent-${OTHER}`, others);
  try {
    await until("its own topic is open", () => reaches(bench, client, NAME));
    assert.equal(await reaches(bench, other, NAME), false, "another node's topic");
    const heard: string[] = [];
    for (const one of [client, other]) one.on("message", (topic) => heard.push(topic));
    await client.subscribeAsync(`vsix/v1/${NAME}/manifest`, { qos: 1 });
    await until("its manifest came", () => heard.length === 1);
    await other.subscribeAsync([`vsix/v1/${NAME}/manifest`, "#"], { qos: 1 }).catch(() => {});
    await until("its own manifest came", () => heard.includes(`vsix/v1/${OTHER}/manifest`));
    assert.equal(
      heard.filter((topic) => topic === `vsix/v1/${NAME}/manifest`).length,
      1,
      "heard by its node only",
    );
    // mosquitto looks at a last will when it is due, not at the connection.
    const beforeWill = await messages(bench);
    const liar = await mqttAs(url, "x", others, `vsix/v1/${NAME}/alive`);
    assert.ok("client" in liar);
    liar.client.stream.destroy();
    liar.client.end(true);
    await until("its own topic is still open", () => reaches(bench, client, NAME));
    const afterWill = await messages(bench);
    assert.equal(afterWill.refused, beforeWill.refused, "another node's last will");

    await bench.vsixctl("node", "revoke", NAME);
    assert.match(await readFile(join(bench.directory, "mosquitto/acl"), "utf8"), new RegExp(`CN=${OTHER}`));
    assert.doesNotMatch(
      await readFile(join(bench.directory, "mosquitto/acl"), "utf8"),
      new RegExp(`CN=${NAME}`),
    );
    await until("the revoked session is dumb", async () => !(await reaches(bench, client, NAME)));
  } finally {
    client.end(true);
    other.end(true);
  }
  await until(
    "the revoked certificate is refused",
    async () => "refused" in (await mqttAs(url, `vsix-agent-${NAME}`, mine)),
  );
  const back = await enrolRaw(await claimToken(bench, NAME));
  const returned = await connected(url, `vsix-agent-${NAME}`, back);
  await until("with a new certificate it is back", () => reaches(bench, returned, NAME));
  returned.end(true);
  await meeting.stopBroker();
  await meeting.startBroker();
  assert.ok("refused" in (await mqttAs(url, `vsix-agent-${NAME}`, mine)), "refused after a restart too");
});
