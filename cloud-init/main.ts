import { closeSync, constants, fchmodSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import { readSeedFile, seedFiles } from "./files.ts";

const USAGE = `vsix-pi render FILE.yaml [--output DIR]   user-data, network-config and meta-data for cloud-init, into DIR (default: seed)
vsix-pi check FILE.yaml                   only say what is wrong with it
FILE is for a home router, a router or a controller, as its \`kind\` says: cloud-init/README.md, cloud-init/vsix-pi.schema.json.
Exit status: 0 done; 1 failed; 2 wrong usage, or a file with faults, each told with its line.
`;
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
  const result = readSeedFile(file);
  if (!result.ok) {
    for (const fault of result.faults) process.stderr.write(`${formatFault(fault)}\n`);
    return 2;
  }
  if (command === "check") return 0;
  const files = seedFiles(result.seed);
  mkdirSync(values.output, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) write(join(values.output, name), text);
  process.stdout.write(
    `${Object.keys(files).join(", ")} are in ${values.output}: copy them to the boot partition (cloud-init/README.md)\n`,
  );
  return 0;
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
