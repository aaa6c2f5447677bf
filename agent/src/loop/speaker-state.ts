import type { ServiceName } from "@vsix/shared/contract/part-services.ts";
import { compileSpeaker } from "../core/bgp/compile.ts";
import type { Speaker } from "../core/bgp/speaker.ts";
import { WayOut } from "../core/way-out.ts";
import type { AgentDocument } from "../documents/document.ts";
import type { SessionState } from "../resources/bgp/engine.ts";

/** The speaker that the engine should be: from the document, from whether this node has settled, and its way out. */
export class SpeakerState {
  readonly #adopted: boolean;
  readonly #now: () => number;
  #settling: boolean;
  #document: AgentDocument | undefined;
  #wayOut: WayOut | undefined;
  #last = "";

  /**
   * @param adopted the kernel held our routes when the agent started: nothing to settle
   * @param now monotonic, milliseconds
   */
  constructor(adopted: boolean, now: () => number) {
    this.#adopted = adopted;
    this.#now = now;
    this.#settling = !adopted;
  }

  get settling(): boolean {
    return this.#settling;
  }

  setDocument(document: AgentDocument): void {
    this.#wayOut ??= new WayOut(document.bgp, this.#adopted, this.#now());
    this.#document = document;
  }

  sessionsSeen(sessions: readonly SessionState[]): void {
    for (const { neighbour, state } of sessions)
      this.#wayOut?.seen(neighbour, state === "established", this.#now());
  }

  /** The kernel holds what BGP says: from now on this node is as good as any. */
  settled(): void {
    this.#settling = false;
  }

  /** The speaker, or undefined while it is what the last call returned. */
  next(usable: (interfaceName: string) => boolean, working: ReadonlySet<ServiceName>): Speaker | undefined {
    const document = this.#document;
    if (document === undefined) return undefined;
    const { bgp, fabric, steering } = document;
    const closed =
      fabric.node.role === "external-edge" &&
      (this.#settling || !(this.#wayOut?.isOpen(bgp, usable, this.#now()) ?? false));
    const speaker = compileSpeaker({
      bgp,
      nodeId: fabric.node.id,
      settling: this.#settling,
      closed,
      working,
      ...(steering === undefined ? {} : { steering }),
    });
    const text = JSON.stringify(speaker);
    if (text === this.#last) return undefined;
    this.#last = text;
    return speaker;
  }
}
