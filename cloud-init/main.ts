import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import type { Ports } from "./core/check.ts";
import { readSeed } from "./core/read.ts";
import { renderSeed } from "./core/render.ts";

const USAGE = `vsix-pi render FILE.yaml [--output DIR]   user-data, network-config and meta-data for cloud-init, into DIR (default: seed)
vsix-pi check FILE.yaml                   only say what is wrong with it
FILE is for a home router, a router or a controller, as its \`kind\` says: cloud-init/README.md, cloud-init/vsix-pi.schema.json.
Exit status: 0 done; 1 failed; 2 wrong usage, or a file with faults, each told with its line.
`;
/** More than any bundle has. */
const MAX_OCTETS = 4_000_000;

function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: "string", short: "o", default: "seed" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, file] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if ((command !== "render" && command !== "check") || file === undefined || positionals.length !== 2) {
    process.stderr.write(USAGE);
    return 2;
  }
  const result = readSeed(readText(file), file, portsFor(file));
  if (!result.ok) {
    for (const fault of result.faults) process.stderr.write(`${formatFault(fault)}\n`);
    return 2;
  }
  if (command === "check") return 0;
  const files = renderSeed(result.seed, (text) => createHash("sha256").update(text).digest("hex"));
  mkdirSync(values.output, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) write(join(values.output, name), text);
  process.stdout.write(
    `${Object.keys(files).join(", ")} are in ${values.output}: copy them to the boot partition (cloud-init/README.md)\n`,
  );
  return 0;
}

/** The machine, for the core. */
function portsFor(file: string): Ports {
  return {
    nowMs: Date.now(),
    readClaim: decodeClaim,
    readFile: (path) => readSecret(resolve(dirname(file), path)),
  };
}

function readText(file: string): string {
  const { size } = statSync(file);
  if (size > MAX_OCTETS) throw new Error(`${file} has ${size} octets; at most ${MAX_OCTETS} are read`);
  return readFileSync(file, "utf8");
}

/** Mode and content are those of one open file; no fault repeats what it holds. */
function readSecret(path: string): ReturnType<Ports["readFile"]> {
  let handle: number | undefined;
  try {
    // Opening a pipe would wait for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(handle);
    if (!status.isFile()) return { fault: `${path} is no regular file` };
    if ((status.mode & 0o077) !== 0)
      return {
        fault: `${path} has mode ${(status.mode & 0o777).toString(8)}: others may read it; chmod 600 it`,
      };
    if (status.size > MAX_OCTETS)
      return { fault: `${path} has ${status.size} octets, more than ${MAX_OCTETS}` };
    return { text: readFileSync(handle, "utf8").replace(/\n+$/, "") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { fault: `${path} cannot be read (${code})` };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Nobody else may read it, whatever mode was there before. */
function write(path: string, text: string): void {
  const handle = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    fchmodSync(handle, 0o600);
    ftruncateSync(handle);
    writeFileSync(handle, text);
  } finally {
    closeSync(handle);
  }
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const isUsage =
    error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`vsix-pi: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
