import type { TrustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Logger } from "pino";
import { judgeManifest } from "./core/accept.ts";
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
  /** A new document is in force (and on disk). */
  readonly onDocument: (document: AgentDocument) => void;
  /** Something was refused; nothing changed. */
  readonly onRefused: () => void;
}

/** Parts kept in memory at most: those of the held document and of one that is arriving. */
const MAX_PARTS = 64;
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

  /** Takes the newest document on disk that verifies. Returns whether there was one. */
  load(): boolean {
    const { node, trusted, store, log, onDocument } = this.#options;
    for (const { file, bytes } of store.candidates()) {
      try {
        const document = openBundle(bytes, node, trusted);
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
      this.#arriving = verified;
      this.#tryArriving();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Bytes filed under a SHA-256 on the broker. */
  part(sha256: string, bytes: Uint8Array): void {
    if (this.#parts.has(sha256)) return;
    if (sha256Hex(bytes) !== sha256) {
      this.#refuse(
        new VsixError("bad-digest", `a part does not have the SHA-256 ${sha256} it is filed under`),
      );
      return;
    }
    this.#parts.set(sha256, Buffer.from(bytes));
    const wanted = this.#wanted();
    for (const oldest of [...this.#parts.keys()]) {
      if (this.#parts.size <= MAX_PARTS) break;
      if (!wanted.has(oldest)) this.#parts.delete(oldest);
    }
    this.#tryArriving();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
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
      this.#patience = setTimeout(
        () => this.#refuse(new VsixError("missing-part", reason)),
        PARTS_PATIENCE_MS,
      );
      return;
    }
    this.#arriving = undefined;
    try {
      const document = assembleDocument(arriving, this.#parts);
      this.#options.store.save(encodeBundle(document));
      this.#take(document);
      this.#options.onDocument(document);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #take(document: AgentDocument): void {
    this.#held = document;
    this.#refusal = undefined;
    for (const [sha256, bytes] of document.partBytes) this.#parts.set(sha256, bytes);
  }

  #refuse(error: unknown): void {
    const code = error instanceof VsixError ? error.code : "internal";
    const reason = error instanceof Error ? error.message : String(error);
    this.#refusal = { at: new Date(this.#options.now()).toISOString(), code, reason };
    this.#options.log.warn({ code, reason }, "refused; nothing changed");
    this.#options.onRefused();
  }
}
