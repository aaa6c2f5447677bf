import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./mark.module.css";

export type Tone = "good" | "bad" | "warning" | "plain";

/** A state in words, with a mark whose shape and colour say the same: nobody has to tell colours apart. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <Group gap={6} wrap="nowrap" data-tone={tone}>
      <span aria-hidden="true" className={classes[tone]}>
        {SHAPES[tone]}
      </span>
      <Text span size="sm">
        {children}
      </Text>
    </Group>
  );
}

const SHAPES: Readonly<Record<Tone, string>> = { good: "●", bad: "✖", warning: "▲", plain: "○" };
