import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type TarEntry, tar } from "./tar.ts";

/** Writes OCI image layouts (OCI Image Format Specification 1.0: image-layout, manifest, config, layer). */

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface Layer extends Descriptor {
  /** Digest of what it holds before compression (rootfs.diff_ids). */
  readonly diffId: string;
  readonly createdBy: string;
}

export interface ImageConfig {
  /** As Node names it. */
  readonly architecture: "amd64" | "arm64";
  readonly user: string;
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workingDir: string;
  readonly volumes: readonly string[];
  readonly stopSignal: string;
  /** org.opencontainers.image.*, of config and manifest. */
  readonly labels: Readonly<Record<string, string>>;
}

const TYPE = "application/vnd.oci.image";

/** A layout under construction in a folder. */
export class OciLayout {
  readonly #folder: string;
  readonly #createdS: number;

  /** @param createdS time of everything in it, seconds since 1970: the same input gives the same digests. */
  constructor(folder: string, createdS: number) {
    this.#folder = folder;
    this.#createdS = createdS;
    mkdirSync(this.#blob(""), { recursive: true });
  }

  /** A layer of these files. */
  async addLayer(entries: Iterable<TarEntry>, createdBy: string): Promise<Layer> {
    const plain = createHash("sha256");
    const packed = createHash("sha256");
    const partial = this.#blob(`partial-${process.pid}`);
    const source = Readable.from(tar(entries, this.#createdS));
    // No name and no time in the header: zlib writes neither.
    const gzip = createGzip({ level: 6 });
    await pipeline(source, through(plain), gzip, through(packed), createWriteStream(partial));
    const hex = packed.digest("hex");
    renameSync(partial, this.#blob(hex));
    const { size } = statSync(this.#blob(hex));
    const mediaType = `${TYPE}.layer.v1.tar+gzip`;
    return { mediaType, digest: `sha256:${hex}`, size, diffId: `sha256:${plain.digest("hex")}`, createdBy };
  }

  /** The image of these layers, lowest first, under a name. @returns the manifest's digest. */
  finish(name: string, config: ImageConfig, layers: readonly Layer[]): string {
    const created = new Date(this.#createdS * 1000).toISOString();
    const { architecture, user, env, entrypoint, cmd, workingDir, volumes, stopSignal, labels } = config;
    const empty = (names: readonly string[]) => Object.fromEntries(names.map((one) => [one, {}]));
    const configOf = this.#addJson("config.v1+json", {
      created,
      architecture,
      os: "linux",
      config: {
        User: user,
        Env: env,
        Entrypoint: entrypoint,
        Cmd: cmd,
        WorkingDir: workingDir,
        Volumes: empty(volumes),
        StopSignal: stopSignal,
        Labels: labels,
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(({ createdBy }) => ({ created, created_by: createdBy })),
    });
    const manifest = this.#addJson("manifest.v1+json", {
      schemaVersion: 2,
      mediaType: `${TYPE}.manifest.v1+json`,
      config: configOf,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
      annotations: labels,
    });
    const annotations = {
      "org.opencontainers.image.ref.name": name,
      "io.containerd.image.name": `localhost/${name}`, // what docker load calls it
    };
    const platform = { architecture, os: "linux" };
    this.#write("index.json", {
      schemaVersion: 2,
      mediaType: `${TYPE}.index.v1+json`,
      manifests: [{ ...manifest, platform, annotations }],
    });
    this.#write("oci-layout", { imageLayoutVersion: "1.0.0" });
    return manifest.digest;
  }

  #addJson(type: string, value: unknown): Descriptor {
    const text = Buffer.from(JSON.stringify(value));
    const hex = createHash("sha256").update(text).digest("hex");
    writeFileSync(this.#blob(hex), text);
    return { mediaType: `${TYPE}.${type}`, digest: `sha256:${hex}`, size: text.length };
  }

  #blob(hex: string): string {
    return join(this.#folder, "blobs", "sha256", hex);
  }

  #write(name: string, value: unknown): void {
    writeFileSync(join(this.#folder, name), JSON.stringify(value));
  }
}

function through(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
}
