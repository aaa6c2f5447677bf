import { Alert, Anchor, AppShell, Burger, Group, Text } from "@mantine/core";
import { useDisclosure, useReducedMotion } from "@mantine/hooks";
import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import type { Session } from "../api/types.ts";
import { useTexts } from "../i18n/i18n.ts";
import { AccountMenu } from "./account-menu.tsx";
import { LiveMark } from "./live-mark.tsx";
import { Navigation } from "./navigation.tsx";
import { PageOutlet } from "./page-outlet.tsx";
import { PaletteButton } from "./palette-button.tsx";
import classes from "./shell.module.css";
import { shellTexts } from "./shell.texts.ts";

const AddedPasskeys = lazy(async () => ({
  default: (await import("../pages/my/added-passkeys.tsx")).AddedPasskeys,
}));

/** What is around every page of somebody who is signed in. */
export function Shell({ session }: { readonly session: Session }) {
  const t = useTexts(shellTexts);
  const isStill = useReducedMotion();
  const [isOpen, { toggle, close }] = useDisclosure();
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    // Who uses a keyboard or a screen reader begins a new page at its beginning.
    if (before.current !== path) main.current?.focus();
    before.current = path;
  }, [path]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding="md"
      transitionDuration={isStill ? 0 : 200}
    >
      <a className={classes["skip"]} href="#main">
        {t("skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t("open-navigation")}
            />
            <Text fw={700} size="lg">
              vSIX
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LiveMark />
            <PaletteButton session={session} />
            <AccountMenu session={session} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t("navigation")}>
        <Navigation session={session} onChosen={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes["main"]}>
        {session.wantsSecondFactor && (
          <Alert color="orange" mb="md">
            {t("second-factor-first")}{" "}
            <Anchor component={Link} href="/my/security" inherit underline="always">
              {t("second-factor-where")}
            </Anchor>
          </Alert>
        )}
        <Suspense>
          <AddedPasskeys sinceMs={Date.parse(session.createdAt)} />
        </Suspense>
        <PageOutlet session={session} />
      </AppShell.Main>
    </AppShell>
  );
}
