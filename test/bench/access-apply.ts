import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { ctl } from "../lab/ctl.ts";
import { type Lab, removeLab } from "../lab/lab.ts";
import { namespaceName } from "../lab/names.ts";
import { controllerSocket } from "../lab/programs.ts";
import { inNamespace, ipBatch } from "../lab/run.ts";
import { createSrv6Home } from "../lab/services/users.ts";
import { upLab } from "../lab/up.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { median, percentile, spread } from "./statistics.ts";

const FABRIC = join(import.meta.dirname, "../../examples/access.yaml");
const APPLICATIONS = 200;
const REVOKED = 50;
const POOL = "2001:db8:e100::/40";
const ENDPOINTS = "3fff:250:a1::1";
const PATIENCE_MS = 10_000;
/** A stream that has been silent for so long has ended. */
const SILENCE_MS = 300;

interface Made {
  readonly id: number;
  readonly prefixes: readonly string[];
}

async function post(socketPath: string, path: string, body: object): Promise<Made> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = { "content-type": "application/json" };
  const asked = request({ socketPath, path, method: "POST", headers, timeout: 20_000 }, (answer) => {
    text(answer).then(
      (said) => (answer.statusCode === 200 ? resolve(said) : reject(new Error(said))),
      reject,
    );
  });
  asked.on("error", reject).end(JSON.stringify(body));
  return JSON.parse(await promise) as Made;
}

/** One end in its namespace: a line in, lines out. */
class End implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<string, (value: bigint) => void>();
  readonly ready: Promise<bigint>;

  constructor(lab: Lab, node: string, mode: "send" | "receive") {
    const program = [process.execPath, join(import.meta.dirname, "access-ends.ts"), mode];
    const [file = "ip", ...args] = inNamespace(namespaceName(lab.name, node), program);
    const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.ready = this.next("ready");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [word = "", number, ns = "0"] = line.split(" ");
      const key = number === undefined ? word : `${word} ${number}`;
      this.#waiting.get(key)?.(BigInt(ns));
      this.#waiting.delete(key);
    });
  }

  say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  next(key: string): Promise<bigint> {
    return new Promise((resolve) => this.#waiting.set(key, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}

/** One user router for all, which takes whatever is sent to any of its endpoints, and one host with every address of the pool. */
async function makeUsers(lab: Lab): Promise<string> {
  const { host, router } = await createSrv6Home(lab, 1);
  const at = (node: string): string => namespaceName(lab.name, node);
  const upstream = lab.fabric.nodes.find(({ role }) => role === "upstream")?.name ?? "";
  await ipBatch(at(upstream), [`route add ${ENDPOINTS}:0/112 via 3fff:250:a1::2`]);
  await ipBatch(at(router), [
    `route add ${ENDPOINTS}:0/112 encap seg6local action End.DT6 table main dev wan`,
    "address add fe80::1/64 dev lan nodad",
    `route add ${POOL} via fe80::2 dev lan`,
  ]);
  await ipBatch(at(host), ["address add fe80::2/64 dev eth0 nodad", `route add local ${POOL} dev lo`]);
  return host;
}

async function run({ progress, signal, count = APPLICATIONS }: BenchContext): Promise<BenchResult> {
  const name = `b${process.pid}accessapply`;
  try {
    const lab = await upLab(FABRIC, { name, progress, signal });
    const api = controllerSocket(lab.name);
    await ctl(lab, ["pool", "create", "east", "--purpose", "srv6", "--prefix", POOL]);
    await ctl(lab, ["service", "set", "srv6-access", "--approval", "auto", "--per-user", "100000"]);
    await ctl(lab, ["user", "create", "many"]);
    const host = await makeUsers(lab);
    await using sender = new End(lab, "edge-1", "send");
    await using receiver = new End(lab, host, "receive");
    await receiver.ready;
    const totalMs: number[] = [];
    const answerMs: number[] = [];
    const made: Made[] = [];
    for (let n = 1; n <= count; n++) {
      progress.update(`application ${n} of ${count}`);
      const first = receiver.next(`first ${n}`);
      const beganNs = process.hrtime.bigint();
      const body = { user: "many", service: "srv6-access", device: `d${n}`, note: "" };
      const one = await post(api, "/v1/applications", {
        ...body,
        endpoint: `${ENDPOINTS}:${n.toString(16)}`,
      });
      answerMs.push(Number(process.hrtime.bigint() - beganNs) / 1e6);
      made.push(one);
      sender.say(`${(one.prefixes[0] ?? "").replace(/\/\d+$/, "1")} ${n}`);
      const late = sleep(PATIENCE_MS, undefined, { signal }).then(() => undefined);
      const arrivedNs = await Promise.race([first, late]);
      if (arrivedNs === undefined)
        throw new Error(`application ${n}: no packet within ${PATIENCE_MS / 1000} s`);
      totalMs.push(Number(arrivedNs - beganNs) / 1e6);
      sender.say("stop");
      await sleep(20, undefined, { signal });
    }
    const revokeMs: number[] = [];
    for (const [i, { id, prefixes }] of made.slice(0, REVOKED).entries()) {
      progress.update(`revocation ${i + 1} of ${REVOKED}`);
      const number = 1_000_000 + i;
      const first = receiver.next(`first ${number}`);
      sender.say(`${(prefixes[0] ?? "").replace(/\/\d+$/, "1")} ${number}`);
      await first;
      const beganNs = process.hrtime.bigint();
      await post(api, `/v1/applications/${id}/revoke`, { reason: "" });
      let lastNs = 0n;
      for (;;) {
        await sleep(SILENCE_MS, undefined, { signal });
        const asked = receiver.next(`last ${number}`);
        receiver.say(String(number));
        const nowNs = await asked;
        if (nowNs === lastNs) break;
        lastNs = nowNs;
      }
      revokeMs.push(Math.max(0, Number(lastNs - beganNs) / 1e6));
      sender.say("stop");
    }
    const rows = (what: string, samples: readonly number[], aim?: string): Figure[] => {
      const common = { unit: "ms" as const, samples: samples.length, ...spread(samples) };
      return [
        { name: `${what}: median`, value: median(samples), ...common },
        {
          name: `${what}: p99`,
          value: percentile(samples, 99),
          ...common,
          ...(aim === undefined ? {} : { aim }),
        },
      ];
    };
    return {
      figures: [
        ...rows("application answered", answerMs),
        ...rows("application to the first packet forwarded", totalMs, "seconds, by the report; we want 1 s"),
        ...rows("revocation to the last packet forwarded", revokeMs, "in effect within 1 s"),
      ],
      setting: { applications: count, revocations: revokeMs.length, fabric: "examples/access.yaml" },
      notes: [
        "From the request at the controller's socket to a packet of another Edge that arrives behind the user's router, by SRv6: policy auto, commit with fsync, shard, signed manifest, MQTT, verified and kept (fsync), kernel.",
      ],
    };
  } finally {
    await removeLab(name);
  }
}

export const accessApplyCase: BenchCase = {
  name: "access-apply",
  summary: `${APPLICATIONS} applications for SRv6 access, each from the request to packets forwarded; ${REVOKED} revoked under traffic`,
  run,
};
