/** Of a page: styles that its library makes while it runs carry this text of the answer's own; nothing else inline is taken. */
export function pagePolicy(nonce: string, mayAsk: readonly string[] = []): string {
  return policy(`'self' 'nonce-${nonce}'`, mayAsk);
}

/** `mayAsk`: origins beside our own that pages may send requests to. */
function policy(styles: string, mayAsk: readonly string[] = []): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "font-src 'self'",
    ["connect-src 'self'", ...mayAsk].join(" "),
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * What browsers are told with every answer. Scripts, styles, pictures and connections are our own files alone, nothing inline;
 * nobody frames us; addresses of our pages are told to nobody (Content Security Policy Level 3, RFC 6797).
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": policy("'self'"),
  "strict-transport-security": "max-age=63072000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  // Answers are somebody's; a page's files will say otherwise.
  "cache-control": "no-store",
};
