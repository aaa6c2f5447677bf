import { join } from "node:path";
import { parseArgs } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { buildWatchImage } from "./watch/build.ts";

const USAGE = `images/build watch [--output FILE]   the container image of the path watch, an OCI layout in a tar archive
Exit status: 0 built; 1 failed; 2 wrong usage.
`;
const ROOT = join(import.meta.dirname, "..");

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { output: { type: "string", short: "o" }, help: { type: "boolean", default: false } },
  });
  const [what] = positionals;
  if (values.help || what !== "watch" || positionals.length !== 1) {
    (values.help ? process.stdout : process.stderr).write(USAGE);
    return values.help ? 0 : 2;
  }
  if (process.getuid?.() !== 0) throw new VsixError("image-root", "images are built as root");
  const { file, digest, layers } = await buildWatchImage(ROOT, values.output ?? "vsix-watch.oci.tar");
  const sizes = layers.map((octets) => `${(octets / 1e6).toFixed(1)} MB`);
  process.stdout.write(`${file}\n${digest}\nlayers ${sizes.join(", ")}\n`);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `images/build: ${error instanceof VsixError ? error.message : String((error as Error).stack)}\n`,
    );
    process.exitCode = error instanceof TypeError && "code" in error ? 2 : 1;
  },
);
