import qrcode from "qrcode-generator";
import { useMemo } from "react";

/** Light modules around it that readers want (ISO/IEC 18004, section 6.3.8). */
const QUIET = 4;

/** A text as a QR code, black on white in dark colours too: not every camera reads the contrary. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    let squares = "";
    for (let row = 0; row < count; row++)
      for (let column = 0; column < count; column++)
        if (code.isDark(row, column)) squares += `M${column + QUIET} ${row + QUIET}h1v1h-1z`;
    return { size: count + 2 * QUIET, path: squares };
  }, [text]);
  return (
    <svg role="img" aria-label={label} width={280} height={280} viewBox={`0 0 ${size} ${size}`}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
