#!/usr/bin/env node
import { mkdirSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

// JavaScript, for it runs before there is a cache: loading what strips types costs more than the rest of a command.
// Half of that rest is compiling. The cache is the user's own: whoever can write there runs code as us, so
// never Node's default below /tmp. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE are honoured.
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vsix", "vsixctl");
try {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  enableCompileCache(cache);
} catch {
  // A home that cannot be written: a little slower.
}
const { main } = await import("./program.ts");
process.exitCode = await main();
