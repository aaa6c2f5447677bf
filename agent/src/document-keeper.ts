import { MAX_PART_OCTETS } from "@vsix/shared/contract/parse.ts";
import type { TrustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Logger } from "pino";
import { isOlder, judgeManifest } from "./core/accept.ts";
import {
  type AgentDocument,
  assembleDocument,
  encodeBundle,
  missingParts,
  openBundle,
  sha256Hex,
  type VerifiedManifest,
  verifyManifest,
} from "./document.ts";
import type { DocumentStore } from "./io/document-store.ts";

export interface Refusal {
  readonly at: string;
  readonly code: string;
  readonly reason: string;
}

export interface DocumentKeeperOptions {
  readonly node: string;
  readonly trusted: TrustedKeys;
  readonly store: DocumentStore;
  readonly log: Logger;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Works out what a document asks for, without doing it. What it throws refuses the document as a whole. */
  readonly check: (document: AgentDocument) => void;
  /** A new document is in force (and on disk, unless {@link DocumentKeeper.storeFault} says why not). */
  readonly onDocument: (document: AgentDocument) => void;
  /** Something was refused; nothing changed. Or the disk refused a document in force, or takes it again. */
  readonly onRefused: () => void;
  /** Parts have not come: whoever keeps them should be asked again. */
  readonly onMissing?: () => void;
}

/** Parts that no manifest names yet, kept in memory at most: a manifest comes after its parts. */
const MAX_STRAY_PARTS = 64;
const MAX_STRAY_OCTETS = 32 * 1024 * 1024;
/** A document that the disk did not take is offered again this often. */
const SAVE_AGAIN_MS = 10_000;
/** The same refusal is logged again after this long; a flood of them must not fill a disk. */
const SAY_AGAIN_MS = 10_000;
/** A manifest whose parts have not come after this long is reported; it goes on waiting. */
const PARTS_PATIENCE_MS = 5_000;

/** Holds the document in force and lets in only what is signed, newer and complete. */
export class DocumentKeeper implements Disposable {
  readonly #options: DocumentKeeperOptions;
  readonly #parts = new Map<string, Uint8Array>();
  #held: AgentDocument | undefined;
  #arriving: VerifiedManifest | undefined;
  #patience: NodeJS.Timeout | undefined;
  #refusal: Refusal | undefined;
  #storeFault: string | undefined;
  #saveAgain: NodeJS.Timeout | undefined;
  #saidMs = Number.NEGATIVE_INFINITY;
  #saidCode = "";
  #unsaid = 0;

  constructor(options: DocumentKeeperOptions) {
    this.#options = options;
  }

  get held(): AgentDocument | undefined {
    return this.#held;
  }

  /** The newest refusal since the document in force was taken. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** Why the document in force is not on disk, or undefined when it is. */
  get storeFault(): string | undefined {
    return this.#storeFault;
  }

  /** Takes the newest document on disk that verifies. Returns whether there was one. */
  load(): boolean {
    const { node, trusted, store, log, onDocument } = this.#options;
    for (const { file, bytes } of store.candidates()) {
      try {
        const document = openBundle(bytes, node, trusted);
        this.#options.check(document);
        log.info({ file, generation: document.manifest.generation }, "document loaded from disk");
        this.#take(document);
        onDocument(document);
        return true;
      } catch (error) {
        log.error({ file, err: error }, "a document on disk is not usable; the next one is tried");
        this.#refuse(error);
      }
    }
    return false;
  }

