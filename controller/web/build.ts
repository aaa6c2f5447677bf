import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/**
 * Makes dist/ of src/: what the controller shows to browsers. Does nothing where it is made of the same sources already; whoever
 * needs it calls it.
 *
 *   node controller/web/build.ts
 */
const HERE = import.meta.dirname;
const DIST = join(HERE, "dist");
const LOCK = join(HERE, "../../package-lock.json");
/** What the browser shares with the controller. */
const SHARED = ["../src/core/access", "../../cloud-init/core", "../../shared/src"].map((at) =>
  join(HERE, at),
);
/** A file of this many octets costs less to load than a request more, as far as the bundler can tell: before it is minified. */
const SMALL = 30_000;
/** What so many pages have in common is loaded with the first of them. */
const MANY = 8;
/** Smaller files gain nothing on the wire. */
const WORTH_COMPRESSING = 1024;

/**
 * Left to itself the bundler makes a file of whatever two pages have in common: the first page was 53 requests, and most of what a
 * request cost were its headers. Everything that the first page needs is one file; what later pages share is gathered by who needs it.
 */
const CHUNKS = [
  { name: "first", tags: ["$initial" as const], priority: 3 },
  { name: "pages", minShareCount: MANY, priority: 2 },
  { name: "shared", minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: SMALL, priority: 1 },
];

const shortened = (name: string): string => name.split("~")[0] ?? name;

/** A hash of everything that the build depends on. */
async function stampOf(): Promise<string> {
  const folders = [join(HERE, "src"), ...SHARED];
  const found = folders.map((at) => readdir(at, { recursive: true, withFileTypes: true }));
  const entries = (await Promise.all(found)).flat();
  const sources = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  const files = [...sources.sort(), join(HERE, "build.ts"), join(HERE, "index.html"), LOCK];
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${relative(HERE, file)}\0`).update(await readFile(file));
  return hash.digest("hex");
}

/** Builds where it has to; true when it did. */
export async function buildWeb(): Promise<boolean> {
  const stamp = await stampOf();
  const before = await readFile(join(DIST, "stamp"), "utf8").catch(() => "");
  if (before === stamp) return false;
  const fresh = join(HERE, `dist.${process.pid}`);
  try {
    await writeFile(join(fresh, "packages.json"), JSON.stringify(await bundle(fresh)));
    await compress(join(fresh, "assets"));
    await writeFile(join(fresh, "stamp"), stamp);
    await rm(DIST, { recursive: true, force: true });
    await rename(fresh, DIST).catch((error: NodeJS.ErrnoException) => {
      // Somebody else built the same at the same time.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return true;
}

/** Gives the npm packages of which something is within, as folders below the repository, sorted. */
async function bundle(outDir: string): Promise<readonly string[]> {
  const packages = new Set<string>();
  const { build } = await import("vite");
  await build({
    root: HERE,
    configFile: false,
    logLevel: "warn",
    // Styles that Mantine makes while it runs carry the answer's own nonce: http/pages.ts puts it here.
    html: { cspNonce: "VSIX-NONCE" },
    plugins: [
      {
        name: "packages",
        generateBundle(_options, files) {
          for (const file of Object.values(files))
            for (const id of file.type === "chunk" ? file.moduleIds : []) {
              const folder = /^[^?]*\/node_modules\/(?:@[^/]+\/)?[^/?]+(?=[/?])/.exec(
                id.replaceAll("\0", ""),
              )?.[0];
              if (folder !== undefined) packages.add(relative(join(HERE, "../.."), folder));
            }
        },
      },
    ],
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: {
        output: {
          codeSplitting: { groups: CHUNKS },
          // Left to itself, a chunk's name is a list of all who need it.
          chunkFileNames: ({ name }) => `assets/${shortened(name)}-[hash].js`,
          assetFileNames: ({ names: [name = ""] }) => {
            const dot = name.lastIndexOf(".");
            return `assets/${shortened(name.slice(0, dot))}-[hash]${name.slice(dot)}`;
          },
        },
        // Libraries say which of their modules are for browsers; here all are.
        onwarn: (warning, warn) => {
          if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
        },
      },
    },
  });
  return [...packages].sort();
}

async function compress(directory: string): Promise<void> {
  // The best there is: it is done once, and read by every new browser.
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  for (const name of await readdir(directory)) {
    const file = join(directory, name);
    const body = await readFile(file);
    if (body.length < WORTH_COMPRESSING) continue;
    await writeFile(`${file}.br`, await promisify(brotliCompress)(body, quality));
    await writeFile(`${file}.gz`, await promisify(gzip)(body, { level: 9 }));
  }
}

if (import.meta.main) {
  const isBuilt = await buildWeb();
  process.stdout.write(isBuilt ? "the web application is built\n" : "the web application is current\n");
}
