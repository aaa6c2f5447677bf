import { Button, Group, Stack } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { Dialogue } from "./dialogue.tsx";
import { Failure } from "./failure.tsx";
import { partsTexts } from "./parts.texts.ts";

/** What is done: a mutation without values of its own. */
interface Deed {
  readonly mutate: () => void;
  readonly isPending: boolean;
  readonly error: unknown;
}

/** Something that is explained, perhaps filled in, and then done or let be. What went wrong is said in it. */
export function DeedDialogue({
  title,
  word,
  isOpen,
  onClose,
  deed,
  isDangerous = false,
  failure,
  children,
}: {
  readonly title: string;
  /** On the button that does it. */
  readonly word: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly deed: Deed;
  readonly isDangerous?: boolean;
  /** Instead of the usual words. */
  readonly failure?: ReactNode;
  readonly children: ReactNode;
}) {
  const t = useTexts(partsTexts);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    deed.mutate();
  };
  return (
    <Dialogue title={title} isOpen={isOpen} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {failure ?? (deed.error !== null && <Failure error={deed.error} />)}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" {...(isDangerous ? { color: "red.9" } : {})} loading={deed.isPending}>
              {word}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialogue>
  );
}
