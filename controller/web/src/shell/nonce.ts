/**
 * What styles made by the page itself have to carry to be taken (Content Security Policy Level 3, section 8.3): the controller
 * puts another one into each answer. Browsers hide the attribute from scripts that look for it; the property they show.
 */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

// The library that keeps the page behind a dialogue from scrolling looks for it here.
Object.assign(globalThis, { __webpack_nonce__: nonce });
