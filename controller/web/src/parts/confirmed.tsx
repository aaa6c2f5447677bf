import { Button, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { may, useSession } from "../api/queries.ts";
import type { Scope } from "../api/types.ts";
import { useTexts } from "../i18n/i18n.ts";
import { DeedDialogue } from "./deed-dialogue.tsx";
import { partsTexts } from "./parts.texts.ts";

export interface ConfirmedProps {
  readonly label: string;
  /** What it is done to, where several buttons have the same label: a screen reader says both. */
  readonly of?: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** Whoever lacks it does not see the button; the controller refuses it anyway. */
  readonly needs: Scope;
  readonly isDangerous?: boolean;
  /** What is asked for why; without it nothing is. */
  readonly reason?: "may" | "must";
  readonly run: (reason: string) => Promise<unknown>;
  /** What is read anew afterwards; the page stays as it is. */
  readonly refreshes?: readonly (readonly string[])[];
  readonly onDone?: () => void;
}

/** A button whose deed is explained, asked about once more, and given a reason for the audit log. */
export function Confirmed(props: ConfirmedProps) {
  const { label, of, children, needs, isDangerous = false, reason, run, refreshes = [], onDone } = props;
  const t = useTexts(partsTexts);
  const name = of === undefined ? label : `${label}: ${of}`;
  const session = useSession();
  const client = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const [why, setWhy] = useState("");
  const deed = useMutation({
    mutationFn: () => run(why.trim()),
    onSuccess: async () => {
      close();
      setWhy("");
      await Promise.all(refreshes.map((queryKey) => client.invalidateQueries({ queryKey })));
      onDone?.();
    },
  });
  if (session === null || session === undefined || !may(session, needs)) return null;
  const colour = isDangerous ? { color: "red.9" } : {};
  return (
    <>
      <Button
        size="xs"
        variant={isDangerous ? "filled" : "default"}
        {...colour}
        aria-label={name}
        onClick={open}
      >
        {label}
      </Button>
      <DeedDialogue
        title={name}
        word={label}
        isOpen={isOpen}
        onClose={close}
        deed={deed}
        isDangerous={isDangerous}
      >
        {children}
        {reason !== undefined && (
          <TextInput
            label={t("reason")}
            description={t("reason-hint")}
            required={reason === "must"}
            maxLength={512}
            value={why}
            onChange={({ currentTarget }) => setWhy(currentTarget.value)}
          />
        )}
      </DeedDialogue>
    </>
  );
}
