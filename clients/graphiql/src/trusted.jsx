import { trustedOnly } from "./offered.js";

const TEXT = "This server accepts trusted documents only: paste the exact text of a loaded document.";

// Add the hash of the text as documentId, as a client program does.
export async function named(operation) {
  // Browsers provide crypto.subtle only to pages from this machine or over HTTPS.
  if (!trustedOnly || !operation.query || !globalThis.crypto?.subtle) return operation;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(operation.query));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { ...operation, documentId: `sha256:${hex}` };
}

export function TrustedOnly() {
  return trustedOnly ? (
    <span className="coalition-identity" role="note" style={{ cursor: "help" }} title={TEXT}>
      Trusted documents only
    </span>
  ) : null;
}
