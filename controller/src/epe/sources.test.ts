import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { EpeSource, FabricEpe } from "@vsix/shared/fabric/epe-model.ts";
import { pino } from "pino";
import { DestinationSources } from "./sources.ts";

const never = new AbortController().signal;
const quiet = pino({ enabled: false });

function policyOf(...sources: readonly EpeSource[]): FabricEpe {
  return { destinations: { list: [], sources, max: 100 } } as unknown as FabricEpe;
}

function source(from: EpeSource["from"], change: Partial<EpeSource> = {}): EpeSource {
  return { from, refreshS: 60, maxBytes: 1000, maxEntries: 10, ...change };
}

test("a file is read, read again when due, and its last good reading outlives a bad one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "epe-"));
  try {
    const file = join(folder, "list");
    writeFileSync(file, "3fff:1::/32 3fff:1::1\n");
    const policy = policyOf(source({ file }));
    const sources = new DestinationSources(quiet);
    assert.equal(await sources.look(policy, 0, never), true);
    assert.equal(sources.lists()[0]?.destinations[0]?.prefix, "3fff:1::/32");
    writeFileSync(file, "3fff:1::/32 nonsense\n");
    assert.equal(await sources.look(policy, 59_999, never), false);
    assert.equal(sources.states()[0]?.fault, undefined);
    assert.equal(await sources.look(policy, 60_000, never), false);
    assert.match(sources.states()[0]?.fault ?? "", /line 1: "nonsense" is not an IPv6 address/);
    assert.equal(sources.lists()[0]?.destinations.length, 1);
    writeFileSync(file, "#".repeat(1001));
    await sources.look(policy, 120_000, never);
    assert.match(sources.states()[0]?.fault ?? "", /longer than 1000 octets/);
    assert.equal(await sources.look(policyOf(), 130_000, never), true);
    assert.deepEqual(sources.lists(), []);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a file that is not there, or no file, is a fault that names it, and is tried again", async () => {
  const sources = new DestinationSources(quiet);
  const policy = policyOf(source({ file: "/nonexistent/list" }), source({ file: "/dev" }));
  await sources.look(policy, 0, never);
  assert.ok(sources.complete);
  assert.match(sources.states()[0]?.fault ?? "", /ENOENT/);
  assert.match(sources.states()[1]?.fault ?? "", /not a regular file/);
});

async function served<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/list`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a URL is read; one that redirects, refuses or never ends is a fault", async () => {
  const cases: readonly (readonly [RequestListener, RegExp | undefined])[] = [
    [(_request, answer) => answer.end("3fff:2::/32 3fff:2::1 tcp 443\n"), undefined],
    [(_request, answer) => answer.writeHead(302, { location: "http://127.0.0.1:9/" }).end(), /redirect/],
    [(_request, answer) => answer.writeHead(500).end(), /answered 500/],
    [(_request, answer) => void answer.write("#".repeat(2000)), /longer than 1000 octets/],
  ];
  for (const [listener, fault] of cases)
    await served(listener, async (url) => {
      const sources = new DestinationSources(quiet);
      await sources.look(policyOf(source({ url })), 0, never);
      const [state] = sources.states();
      if (fault === undefined) assert.equal(state?.count, 1);
      else assert.match(state?.fault ?? "", fault);
    });
});
