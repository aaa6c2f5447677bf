import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { PackageError } from "./error.ts";

/** A program's JavaScript in few files, and whose code is in them. */
export interface Bundle {
  /** By name; all in one folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Folders of npm packages below the repository, sorted: `node_modules/mqtt`. */
  readonly packages: readonly string[];
}

export interface BundleOptions {
  /** The repository. */
  readonly root: string;
  /** Name of a file without its ending, and the source that it begins with. */
  readonly entries: Readonly<Record<string, string>>;
  /** Packages that stay packages. */
  readonly external: readonly string[];
}

/** CommonJS within calls require() for Node's own modules. */
const BANNER = `import { createRequire as vsixCreateRequire } from "node:module";
const require = vsixCreateRequire(import.meta.url);
`;

/**
 * Bundles what the entries import. What is imported at run time only (`import()`) stays apart, as a command brings only what it
 * needs. Names follow the content, and nothing of the machine is in it. Throws {@link PackageError} with esbuild's own words.
 */
export async function bundle({ root, entries, external }: BundleOptions): Promise<Bundle> {
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: { ...entries },
      external: [...external],
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node24",
      outdir: "out",
      entryNames: "[name]",
      chunkNames: "[name]-[hash]",
      legalComments: "eof",
      banner: { js: BANNER },
      plugins: [threads],
      metafile: true,
      write: false,
      logLevel: "silent",
    });
    const files = outputFiles.map(({ path, text }) => [
      path.slice(join(root, "out/").length),
      Buffer.from(text.replace(/^#!.*\n/, "")), // nobody runs them but by the launcher
    ]);
    return {
      files: new Map(files as [string, Uint8Array][]),
      packages: packagesOf(Object.keys(metafile.inputs)),
    };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new PackageError("package-tool", `esbuild: ${said.slice(0, 4000)}`, { cause });
  }
}

/** A thread begins with a file of its own, which must be an entry: beside whoever starts it, and JavaScript. */
const threads: Plugin = {
  name: "threads",
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replaceAll(
        THREAD,
        'new Worker(new URL("./$1.js", import.meta.url)',
      ),
    }));
  },
};
const THREAD = /new Worker\(new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g;

/** Which npm packages files are of. Ours are links, and so below their own folders. */
export function packagesOf(inputs: readonly string[]): readonly string[] {
  const found = inputs.flatMap((path) => /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/@]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(found)].sort();
}