  /** A signed manifest from the broker, whatever it may be. */
  manifest(envelope: Uint8Array): void {
    const { node, trusted, now } = this.#options;
    try {
      const verified = verifyManifest(envelope, node, trusted);
      const verdict = judgeManifest(verified.manifest, this.#held?.manifest, node, now());
      if (verdict.kind === "same") return;
      if (verdict.kind === "refuse") throw new VsixError(verdict.code, verdict.reason);
      // A replayed manifest, newer than what is held, must not take the place of a newer one whose parts are coming.
      const arriving = this.#arriving?.manifest;
      if (arriving !== undefined && isOlder(verified.manifest, arriving))
        throw new VsixError(
          "old-generation",
          `generation ${verified.manifest.generation} is older than ${arriving.generation}, which is arriving`,
        );
      this.#arriving = verified;
      this.#tryArriving();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Bytes filed under a SHA-256 on the broker. */
  part(sha256: string, bytes: Uint8Array): void {
    if (this.#parts.has(sha256)) return;
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      this.#refuse(new VsixError("bad-digest", "a part is filed under a name that is no SHA-256"));
      return;
    }
    if (bytes.length > MAX_PART_OCTETS) {
      const reason = `part ${sha256} has ${bytes.length} octets; at most ${MAX_PART_OCTETS} are read`;
      this.#refuse(new VsixError("too-large", reason));
      return;
    }
    if (sha256Hex(bytes) !== sha256) {
      this.#refuse(
        new VsixError("bad-digest", `a part does not have the SHA-256 ${sha256} it is filed under`),
      );
      return;
    }
    this.#parts.set(sha256, Buffer.from(bytes));
    this.#dropStrays();
    this.#tryArriving();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#saveAgain);
  }

  /** The oldest parts that nobody asked for go first. */
  #dropStrays(): void {
    const wanted = this.#wanted();
    const strays = [...this.#parts].filter(([sha256]) => !wanted.has(sha256));
    let octets = strays.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    let count = strays.length;
    for (const [sha256, bytes] of strays) {
      if (count <= MAX_STRAY_PARTS && octets <= MAX_STRAY_OCTETS) return;
      this.#parts.delete(sha256);
      count--;
      octets -= bytes.length;
    }
  }

  #wanted(): ReadonlySet<string> {
    const manifests = [this.#held?.manifest, this.#arriving?.manifest];
    return new Set(manifests.flatMap((manifest) => manifest?.parts.map(({ sha256 }) => sha256) ?? []));
  }

  #tryArriving(): void {
    const arriving = this.#arriving;
    if (arriving === undefined) return;
    clearTimeout(this.#patience);
    const missing = missingParts(arriving.manifest, this.#parts);
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name).join(", ");
      const reason = `generation ${arriving.manifest.generation} waits for part ${names}`;
      this.#patience = setTimeout(() => {
        this.#refuse(new VsixError("missing-part", reason));
        this.#options.onMissing?.();
      }, PARTS_PATIENCE_MS);
      return;
    }
    this.#arriving = undefined;
    try {
      const document = assembleDocument(arriving, this.#parts);
      this.#options.check(document);
      this.#take(document);
      this.#save(document);
      this.#options.onDocument(document);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** A disk that is full or read-only must not stop the network from being steered: it is said, and tried again. */
  #save(document: AgentDocument): void {
    clearTimeout(this.#saveAgain);
    const { store, log, onRefused } = this.#options;
    const before = this.#storeFault;
    try {
      store.save(encodeBundle(document));
      this.#storeFault = undefined;
    } catch (error) {
      this.#storeFault = error instanceof Error ? error.message : String(error);
      this.#saveAgain = setTimeout(() => this.#save(document), SAVE_AGAIN_MS);
    }
    if (before === this.#storeFault) return;
    log.warn({ reason: this.#storeFault ?? null }, "writing the document to disk");
    onRefused();
  }

  #take(document: AgentDocument): void {
    this.#held = document;
    this.#refusal = undefined;
    for (const [sha256, bytes] of document.partBytes) this.#parts.set(sha256, bytes);
    this.#dropStrays();
  }

  #refuse(error: unknown): void {
    const code = error instanceof VsixError ? error.code : "internal";
    const reason = error instanceof Error ? error.message : String(error);
    this.#refusal = { at: new Date(this.#options.now()).toISOString(), code, reason };
    this.#say(code, reason);
    this.#options.onRefused();
  }

  #say(code: string, reason: string): void {
    const nowMs = this.#options.now();
    // A clock set back must not silence it.
    if (code === this.#saidCode && Math.abs(nowMs - this.#saidMs) < SAY_AGAIN_MS) {
      this.#unsaid++;
      return;
    }
    this.#options.log.warn({ code, reason, unsaid: this.#unsaid }, "refused; nothing changed");
    this.#saidCode = code;
    this.#saidMs = nowMs;
    this.#unsaid = 0;
  }
}
