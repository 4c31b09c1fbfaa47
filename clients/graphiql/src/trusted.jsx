import { trustedOnly } from "./offered.js";

const TEXT = "Only trusted documents are answered here: paste the exact text of one that was loaded.";

// The text that is sent is named by its hash, as a client program would name it.
export async function named(operation) {
  // Browsers hash for pages of this machine and pages over HTTPS only.
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
