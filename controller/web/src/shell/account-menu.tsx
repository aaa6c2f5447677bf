import { Button, Popover, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import type { Session } from "../api/types.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Preferences } from "./preferences.tsx";
import { shellTexts } from "./shell.texts.ts";

/** Who is signed in, language and colours, and the way out. */
export function AccountMenu({ session }: { readonly session: Session }) {
  const t = useTexts(shellTexts);
  const client = useQueryClient();
  const name = t("account", { user: session.user });
  const signOut = useMutation({
    mutationFn: () => api.POST("/v1/portal/sign-out"),
    onSettled: () => {
      // Nothing of one user is left for the next.
      client.clear();
      location.assign("/sign-in");
    },
  });
  return (
    <Popover position="bottom-end" width={260} trapFocus returnFocus withinPortal={false}>
      <Popover.Target>
        <Button variant="default" size="sm" maw={180} aria-label={name}>
          {session.user}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Stack>
          <Preferences />
          <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
            {t("sign-out")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
