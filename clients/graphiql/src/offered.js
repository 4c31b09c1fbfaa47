// The server writes this data into the page. Without it, the user can still type a token.
export const { personas = [], signIn, signOut, signedIn, trustedOnly = false } = JSON.parse(
  document.querySelector('meta[name="coalition"]')?.content ?? "{}",
);

export const headersOf = ({ token }) => ({ Authorization: `Bearer ${token}` });

export const firstHeaders = personas.length ? headersOf(personas[0]) : {};
