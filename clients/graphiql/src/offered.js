// The server writes what the page must know of it into the page; without any of it, a token can still be typed.
export const { personas = [], signIn, signOut, signedIn, trustedOnly = false } = JSON.parse(
  document.querySelector('meta[name="coalition"]')?.content ?? "{}",
);

export const headersOf = ({ token }) => ({ Authorization: `Bearer ${token}` });

export const firstHeaders = personas.length ? headersOf(personas[0]) : {};
