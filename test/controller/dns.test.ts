import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Courier } from "@vsix/agent/spool/courier.ts";
import { DnsSpool } from "@vsix/agent/spool/spool.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import { decodeDnsBatch, encodeDnsChunk } from "@vsix/shared/contract/up-dns.ts";
import type { DnsPair } from "@vsix/shared/dns/model.ts";
import { connect, type MqttClient } from "mqtt";
import { pino } from "pino";
import { batchOf, pairOf } from "../fakes/dns-pairs.ts";
import { Bench, QUICK, until } from "./harness.ts";

const log = pino({ enabled: false });
const NODE = "blue-sfc";

/** An agent's spool and what empties it, on a connection that comes and goes with the controller. */
class Node implements AsyncDisposable {
  readonly spool: DnsSpool;
  readonly client: MqttClient;
  readonly #courier: Courier;
  #nextMs = Date.now() - 3_600_000;

  private constructor(spool: DnsSpool, client: MqttClient, node: string) {
    this.spool = spool;
    this.client = client;
    this.#courier = new Courier({
      node,
      spool,
      log,
      answerMs: 500,
      link: {
        isConnected: () => client.connected,
        listen: () => {},
        send: async (chunk) => {
          try {
            await client.publishAsync(topics.up(node, "dns"), Buffer.from(chunk), { qos: 1 });
            return true;
          } catch {
            return false;
          }
        },
      },
    });
    client.on("connect", () => {
      client.subscribe(topics.dnsAck(node), { qos: 1 });
      this.#courier.connection();
    });
    client.on("close", () => this.#courier.connection());
    client.on("error", () => {});
    client.on("message", (_topic, payload) => this.#courier.answer(payload));
  }

  static start(directory: string, url: string, node = NODE): Node {
    const spool = new DnsSpool({ directory, maxOctets: 1e8 });
    const client = connect(url, {
      clientId: `vsix-agent-${node}`,
      reconnectPeriod: 50,
      clean: true,
      queueQoSZero: false,
    });
    return new Node(spool, client, node);
  }

  /** Captures so many pairs, one outcome after the other. */
  async capture(count: number): Promise<void> {
    const outcomes = ["native", "translated", "nodata", "nxdomain", "servfail", "other"] as const;
    const pairs: DnsPair[] = Array.from({ length: count }, (_, i) =>
      pairOf({
        timeMs: this.#nextMs++,
        id: i & 0xffff,
        outcome: outcomes[i % outcomes.length] ?? "native",
        name: `h${i % 50}.example`,
        client: `2001:db8:${i % 9}::1`,
      }),
    );
    const { meta, segment } = decodeDnsBatch(batchOf(pairs));
    const { points, firstUs, lastUs } = meta;
    await this.spool.add({
      points,
      firstUs,
      lastUs,
      pairs: count,
      counters: { packets: count * 2 },
      segment,
    });
  }

  async emptied(): Promise<void> {
    await until("the spool is empty", () => this.spool.first() === undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#courier[Symbol.asyncDispose]();
    await this.client.endAsync(true);
    await this.spool.close();
  }
}

interface Status {
  readonly pairs: number;
  readonly missingPairs: number;
  readonly uncountedMinutes: number;
}

async function withBench(work: (bench: Bench, directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-dns-agent-"));
  try {
    await using bench = await Bench.make();
    await bench.start();
    assert.equal((await bench.vsixctl("apply", QUICK)).code, 0);
    await work(bench, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test("pairs are stored once each, whatever the controller dies of and whenever", {
  timeout: 600_000,
}, async () => {
  await withBench(async (bench, directory) => {
    await using node = Node.start(join(directory, "spool"), bench.url);
    let captured = 0;
    for (let life = 0; life < 3; life++) {
      for (let i = 0; i < 8; i++) {
        await node.capture(300 + i);
        captured += 300 + i;
      }
      // Amid whatever it is doing: between a commit and its answer, too.
      await sleep(20 + life * 35);
      await bench.stop("SIGKILL");
      await node.capture(7);
      captured += 7;
      await bench.start();
    }
    await node.emptied();
    await until("all is stored", async () => (await bench.get<Status>("/v1/dns/status")).pairs === captured);
    const { missingPairs } = await bench.get<Status>("/v1/dns/status");
    assert.equal(missingPairs, 0);
  });
});

test("what is stored is asked for by name and client, and who asked is in the audit log", {
  timeout: 600_000,
}, async () => {
  await withBench(async (bench, directory) => {
    assert.match((await bench.vsixctl("dns", "top")).stderr, /no node has told/);
    await using node = Node.start(join(directory, "spool"), bench.url);
    await node.capture(600);
    await node.emptied();
    interface Top {
      readonly rows: readonly { readonly key: string; readonly tally: Record<string, number> }[];
    }
    const top = await bench.json<Top>("dns", "top", "--last", "2h", "--below", "example", "--limit", "3");
    assert.deepEqual(
      top.rows.map(({ key, tally }) => [key, tally["pairs"]]),
      [
        ["h0.example", 12],
        ["h1.example", 12],
        ["h10.example", 12],
      ],
    );
    const client = await bench.json<{ total: Record<string, number> }>(
      "dns",
      "client",
      "2001:db8:3::/48",
      "--last",
      "2h",
    );
    assert.equal(client.total["client.pairs"], 67);
    assert.match((await bench.vsixctl("dns", "top", "--last", "2h", "--clients")).stdout, /2001:db8:5::1/);
    assert.match(
      (await bench.vsixctl("dns", "tail", "--last", "2h")).stdout,
      /AAAA +translated +1\.5 ms +AAAA 64:ff9b::1/,
    );
    const file = join(directory, "pairs.csv");
    assert.equal(
      (await bench.vsixctl("dns", "export", file, "--last", "2h", "--outcome", "nxdomain")).code,
      0,
    );
    assert.equal((await readFile(file, "utf8")).split("\r\n").length, 1 + 100 + 1);
    const { audit } = await bench.json<{ audit: { what: string; detail: { view: string } }[] }>("audit");
    const looks = audit.filter(({ what }) => what === "dns-look").map(({ detail }) => detail.view);
    assert.deepEqual(looks.sort(), [
      "client",
      "export-csv",
      "tail",
      "top-client-all",
      "top-name-all",
      "top-name-all",
    ]);
    assert.equal((await bench.vsixctl("dns", "top", "--name", "a..b")).code, 1);
    await until(
      "minutes are counted",
      async () => (await bench.get<Status>("/v1/dns/status")).uncountedMinutes === 0,
    );
    const { total, capture } = await bench.json<{
      total: Record<string, number>;
      capture: Record<string, Record<string, number>>;
    }>("dns", "outcomes", "--last", "2h");
    assert.equal(total["client.outcome.translated"], 100);
    const page = join(directory, "report.html");
    const ran = await bench.vsixctl("report", "--last", "2h", "--event", "Camp", "--html", page);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(await readFile(page, "utf8"), /600 questions of users/);
    const { dns } = await bench.json<{ dns: { translatedShare: number } }>("report", "--last", "2h");
    assert.equal(dns.translatedShare, 0.5);
    assert.equal(capture[NODE]?.["packets"], 1200);
  });
});

test("a node that speaks for another, lies about a hash or floods costs nobody else anything", {
  timeout: 600_000,
}, async () => {
  await withBench(async (bench, directory) => {
    await using good = Node.start(join(directory, "spool"), bench.url);
    await using clients = new AsyncDisposableStack();
    const bad = connect(bench.url, { clientId: "bad" });
    clients.defer(() => bad.endAsync(true));
    await until("connected", () => bad.connected);
    const say = (node: string, bytes: Uint8Array) =>
      bad.publishAsync(topics.up(node, "dns"), Buffer.from(bytes), { qos: 0 });
    const body = batchOf([pairOf({ timeMs: Date.now() })]);
    const head = {
      version: 1,
      node: "edge-1",
      instance: "x",
      sequence: 1,
      offset: 0,
      total: body.length,
      sha256: "0".repeat(64),
    } as const;
    await say("edge-2", encodeDnsChunk(head, body));
    await say("edge-1", encodeDnsChunk(head, body));
    await say("nobody-knows-me", encodeDnsChunk({ ...head, node: "nobody-knows-me" }, body));
    await say("edge-1", Buffer.alloc(300_000));
    for (let i = 0; i < 200; i++)
      await say(
        "edge-1",
        encodeDnsChunk({ ...head, sequence: i + 2, total: 8_000_000 }, new Uint8Array(65_536)),
      );
    await good.capture(50);
    await good.emptied();
    // The figures of the status are taken now and then, not at each question.
    await until("all is stored", async () => (await bench.get<Status>("/v1/dns/status")).pairs === 50);
  });
});
