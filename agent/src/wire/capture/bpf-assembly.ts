/** Classic BPF with labels (linux/bpf_common.h, linux/filter.h). Conditional jumps reach 255 instructions, forwards. */

type Target = string | undefined;

interface Line {
  readonly code: number;
  readonly k: number;
  readonly ifTrue?: Target;
  readonly ifFalse?: Target;
  readonly always?: string;
}

export type BpfLine = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** SKF_AD_OFF + SKF_AD_PROTOCOL: the link's protocol, host order. */
const PROTOCOL = 0xffff_f000;

export class BpfAssembly {
  readonly #lines: Line[] = [];
  readonly #labels = new Map<string, number>();

  label(name: string): void {
    this.#labels.set(name, this.#lines.length);
  }

  loadProtocol(): void {
    this.#add(0x28, PROTOCOL);
  }

  /** A = the octet at X + k. */
  loadOctet(k: number): void {
    this.#add(0x50, k);
  }

  /** A = the two octets at X + k. */
  loadHalf(k: number): void {
    this.#add(0x48, k);
  }

  /** X = k. */
  setX(k: number): void {
    this.#add(0x01, k);
  }

  xFromA(): void {
    this.#add(0x07, 0);
  }

  aFromX(): void {
    this.#add(0x87, 0);
  }

  addX(): void {
    this.#add(0x0c, 0);
  }

  add(k: number): void {
    this.#add(0x04, k);
  }

  and(k: number): void {
    this.#add(0x54, k);
  }

  shiftLeft(k: number): void {
    this.#add(0x64, k);
  }

  store(cell: number): void {
    this.#add(0x02, cell);
  }

  load(cell: number): void {
    this.#add(0x60, cell);
  }

  jump(label: string): void {
    this.#lines.push({ code: 0x05, k: 0, always: label });
  }

  /** Goes on with the next line where there is no label. */
  ifEqual(k: number, ifTrue: Target, ifFalse?: Target): void {
    this.#lines.push({ code: 0x15, k, ifTrue, ifFalse });
  }

  ifAnyBit(k: number, ifTrue: Target, ifFalse?: Target): void {
    this.#lines.push({ code: 0x45, k, ifTrue, ifFalse });
  }

  give(octets: number): void {
    this.#add(0x06, octets);
  }

  /** RangeError for a label that is nowhere, behind, or too far. */
  lines(): BpfLine[] {
    return this.#lines.map(({ code, k, ifTrue, ifFalse, always }, at) => {
      const distance = (label: Target, most: number): number => {
        if (label === undefined) return 0;
        const to = (this.#labels.get(label) ?? -1) - at - 1;
        if (to < 0 || to > most) throw new RangeError(`${label} is ${to} instructions away`);
        return to;
      };
      if (always !== undefined) return [code, 0, 0, distance(always, 4096)];
      return [code, distance(ifTrue, 255), distance(ifFalse, 255), k];
    });
  }

  #add(code: number, k: number): void {
    this.#lines.push({ code, k });
  }
}
