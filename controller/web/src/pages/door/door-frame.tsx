import { Container, Paper, Stack, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { Preferences } from "../../shell/preferences.tsx";

/** Around the pages of whoever is not signed in. */
export function DoorFrame({
  title,
  isWide = false,
  children,
}: {
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · vSIX`;
  }, [title]);
  return (
    <Container component="main" size={isWide ? 720 : 420} py="xl">
      <Stack>
        <Title order={1} size="h2">
          {title}
        </Title>
        <Paper withBorder p="lg">
          {children}
        </Paper>
        <Preferences />
      </Stack>
    </Container>
  );
}
