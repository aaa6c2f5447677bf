import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Logger } from "pino";
import { isOlder, judgeManifest } from "../core/accept.ts";
import type { Mark, Refused } from "../core/fence.ts";
import type { DocumentStore } from "../io/document-store.ts";
import {
  type AgentDocument,
  assembleDocument,
  encodeBundle,
  missingParts,
  openBundle,
  type VerifiedManifest,
} from "./document.ts";
import { type FenceKeeper, markOf } from "./fence-keeper.ts";
import type { Keyring } from "./keyring.ts";
import { PartPool } from "./part-pool.ts";
import { type Refusal, Refusals } from "./refusals.ts";
import { Trial } from "./trial.ts";

export interface DocumentKeeperOptions {
  readonly node: string;
  readonly keyring: Keyring;
  readonly store: DocumentStore;
  readonly fence: FenceKeeper;
  /** This start's own random number: what is signed with it was signed since. */
  readonly nonce: string;
  readonly log: Logger;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Works out what a document asks for, without doing it. What it throws refuses the document as a whole. */
  readonly check: (document: AgentDocument) => void;
  /** A document is in force: a new one, or the last confirmed one again. */
  readonly onDocument: (document: AgentDocument) => void;
  /** Something was refused; nothing changed. Or the disk refused a document in force, or takes it again. */
  readonly onRefused: () => void;
  /** Parts have not come: whoever keeps them should be asked again. */
  readonly onMissing?: () => void;
  /** A genuine manifest has come, whatever becomes of it: what kinds of messages the controller hears. */
  readonly onHears?: (kinds: readonly string[]) => void;
  /** A genuine manifest that answers this number has come, whatever becomes of it. */
  readonly onAnswer?: (nonce: string) => void;
  /** {@link DocumentKeeper.wantsNonce} may have changed. */
  readonly onNonce?: () => void;
  /** The connection on which a confirm counts: opened since the trial's document was made true. */
  readonly connection?: () => string | undefined;
}

/** A document that the disk did not take is offered again this often. */
const SAVE_AGAIN_MS = 10_000;
/** A manifest whose parts have not come after this long is reported; it goes on waiting. */
const PARTS_PATIENCE_MS = 5_000;

/** Holds the document in force and lets in only what is signed, newer and complete. */
export class DocumentKeeper implements Disposable {
  readonly #options: DocumentKeeperOptions;
  readonly #pool = new PartPool();
  readonly #refusals: Refusals;
  /** In force. */
  #held: AgentDocument | undefined;
  /** In force for good: what a trial that fails goes back to. */
  #confirmed: AgentDocument | undefined;
  #trial: Trial | undefined;
  #arriving: VerifiedManifest | undefined;
  #patience: NodeJS.Timeout | undefined;
  #storeFault: string | undefined;
  #damaged: string | undefined;
  #saveAgain: NodeJS.Timeout | undefined;
  #expired = false;

