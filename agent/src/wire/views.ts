/**
 * Views of octets, for reading them four at a time. The last two are kept: most packets lie in the same ring as the one before,
 * and making a view costs more than reading a header.
 */
export class Views {
  #octets: Uint8Array = new Uint8Array();
  #view = viewOf(this.#octets);
  #octetsBefore = this.#octets;
  #viewBefore = this.#view;

  of(octets: Uint8Array): DataView {
    return octets === this.#octets ? this.#view : this.#other(octets);
  }

  #other(octets: Uint8Array): DataView {
    const view = octets === this.#octetsBefore ? this.#viewBefore : viewOf(octets);
    this.#octetsBefore = this.#octets;
    this.#viewBefore = this.#view;
    this.#octets = octets;
    this.#view = view;
    return view;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
