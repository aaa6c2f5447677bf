import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** One of the ways in which a user proves who he is. */
export function ProofSection({
  title,
  lead,
  children,
}: {
  readonly title: string;
  readonly lead: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Stack component="section" aria-label={title} maw={560} gap="sm">
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text>{lead}</Text>
      {children}
    </Stack>
  );
}
