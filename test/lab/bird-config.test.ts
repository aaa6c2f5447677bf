import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { birdConfig } from "./bird-config.ts";
import { hostAddresses } from "./bird-host.ts";
import { readFabricFile } from "./fabric-file.ts";
import { REPOSITORY } from "./names.ts";
import { mustRun } from "./run.ts";

const FILES = [
  "examples/quick.yaml",
  "examples/vsix.yaml",
  "test/lab/fixtures/cables.yaml",
  "test/lab/fixtures/two-upstreams.yaml",
];

test("BIRD accepts the configuration of every BIRD node of every example", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-bird-"));
  try {
    for (const file of FILES) {
      const fabric = await readFabricFile(join(REPOSITORY, file));
      for (const node of fabric.nodes.filter((n) => n.software === "bird")) {
        const config = join(directory, `${node.name}.conf`);
        await writeFile(config, birdConfig(fabric, node));
        await mustRun("bird", ["-p", "-c", config]);
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("an upstream speaks to the confederation as to one AS, and to its own neighbours by their numbers", async () => {
  const fabric = await readFabricFile(join(REPOSITORY, "test/lab/fixtures/cables.yaml"));
  const wide = fabric.nodes.find((n) => n.name === "wide");
  assert.ok(wide);
  const config = birdConfig(fabric, wide);
  const peers = [...config.matchAll(/neighbor \S+ as (\d+)/g)].map((match) => match[1]);
  assert.deepEqual(peers, ["4690", "64500", "64501"]);
  assert.deepEqual(hostAddresses(wide), ["3fff:250::1"]);
});

test("an upstream's BFD has the times of each link", async () => {
  const fabric = await readFabricFile(join(REPOSITORY, "test/lab/fixtures/two-upstreams.yaml"));
  const wide = fabric.nodes.find((n) => n.name === "wide");
  assert.ok(wide);
  const slower = fabric.links.map((link) =>
    link.ends.some(({ node }) => node === "wide")
      ? { ...link, bfd: { intervalMs: 700, multiplier: 4 } }
      : link,
  );
  assert.match(birdConfig(fabric, wide), /interface "to-xe-sfc" \{ interval 200 ms; .*multiplier 3; \}/);
  assert.match(
    birdConfig({ ...fabric, links: slower }, wide),
    /interface "to-xe-sfc" \{ interval 700 ms; .*multiplier 4; \}/,
  );
});
