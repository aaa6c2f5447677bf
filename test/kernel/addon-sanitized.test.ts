import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { test } from "node:test";
import { buildNative } from "../../agent/native/build.ts";
import { LOADED } from "./load-sanitized.ts";

/**
 * The tests that use the addon, once more with one that AddressSanitizer and UndefinedBehaviorSanitizer watch. Node itself
 * is as ever, but its allocator is theirs, so the addon is also seen where it writes into JavaScript's buffers.
 */

const here = (file: string): string => join(import.meta.dirname, file);
const LIMIT_MS = 120_000;

/** Why it cannot be done here, or where the runtime is. */
function runtime(): { readonly library: string } | { readonly missing: string } {
  const compiler = process.env["CC"] ?? "gcc";
  const asked = spawnSync(compiler, ["-print-file-name=libasan.so"], { encoding: "utf8" });
  if (asked.error !== undefined) return { missing: `no C compiler ${compiler}` };
  const library = asked.stdout.trim();
  return isAbsolute(library) ? { library } : { missing: `${compiler} has no libasan.so` };
}

const found = runtime();
const skip = "missing" in found ? found.missing : false;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Node with the sanitizers' runtime loaded first. Leaks are not looked for: Node's own would be all there is to see. */
async function runSanitized(args: readonly string[], signal: AbortSignal): Promise<Ended> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LD_PRELOAD: "library" in found ? found.library : "",
    ASAN_OPTIONS: "detect_leaks=0:detect_stack_use_after_return=1",
    UBSAN_OPTIONS: "print_stacktrace=1",
  };
  delete env["NODE_TEST_CONTEXT"]; // the child reports in words
  const child = spawn(process.execPath, args, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    signal,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  return { code: await promise, output };
}

test("the sanitizers see a library that writes one octet too far", { skip }, async (context) => {
  const library = join(tmpdir(), `vsix-overrun-${process.pid}.node`);
  try {
    const flags = ["-g", "-O0", "-fPIC", "-shared", "-fsanitize=address", "-o", library];
    const built = spawnSync(process.env["CC"] ?? "gcc", [...flags, here("fixtures/overrun.c")]);
    assert.equal(built.status, 0, String(built.stderr));
    const load = `process.dlopen({ exports: {} }, ${JSON.stringify(library)})`;
    const { code, output } = await runSanitized(["-e", load], context.signal);
    assert.notEqual(code, 0);
    assert.match(output, /AddressSanitizer: heap-buffer-overflow/);
  } finally {
    rmSync(library, { force: true });
  }
});

for (const file of ["native", "native-hostile", "netlink", "icmp6", "bfd", "beat"])
  test(`${file}.test.ts passes with the addon under AddressSanitizer and UndefinedBehaviorSanitizer`, {
    skip,
  }, async (context) => {
    buildNative({ sanitize: true });
    const args = ["--import", here("load-sanitized.ts"), here(`${file}.test.ts`)];
    const { code, output } = await runSanitized(args, context.signal);
    assert.ok(output.includes(LOADED), `the addon was never loaded:\n${output}`);
    assert.doesNotMatch(output, /AddressSanitizer|runtime error:/, output);
    assert.equal(code, 0, output);
  });
