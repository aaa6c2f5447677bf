import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { pino } from "pino";
import { systemClock } from "../src/clock.ts";
import { parseConfig } from "../src/config.ts";
import { Controller } from "../src/controller.ts";
import { buildServer } from "../src/http/server.ts";
import { requirePortal } from "../src/portal/portal.ts";
import { apiStamp, forClient } from "./api-document.ts";

/**
 * Makes src/gen/api.ts, the types of the API for the typed client: a controller of this checkout is started, asked for its
 * OpenAPI document, and ended. A test says when it has to be run again.
 */
const FILE = join(import.meta.dirname, "src/gen/api.ts");
const ANY = { host: "127.0.0.1", port: 0 };
const LIMITS = {
  tokenPerMinute: 1,
  addressPerMinute: 1,
  failuresPerMinute: 1,
  connections: 1,
  connectionsPerAddress: 1,
  headersMs: 10_000,
};

async function readDocument(): Promise<object> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-openapi-"));
  try {
    const config = parseConfig(
      {
        stateDir: join(directory, "state"),
        socket: join(directory, "c.sock"),
        mqtt: { listen: ANY },
        portal: { listen: ANY, origin: "https://portal.example", tls: "off" },
      },
      "generate",
    );
    await using controller = await Controller.start(config, systemClock, pino({ level: "silent" }));
    const { context } = controller;
    const entrance = { limits: LIMITS, tls: false, portal: requirePortal(context) };
    const server = await buildServer(context, entrance);
    await server.ready();
    const document = server.swagger();
    await server.close();
    return document;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const document = await readDocument();
const nodes = await openapiTS(forClient(document) as Parameters<typeof openapiTS>[0], {
  defaultNonNullable: false,
});
await mkdir(dirname(FILE), { recursive: true });
await writeFile(FILE, `// ${apiStamp(document)}\n${astToString(nodes)}`);