  constructor(options: DocumentKeeperOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.log, options.now);
  }

  get held(): AgentDocument | undefined {
    return this.#held;
  }

  /** The newest refusal since the document in force was taken. */
  get refusal(): Refusal | undefined {
    return this.#refusals.newest;
  }

  /** Why the document in force is not on disk, or what was wrong with the one that was; undefined when all is well. */
  get storeFault(): string | undefined {
    return this.#storeFault ?? this.#damaged ?? this.#options.fence.fault;
  }

  /** What is held without having been confirmed. */
  get trial(): Trial | undefined {
    return this.#trial;
  }

  /** The newest generation that was tried in vain. */
  get takenBack(): Refused | undefined {
    return this.#options.fence.value.refused;
  }

  /** Whether only a manifest signed with this start's nonce can help: nothing is remembered, or the clock is in the way. */
  get wantsNonce(): boolean {
    return (this.#held === undefined && this.#options.fence.value.mark === undefined) || this.#expired;
  }

  /** Takes the newest document on disk that verifies. Returns whether there was one. */
  load(): boolean {
    const { node, keyring, store, fence, log, onDocument } = this.#options;
    for (const { file, bytes } of store.candidates()) {
      try {
        const document = openBundle(bytes, node, keyring);
        this.#options.check(document);
        log.info({ file, generation: document.manifest.generation }, "document loaded from disk");
        fence.start(markOf(document.manifest));
        this.#take(document);
        onDocument(document);
        return true;
      } catch (error) {
        log.error({ file, err: error }, "a document on disk is not usable; the next one is tried");
        const reason = error instanceof Error ? error.message : String(error);
        this.#damaged ??= `${file} is not usable: ${reason}`;
        this.#refuse(error);
      }
    }
    fence.start(undefined);
    return false;
  }

  /** A signed manifest from the broker, whatever it may be. */
  manifest(envelope: Uint8Array): void {
    const { node, keyring, fence, nonce, now } = this.#options;
    try {
      const verified = keyring.verify(envelope, node);
      const { manifest } = verified;
      this.#options.onHears?.(manifest.hears ?? []);
      if (manifest.nonce !== undefined) this.#options.onAnswer?.(manifest.nonce);
      const mark = markOf(manifest);
      if (this.#trial?.isFor(mark) === true) {
        this.#hearConfirm(this.#trial, manifest.confirm?.connection);
        return;
      }
      const standing = {
        held: this.#held?.manifest,
        mark: fence.value.mark,
        refused: fence.value.refused,
        nonce,
      };
      const verdict = judgeManifest(manifest, mark.content, standing, node, now());
      if (verdict.kind === "same") return;
      if (verdict.kind === "refuse") throw new VsixError(verdict.code, verdict.reason);
      // A replayed manifest, newer than what is held, must not take the place of a newer one whose parts are coming.
      const arriving = this.#arriving?.manifest;
      if (arriving !== undefined && isOlder(manifest, arriving))
        throw new VsixError(
          "old-generation",
          `generation ${manifest.generation} is older than ${arriving.generation}, which is arriving`,
        );
      this.#arriving = verified;
      this.#tryArriving();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Bytes filed under a SHA-256 on the broker. */
  part(sha256: string, bytes: Uint8Array): void {
    try {
      if (!this.#pool.add(sha256, bytes)) return;
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#pool.dropStrays(this.#wanted());
    this.#tryArriving();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#saveAgain);
    this.#trial?.[Symbol.dispose]();
    this.#options.fence[Symbol.dispose]();
  }

  #wanted(): ReadonlySet<string> {
    const manifests = [this.#held?.manifest, this.#confirmed?.manifest, this.#arriving?.manifest];
    return new Set(manifests.flatMap((manifest) => manifest?.parts.map(({ sha256 }) => sha256) ?? []));
  }

  #tryArriving(): void {
    const arriving = this.#arriving;
    if (arriving === undefined) return;
    clearTimeout(this.#patience);
    const missing = missingParts(arriving.manifest, this.#pool.parts);
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
      const document = assembleDocument(arriving, this.#pool.parts);
      this.#options.check(document);
      const mark = markOf(document.manifest);
      const withinS = document.manifest.confirm?.withinS;
      // Who holds nothing has nothing to go back to.
      if (withinS !== undefined && this.#confirmed !== undefined) this.#try(document, mark, withinS * 1000);
      else this.#takeForGood(document, mark);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #takeForGood(document: AgentDocument, mark: Mark): void {
    const { fence, onDocument, onNonce } = this.#options;
    this.#endTrial();
    this.#take(document);
    this.#damaged = undefined;
    this.#save(document);
    onDocument(document);
    // After the document: a fence without its document would be taken for a disk that went back.
    fence.taken(mark);
    onNonce?.();
  }

  /** The fence comes first: a restart amid the trial must find it. */
  #try(document: AgentDocument, mark: Mark, withinMs: number): void {
    const { fence, log, onDocument } = this.#options;
    fence.tried(mark, withinMs);
    this.#endTrial();
    this.#trial = new Trial(mark, withinMs, (reason) => this.#takeBack(reason));
    log.warn({ generation: mark.generation, withinMs }, "taken on trial; goes back unless confirmed");
    this.#show(document);
    onDocument(document);
  }

  #hearConfirm(trial: Trial, connection: string | undefined): void {
    if (connection === undefined || connection !== this.#options.connection?.()) return;
    const document = this.#held;
    if (document === undefined) return;
    this.#endTrial();
    this.#confirmed = document;
    this.#save(document);
    this.#options.fence.taken(trial.mark);
    this.#options.log.info({ generation: trial.mark.generation }, "confirmed");
    this.#options.onRefused();
  }

  #takeBack(reason: string): void {
    const { fence, log, onDocument, onRefused } = this.#options;
    const generation = this.#trial?.mark.generation;
    this.#endTrial();
    fence.takenBack(reason);
    log.warn({ generation, reason }, "not confirmed; back to what was held before");
    const before = this.#confirmed;
    if (before !== undefined) {
      this.#show(before);
      onDocument(before);
    }
    onRefused();
  }

  #endTrial(): void {
    this.#trial?.[Symbol.dispose]();
    this.#trial = undefined;
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
    this.#confirmed = document;
    this.#show(document);
  }

  #show(document: AgentDocument): void {
    this.#held = document;
    this.#refusals.clear();
    this.#expired = false;
    this.#pool.keep(document.partBytes);
    this.#pool.dropStrays(this.#wanted());
  }

  #refuse(error: unknown): void {
    const { code } = this.#refusals.add(error);
    if (code === "expired" && !this.#expired) {
      this.#expired = true;
      this.#options.onNonce?.();
    }
    this.#options.onRefused();
  }
}
