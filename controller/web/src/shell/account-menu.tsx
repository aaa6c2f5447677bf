import { Box, Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import type { Session } from "../api/types.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Preferences } from "./preferences.tsx";
import { shellTexts } from "./shell.texts.ts";

export function AccountMenu({ session }: { readonly session: Session }) {
  const t = useTexts(shellTexts);
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => api.POST("/v1/portal/sign-out"),
    onSettled: () => {
      // Nothing of one user is left for the next.
      client.clear();
      location.assign("/sign-in");
    },
  });
  return (
    <Menu position="bottom-end" width={260} withinPortal>
      <Menu.Target>
        <Button variant="default" size="sm" aria-label={t("account", { user: session.user })}>
          {session.user}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Box p="xs">
          <Preferences />
        </Box>
        <Menu.Divider />
        <Menu.Item onClick={() => signOut.mutate()}>{t("sign-out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
