import { Button } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import type { Session } from "../api/types.ts";
import { useTexts } from "../i18n/i18n.ts";
import { paletteTexts } from "./palette.texts.ts";

const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));

/** Goes anywhere by typing: Ctrl or Command and K, or this button. What it needs is loaded when it is first opened. */
export function PaletteButton({ session }: { readonly session: Session }) {
  const t = useTexts(paletteTexts);
  const [isOpen, { open, close }] = useDisclosure();
  useHotkeys([["mod+K", open]], []);
  return (
    <>
      {/* A telephone has no room for it, and the list of pages at hand. */}
      <Button
        variant="default"
        size="sm"
        onClick={open}
        aria-keyshortcuts="Control+K Meta+K"
        visibleFrom="xs"
      >
        {t("open")}
      </Button>
      {isOpen && (
        <Suspense>
          <Palette session={session} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
