import { stepOf, type UpdateState } from "../core/update/plan.ts";
import { lineOf } from "../core/update/words.ts";
import type { UpdatePlaces } from "../update/places.ts";
import { readUpdate } from "../update/state-file.ts";

/** Of an update that is over, this long is told. */
const REMEMBER_MS = 7 * 86_400_000;
const OBJECT = "agent update";

/** What the controller is told of an update of this agent: whoever watches over it is another process, and writes it down. */
export class UpdateNotice {
  readonly #places: UpdatePlaces;
  readonly #onChange: () => void;
  #state: UpdateState | undefined;

  constructor(places: UpdatePlaces, onChange: () => void) {
    this.#places = places;
    this.#onChange = onChange;
    this.#state = readUpdate(places);
  }

  /** The watcher has written something down. */
  read(): UpdateState | undefined {
    this.#state = readUpdate(this.#places);
    this.#onChange();
    return this.#state;
  }

  /** Under way. */
  get waiting(): ReadonlyMap<string, string> {
    const state = this.#state;
    return new Map(state === undefined || stepOf(state) === undefined ? [] : [[OBJECT, lineOf(state)]]);
  }

  /** Over. */
  get repaired(): ReadonlyMap<string, { readonly reason: string; readonly atMs: number }> {
    const state = this.#state;
    if (state === undefined || stepOf(state) !== undefined || Date.now() - state.atMs > REMEMBER_MS)
      return new Map();
    return new Map([[OBJECT, { reason: lineOf(state), atMs: state.atMs }]]);
  }
}
