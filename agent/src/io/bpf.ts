/** Instructions of classic BPF that are used here (linux/bpf_common.h). */
export const BPF = {
  LOAD_HALF: 0x28,
  LOAD_OCTET: 0x30,
  /** The value loaded, and k. */
  AND: 0x54,
  IF_EQUAL: 0x15,
  IF_GREATER: 0x25,
  IF_GREATER_OR_EQUAL: 0x35,
  /** Of the value loaded and k. */
  IF_ANY_BIT: 0x45,
  RETURN: 0x06,
} as const;

export type BpfInstruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** struct sock_filter for each (linux/filter.h). */
export function encodeBpf(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(([code, ifTrue, ifFalse, k], i) => {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, ifTrue);
    view.setUint8(i * 8 + 3, ifFalse);
    view.setUint32(i * 8 + 4, k, true);
  });
  return bytes;
}
