import { Center, Loader } from "@mantine/core";
import { lazy, Suspense, useEffect } from "react";
import { useLocation } from "wouter";
import { useSession } from "../api/queries.ts";
import { useLanguage, useTexts } from "../i18n/i18n.ts";
import { InvitationPage } from "../pages/door/invitation.tsx";
import { SignInPage } from "../pages/door/sign-in.tsx";
import { shellTexts } from "./shell.texts.ts";
import { Shell } from "./shell.tsx";

const OidcPage = lazy(async () => ({ default: (await import("../pages/door/oidc.tsx")).OidcPage }));
const OncePage = lazy(async () => ({ default: (await import("../pages/door/once.tsx")).OncePage }));

/**
 * Whoever is not signed in sees the page for that at every address, and then what he wanted. An invitation is for who opens it,
 * whoever is signed in.
 */
export function Door() {
  const session = useSession();
  const [path, navigate] = useLocation();
  const t = useTexts(shellTexts);
  useLanguage();
  const isArrived = session !== null && session !== undefined && (path === "/" || path === "/sign-in");
  const home = session?.scopes.some((scope) => scope === "read" || scope === "admin") ? "/noc" : "/my";
  useEffect(() => {
    if (isArrived) navigate(home, { replace: true });
  }, [isArrived, home, navigate]);
  if (path === "/invitation") return <InvitationPage />;
  if (path === "/oidc")
    return (
      <Suspense>
        <OidcPage />
      </Suspense>
    );
  if (path === "/once")
    return (
      <Suspense>
        <OncePage />
      </Suspense>
    );
  if (session === undefined || isArrived)
    return (
      <Center h="100vh">
        <Loader aria-label={t("loading")} />
      </Center>
    );
  return session === null ? <SignInPage /> : <Shell session={session} />;
}
